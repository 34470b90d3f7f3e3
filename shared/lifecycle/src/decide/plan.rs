//! What is to be written of a customer after a decision, and which messages are to be processed then.

use super::decision::Decision;
use crate::customer::Customer;
use crate::id::MessageId;
use jiff::{SignedDuration, Timestamp};

/// Open messages younger than this are put on the queue again by any decision, in case the one that created them stopped before
/// it did.
const FRESH_MESSAGE: SignedDuration = SignedDuration::from_mins(10);

/// What is to be written of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The customer as decided.
    pub customer: Customer,
    /// The decision, without the record, which is the customer's now.
    pub decision: Decision,
    /// Whether the customer has to be written.
    pub changes: bool,
}

impl Plan {
    /// Plans to write a customer as decided. `is_news` says that they have to be written in any case.
    #[must_use]
    pub fn new(mut customer: Customer, is_news: bool, mut decision: Decision, now: Timestamp) -> Self {
        let due_at = customer.due_at_to_store(decision.due_at, now);
        let decided = decision.decided.take();
        let changes = is_news
            || customer.version == 0
            || decision.stage != customer.stage
            || due_at != customer.due_at
            || decided.as_ref().is_some_and(|decided| {
                // When to look next follows from the rest; alone it is worth a write only if it moves `due_at`.
                let mut same = decided.clone();
                same.next_at = customer.decided.next_at;
                same != customer.decided
            });
        customer.stage = decision.stage;
        customer.stage_since = decision.stage_since;
        customer.due_at = due_at;
        if let Some(decided) = decided {
            customer.decided = decided;
        }
        Self { customer, decision, changes }
    }

    /// The messages that are to be processed now: those just created, those whose check is due, and open ones that are so young
    /// that their place on the queue may have been lost. Each once, by id.
    #[must_use]
    pub fn messages_to_process(&self, now: Timestamp) -> Vec<&MessageId> {
        let contacts = self.customer.decided.contacts.iter();
        let fresh =
            contacts.filter(|contact| contact.check_at.is_some() && now.duration_since(contact.at) < FRESH_MESSAGE);
        let mut ids: Vec<&MessageId> = fresh.map(|contact| &contact.message).collect();
        ids.extend(&self.decision.rechecks);
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel;
    use crate::customer::Contact;
    use crate::decide::decide;
    use crate::id::{CustomerId, ShopId};
    use crate::policy::Policy;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    fn contact(letter: char, created: i64, check_at: Option<i64>) -> Contact {
        let message = MessageId::parse(&letter.to_string().repeat(26)).expect("an id");
        Contact { message, channel: Channel::Email, at: at(created), check_at: check_at.map(at) }
    }

    fn plan(contacts: Vec<Contact>, version: u64, now: i64) -> Plan {
        let (shop, id) = (ShopId::parse("vinyl").expect("an id"), CustomerId::parse("anna").expect("an id"));
        let mut customer = Customer { version, ..Customer::new(shop, id) };
        customer.decided.contacts = contacts;
        let decision = decide(Policy::built_in(), &customer, at(now));
        Plan::new(customer, false, decision, at(now))
    }

    #[test]
    fn messages_are_processed_when_they_are_young_or_their_check_is_due_and_each_once() {
        let now = 100_000;
        let contacts = vec![
            contact('a', now - 599, Some(now + 3_000)),
            contact('b', now - 601, Some(now + 3_000)),
            contact('c', now - 9_000, Some(now)),
            contact('d', now - 10, Some(now - 1)),
            contact('e', now - 10, None),
        ];
        let plan = plan(contacts, 1, now);
        let found: Vec<&str> = plan.messages_to_process(at(now)).into_iter().map(|id| &id.as_str()[..1]).collect();
        assert_eq!(found, ["a", "c", "d"], "b is on its queue, e went out");
    }

    #[test]
    fn a_customer_is_written_when_they_are_new_or_anything_changed() {
        assert!(plan(Vec::new(), 0, 5).changes, "a new one");
        assert!(!plan(Vec::new(), 1, 5).changes, "nothing is due, nothing happened");
        let due = plan(vec![contact('a', 5, Some(7))], 1, 7);
        assert!(due.changes && due.customer.due_at > Some(at(7)), "the check was moved");
    }
}

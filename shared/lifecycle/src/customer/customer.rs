//! A customer: what the facts say, folded, and what was decided, recorded.

use super::decided::Decided;
use super::folded::Folded;
use crate::facts::Marks;
use crate::id::{CustomerId, MessageId, ShopId};
use crate::message::{Message, MessageState, NextAction, QUEUED_CHECK};
use crate::reason::Reason;
use crate::stage::Stage;
use jiff::Timestamp;

/// A customer of a shop.
///
/// The first half is a fold of facts: the same facts give the same values in any order, any number of
/// times. The second half is a record of decisions, which no replay takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The shop.
    pub shop: ShopId,
    /// The customer, as the shop names them.
    pub id: CustomerId,
    /// How often the item was written; 0 for a customer that is not stored yet.
    pub version: u64,
    /// When the next decision about the customer is due, as stored.
    pub due_at: Option<Timestamp>,
    /// The stage as last recorded.
    pub stage: Stage,
    /// Since when.
    pub stage_since: Option<Timestamp>,
    /// When an earlier customer of this id was erased: nothing up to that instant is about this one.
    pub erased_at: Option<Timestamp>,
    /// What the facts say.
    pub folded: Folded,
    /// What was decided.
    pub decided: Decided,
}

impl Customer {
    /// Returns a customer without any facts yet.
    #[must_use]
    pub fn new(shop: ShopId, id: CustomerId) -> Self {
        Self {
            shop,
            id,
            version: 0,
            due_at: None,
            stage: Stage::Prospect,
            stage_since: None,
            erased_at: None,
            folded: Folded::default(),
            decided: Decided::default(),
        }
    }

    /// Applies the state of a message: an open one keeps its place under the frequency cap and is checked in time, one
    /// that the provider took over counts from then, one that was withdrawn gives its place back. Returns whether that
    /// changed anything; it does not if the state was applied before, or the message no longer counts.
    pub fn settle(&mut self, message: &Message, now: Timestamp) -> bool {
        let Some(index) = self.decided.contacts.iter().position(|contact| contact.message == message.id) else {
            return false;
        };
        let contact = &mut self.decided.contacts[index];
        let before = contact.clone();
        if message.state.is_open() {
            contact.check_at = Some(match message.next_action(now, None) {
                NextAction::Wait(until) => until,
                _ => QUEUED_CHECK.after(now),
            });
            return *contact != before;
        }
        if message.state.was_accepted() || message.state == MessageState::Unconfirmed {
            contact.at = message.accepted_at.or(message.unknown_since).unwrap_or(now);
            contact.check_at = None;
            if *contact == before {
                return false;
            }
        } else {
            self.decided.contacts.remove(index);
        }
        // A step that waits for a place under the cap may know better now when it gets one.
        if self.decided.runs.values().any(|run| run.held_by == Some(Reason::FrequencyCap)) {
            self.decided.next_at = Some(self.decided.next_at.map_or(now, |next| next.min(now)));
        }
        true
    }

    /// Moves the check of an open message. Returns whether that changed anything.
    pub fn check_again(&mut self, message: &MessageId, at: Timestamp) -> bool {
        let contact = self.decided.contacts.iter_mut().find(|contact| contact.message == *message);
        contact.filter(|contact| contact.check_at.is_some_and(|check_at| check_at != at)).is_some_and(|contact| {
            contact.check_at = Some(at);
            true
        })
    }

    /// Returns the due time to store, given the one that the decision wants. One that is stored and too early stays: it
    /// costs at most one idle look, and moving it costs two more write units each time.
    #[must_use]
    pub fn due_at_to_store(&self, wanted: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        match (self.due_at, wanted) {
            (Some(stored), Some(wanted)) if now < stored && stored <= wanted => Some(stored),
            (Some(stored), None) if now < stored => Some(stored),
            (_, wanted) => wanted,
        }
    }

    /// Returns the customer's identifying marks, as digests to compare with those of friends who used this code.
    #[must_use]
    pub fn marks(&self, code: &str) -> Marks {
        let Folded { profile, ship_to, .. } = &self.folded;
        let email = profile.email.as_ref().map(|email| &email.value);
        let phone = profile.phone.as_ref().map(|phone| &phone.value);
        Marks::for_code(code, &self.id, email, phone, ship_to.as_ref().map(|ship_to| ship_to.value.as_str()))
    }

    /// Returns when the next decision about the customer is due, given those so far: at the next change, or at the
    /// first check of an open message.
    #[must_use]
    pub fn needs_attention_at(&self) -> Option<Timestamp> {
        let checks = self.decided.contacts.iter().filter_map(|contact| contact.check_at);
        checks.chain(self.decided.next_at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    #[test]
    fn a_stored_due_time_moves_only_when_it_has_to() {
        let (shop, id) = (ShopId::parse("vinyl").expect("an id"), CustomerId::parse("anna").expect("an id"));
        let now = at(100);
        for (stored, wanted, result) in [
            (None, None, None),
            (None, Some(150), Some(150)),
            // Stored earlier than needed: left alone, at the cost of one idle advance.
            (Some(120), Some(150), Some(120)),
            (Some(150), Some(150), Some(150)),
            (Some(120), None, Some(120)),
            // Stored later than needed, or past: written.
            (Some(150), Some(120), Some(120)),
            (Some(100), Some(150), Some(150)),
            (Some(100), None, None),
            (Some(90), None, None),
        ] {
            let customer = Customer { due_at: stored.map(at), ..Customer::new(shop.clone(), id.clone()) };
            assert_eq!(customer.due_at_to_store(wanted.map(at), now), result.map(at), "{stored:?} {wanted:?}");
        }
    }
}

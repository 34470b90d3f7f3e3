//! What is to be written of a customer.

use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::Decision;

/// What is to be written of a customer.
pub(crate) struct Plan {
    pub(crate) customer: Customer,
    pub(crate) decision: Decision,
    /// Whether the customer has to be written.
    pub(crate) changes: bool,
}

impl Plan {
    /// Plans to write a customer as decided. `is_news` says that they have to be written in any case.
    pub(crate) fn new(mut customer: Customer, is_news: bool, mut decision: Decision, now: Timestamp) -> Self {
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
}

//! Takes a decision, and applies it to the customer as `advance` does.

use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Decision, decide};
use rekindle_lifecycle::policy::Policy;

pub(crate) fn take_decision(policy: &Policy, customer: &mut Customer, now: Timestamp) -> Decision {
    let decision = decide(policy, customer, now);
    customer.stage = decision.stage;
    customer.stage_since = decision.stage_since;
    customer.due_at = decision.due_at;
    if let Some(decided) = &decision.decided {
        customer.decided = decided.clone();
    }
    decision
}

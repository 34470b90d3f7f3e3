//! What comes next for a customer, if nothing happens meanwhile: the engine's own decision, played forward from now.
//!
//! Nothing is written. It is a forecast: an order, a click or a refusal changes it, and so does another policy; and of a message that
//! is to go out it is not known here whether its mailbox is full by then.

use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Entry, Plan, decide};
use rekindle_lifecycle::policy::Policy;
use serde_json::{Value, json};

/// Most decisions that are played.
const MAX_DECISIONS: usize = 40;
/// Most things that are named.
const MAX_NAMED: usize = 8;

/// What would happen from now on, in the order of time: changes of the stage, messages that would be created, and those that would not
/// be sent, each with its reason.
pub(crate) fn forecast(policy: &Policy, customer: &Customer, now: Timestamp) -> Vec<Value> {
    let mut found = Vec::new();
    let (mut customer, mut at) = (customer.clone(), now);
    for _ in 0..MAX_DECISIONS {
        let decision = decide(policy, &customer, at);
        let due_at = decision.due_at;
        found.extend(decision.entries.iter().filter_map(|entry| named(entry, at)));
        if found.len() >= MAX_NAMED {
            found.truncate(MAX_NAMED);
            break;
        }
        customer = Plan::new(customer, false, decision, at).customer;
        customer.version += 1;
        // What is open now is settled by then, as far as can be told from here.
        customer.decided.contacts.iter_mut().for_each(|contact| contact.check_at = None);
        match due_at.filter(|due_at| *due_at > at) {
            Some(due_at) => at = due_at,
            None => break,
        }
    }
    found
}

fn named(entry: &Entry, at: Timestamp) -> Option<Value> {
    match entry {
        Entry::Transition { from, to, because, .. } => {
            Some(json!({ "at": at, "what": "stage", "from": from, "to": to, "because": because }))
        }
        Entry::Created { journey, step, channel, because, .. } => Some(json!({
            "at": at, "what": "message", "journey": journey, "step": step, "channel": channel, "because": because,
        })),
        Entry::NotSent { journey, step, reason, because } => Some(json!({
            "at": at, "what": "not_sent", "journey": journey, "step": step, "reason": reason,
            "because": because.as_deref().unwrap_or(reason.sentence()),
        })),
        Entry::RunStarted { .. } | Entry::RunEnded { .. } | Entry::ReferralRefused { .. } | Entry::Unrecognised(_) => {
            None
        }
    }
}

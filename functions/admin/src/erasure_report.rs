//! What a call to erase a customer has done, as the caller is told.

use serde_json::{Value, json};

/// What remains of every erased customer, listed in every response.
const REMAINS: [&str; 4] = [
    "keyed fingerprints of the addresses, on the suppression list",
    "keyed fingerprints of the id, the addresses and the orders, so that nothing from before comes back",
    "numbers in reports: messages, reasons and scores without the person, by day",
    "requests that were refused and name neither their id nor an address of theirs, for at most 90 days",
];

/// What one call has done.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What is left for the next call; nothing if everything is gone.
    pub(crate) pending: Vec<&'static str>,
    pub(crate) removed: Removed,
}

/// How many things were removed.
#[derive(Debug, Default)]
pub(crate) struct Removed {
    pub(crate) facts: u32,
    pub(crate) messages: u32,
    pub(crate) decisions: u32,
    pub(crate) tasks: u32,
    pub(crate) refused: u32,
    pub(crate) deliveries: u32,
    pub(crate) other: u32,
}

impl Report {
    /// Whether everything is gone.
    pub(crate) fn is_complete(&self) -> bool {
        self.pending.is_empty()
    }

    /// This and what was done after it under another id.
    pub(crate) fn and(self, next: Self) -> Self {
        let (one, other) = (self.removed, next.removed);
        let removed = Removed {
            facts: one.facts + other.facts,
            messages: one.messages + other.messages,
            decisions: one.decisions + other.decisions,
            tasks: one.tasks + other.tasks,
            refused: one.refused + other.refused,
            deliveries: one.deliveries + other.deliveries,
            other: one.other + other.other,
        };
        Self { pending: next.pending, removed }
    }

    pub(crate) fn to_json(&self) -> Value {
        let Removed { facts, messages, decisions, tasks, refused, deliveries, other } = self.removed;
        json!({
            "erased": self.is_complete(),
            "pending": self.pending,
            "removed": { "facts": facts, "messages": messages, "decisions": decisions, "tasks": tasks,
                "refused": refused, "deliveries": deliveries, "other": other },
            "kept": REMAINS,
        })
    }
}

//! What one decision may take. A decision that would take more is cut: what it did not come to is decided a moment later, by the
//! next one.

use super::planner::Planner;
use crate::time::Period;

/// Most messages that one decision creates. With the customer and the record of the decision they are one transaction of the
/// database, which takes 100 items and 4 MB.
pub const MAX_MESSAGES: usize = 20;
/// From this many entries on no further step is decided on. The record of a decision is one item of at most 400 KB.
pub const MAX_ENTRIES: usize = 300;
/// From this many steps on no further step of a journey is decided on. A step is something looked at: a journey, a step of a journey, a
/// condition, a message under the frequency cap, a zone.
pub const MAX_DECISION_STEPS: usize = 100_000;
/// How soon the next decision goes on with what one did not come to.
const CONTINUES_AFTER: Period = Period::seconds(60);

impl Planner<'_> {
    /// Counts what was looked at.
    pub(super) fn count(&mut self, steps: usize) {
        self.steps += steps;
    }

    /// Whether the decision has taken what it may. Then another one follows soon.
    pub(super) fn is_full(&mut self) -> bool {
        let full = self.messages.len() >= MAX_MESSAGES
            || self.entries.len() >= MAX_ENTRIES
            || self.steps >= MAX_DECISION_STEPS;
        if full {
            self.is_cut = true;
            self.note_next_change(CONTINUES_AFTER.after(self.now));
        }
        full
    }
}

//! Conditions of a run that end it or skip a step.

use serde::{Deserialize, Serialize};

/// Something that happened since the run started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The customer ordered on a later day than the one the run started on (split orders are one
    /// purchase).
    Ordered,
    /// The customer followed a link of this run, came to the shop, or wrote back. An open is no reaction.
    Reacted,
    /// The customer followed a link of this run.
    Clicked,
    /// The customer wrote back.
    Replied,
    /// The customer answered the NPS question.
    Answered,
}

//! From when until when a plan goes.

use jiff::Timestamp;

/// From when until when a plan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The policy is switched on at this instant: what happened before is there already and comes as the orders of an import do.
    pub from: Timestamp,
    /// The plan ends with this instant, and takes in no fact from it on.
    pub until: Timestamp,
}

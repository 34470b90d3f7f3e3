//! What a plan says about one customer.

use jiff::Timestamp;
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::stage::Stage;

/// What a plan says about one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The customer's main id.
    pub id: CustomerId,
    /// The stage at the end.
    pub stage: Stage,
    /// The orders that count at the end.
    pub orders: u32,
    /// The messages that went out, in the order of time.
    pub messages: Vec<Sent>,
}

/// A message that went out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// The journey.
    pub journey: String,
    /// Its step.
    pub step: String,
}

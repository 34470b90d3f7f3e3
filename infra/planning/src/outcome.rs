//! What a plan says about one customer.

use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::stage::Stage;
use std::collections::BTreeMap;

/// What a plan says about one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The customer's main id.
    pub id: CustomerId,
    /// The stage at the end.
    pub stage: Stage,
    /// The orders that count at the end.
    pub orders: u32,
    /// Messages that went out, by journey and step.
    pub messages: BTreeMap<(String, String), u64>,
}

//! How often a customer may be written to.

use crate::time::Period;
use serde::Deserialize;

/// How often a customer may be written to, over all channels and journeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrequencyCap {
    /// The sliding window.
    pub window: Period,
    /// Messages in any such window.
    pub total: usize,
    /// Text messages among them.
    pub sms: usize,
    /// Least time between two messages.
    pub min_gap: Period,
}

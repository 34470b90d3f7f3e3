//! What makes a customer new, active, loyal, inactive or lapsed.

use crate::time::{OffSeason, Period};
use serde::Deserialize;

/// What makes a customer new, active, loyal, inactive or lapsed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRules {
    /// How long a first order makes a customer new.
    pub honeymoon: Period,
    /// Silence that makes a customer inactive while their cadence is unknown.
    pub inactive_after: Period,
    /// Occasions from which on the cadence is known; at least 2.
    pub cadence_from: u32,
    /// How many usual gaps of silence make a customer inactive.
    pub cadence_factor: u32,
    /// Lower bound of that silence.
    pub inactive_at_least: Period,
    /// Upper bound of that silence.
    pub inactive_at_most: Period,
    /// How many times that silence makes a customer lapse; at least 1.
    pub lapsed_factor: u32,
    /// Occasions that make a customer loyal, at most 3.
    pub loyal_occasions: u32,
    /// How recent those occasions must be.
    pub loyal_window: Period,
    /// How much longer the silence of a customer who reacted may be.
    pub reaction_allowance: Period,
    /// Days that are not silence.
    pub off_season: Vec<OffSeason>,
}

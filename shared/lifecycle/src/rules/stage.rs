//! What makes a customer new, active, loyal, inactive or lapsed.

use crate::time::{OffSeason, Period};
use serde::Deserialize;

/// What makes a customer new, active, loyal, inactive or lapsed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRules {
    /// How long a first order makes a customer new.
    pub honeymoon: Period,
    /// Time without an order that makes a customer inactive while their cadence is unknown.
    pub inactive_after: Period,
    /// Days with an order from which on the cadence is known; at least 2.
    pub cadence_from: u32,
    /// How many usual gaps without an order make a customer inactive.
    pub cadence_factor: u32,
    /// Lower bound of that time.
    pub inactive_at_least: Period,
    /// Upper bound of that time.
    pub inactive_at_most: Period,
    /// How many times that time makes a customer lapse; at least 1.
    pub lapsed_factor: u32,
    /// Days with an order that make a customer loyal, at most 3.
    pub loyal_occasions: u32,
    /// How recent those days must be.
    pub loyal_window: Period,
    /// How much longer a customer who reacted may go without an order.
    pub reaction_allowance: Period,
    /// Days of the year on which the shop is closed; they do not count as time without an order.
    pub off_season: Vec<OffSeason>,
}

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
    /// How long customers of each class may go without an order, where the shop has learned it: then nothing else decides.
    #[serde(default)]
    pub silence: SilenceByClass,
}

impl StageRules {
    /// How long customers with this many days with an order may go without another, as long as their own cadence does not decide.
    #[must_use]
    pub fn silence_without_cadence(&self, occasions: u32) -> Silence {
        self.silence.after(occasions).unwrap_or_else(|| self.silence_from(self.inactive_after))
    }

    /// Both times of customers who are inactive after this one.
    pub(crate) fn silence_from(&self, inactive: Period) -> Silence {
        Silence { inactive, lapsed: inactive.times(self.lapsed_factor) }
    }
}

/// Time without an order by the number of days with one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SilenceByClass {
    /// Of customers with one day with an order.
    pub first: Option<Silence>,
    /// Of those with two.
    pub second: Option<Silence>,
    /// Of those with three or more.
    pub regular: Option<Silence>,
}

/// How long a customer may go without an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Time without an order that makes a customer inactive.
    pub inactive: Period,
    /// Time without an order that makes a customer lapse; at least as long.
    pub lapsed: Period,
}

impl SilenceByClass {
    /// What holds for a customer with this many days with an order, if it was learned.
    #[must_use]
    pub const fn after(&self, occasions: u32) -> Option<Silence> {
        match occasions {
            0 | 1 => self.first,
            2 => self.second,
            _ => self.regular,
        }
    }

    /// The classes for which it was learned, with the names that a policy gives them.
    pub fn known(&self) -> impl Iterator<Item = (&'static str, Silence)> + use<> {
        let classes = [("first", self.first), ("second", self.second), ("regular", self.regular)];
        classes.into_iter().filter_map(|(name, silence)| Some((name, silence?)))
    }
}

//! Which customers journeys leave out, and when.

use crate::time::Period;
use serde::Deserialize;

/// The shares of customers who are left out, between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Of each journey, drawn per journey.
    pub holdout: f64,
    /// Of everything, drawn once.
    pub control_group: f64,
}

/// What to do with answers to the NPS question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NpsRules {
    /// How long a customer who answered 0 to 6 gets no offer.
    pub detractor_pause: Period,
}

/// What to do with history that arrives late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRules {
    /// Age from which on a fact starts no journey.
    pub late_after: Period,
    /// Time over which imported customers are taken into journeys.
    pub activation_window: Period,
}

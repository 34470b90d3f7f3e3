//! The shop's rhythm, and what it says of one customer.

use super::own_gaps::OwnGaps;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// How the logarithms of gaps, in days, scatter in a shop.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GapPrior {
    /// The mean of all.
    pub mu: f64,
    /// The variance around each customer's mean.
    pub var_within: f64,
    /// The variance of the customers' means.
    pub var_between: f64,
}

/// How long a customer's gap, from the last day with an order on, is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Predicted {
    /// The mean of its logarithm.
    pub log_mean: f64,
    /// The variance of its logarithm.
    pub variance: f64,
}

/// What an 80 % interval is wide on either side, in standard deviations.
const Z_80: f64 = 1.281_551_565_544_6;

impl GapPrior {
    /// How many gaps of a customer weigh as much as what is known of all others; nothing if customers do not differ.
    #[must_use]
    pub fn gaps_of_prior(&self) -> Option<f64> {
        (self.var_between > 0.0).then(|| self.var_within / self.var_between)
    }

    /// The next gap of a customer with these gaps so far: their mean, drawn towards the shop's the more, the fewer they are.
    #[must_use]
    pub fn predict(&self, own: &OwnGaps) -> Predicted {
        let count = f64::from(own.count);
        let (mine, all) = (count * self.var_between, count * self.var_between + self.var_within);
        // If nothing varies, every mean is the same.
        let weight = if all > 0.0 { mine / all } else { 0.0 };
        let own_mean = if own.count > 0 { own.sum / count } else { self.mu };
        let of_mean = if all > 0.0 { self.var_between * self.var_within / all } else { 0.0 };
        Predicted { log_mean: weight * own_mean + (1.0 - weight) * self.mu, variance: self.var_within + of_mean }
    }
}

impl Predicted {
    /// The gap, in days, that is as likely too long as too short.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.log_mean.exp()
    }

    /// The gap, in days, falls between these with 80 %.
    #[must_use]
    pub fn interval_80(&self) -> (f64, f64) {
        let half = Z_80 * self.variance.sqrt();
        ((self.log_mean - half).exp(), (self.log_mean + half).exp())
    }

    /// The chance that the gap is at most this many days.
    #[must_use]
    pub fn chance_within(&self, days: f64) -> f64 {
        if self.variance <= 0.0 {
            return if days >= self.median() { 1.0 } else { 0.0 };
        }
        if days > 0.0 { Normal::standard().cdf((days.ln() - self.log_mean) / self.variance.sqrt()) } else { 0.0 }
    }

    /// The days that the gap exceeds with a chance of `1 - share`, if it has lasted `silence` days already.
    #[must_use]
    pub fn quantile_after(&self, silence: f64, share: f64) -> f64 {
        let passed = self.chance_within(silence);
        let at = (passed + share * (1.0 - passed)).clamp(1e-12, 1.0 - 1e-12);
        let days = (self.log_mean + Normal::standard().inverse_cdf(at) * self.variance.sqrt()).exp();
        days.max(silence)
    }
}

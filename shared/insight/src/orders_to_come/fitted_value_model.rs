//! A fitted model of values as it is reported.

use super::gamma_gamma::{ValueFit, ValueGroup, ValueParameters};
use super::minimum::Missing;
use super::totals::Total;
use crate::estimate::{Because, Estimate, Needs};
use crate::numeric::{pearson, spearman};
use crate::statistics::{Z, float};
use serde::Serialize;

/// Gamma-Gamma with its intervals, in whole units of the currency.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FittedValueModel {
    /// See [`super::ValueParameters::p`].
    pub p: Estimate,
    /// See [`super::ValueParameters::q`].
    pub q: Estimate,
    /// See [`super::ValueParameters::gamma`].
    pub gamma: Estimate,
    /// The logarithm of the likelihood under them, as a density of values in whole units.
    pub log_likelihood: Option<f64>,
    /// Customers with a paid order after the first.
    pub customers: u64,
    /// What an order is worth on average to the shop: the expectation for customers without repeated orders.
    pub population_mean: Estimate,
    /// Correlation of the ranks of repeats and mean value.
    pub spearman_x_vs_m: Estimate,
    /// Correlation of repeats and mean value.
    pub pearson: Estimate,
    /// Whether values depend on how often customers order so much that the model, which takes them as independent, is off.
    pub values_depend_on_frequency: bool,
}

/// A rank correlation above this is a warning.
const MAX_CORRELATION: f64 = 0.3;

impl FittedValueModel {
    /// The parameters, to value customers' orders with; `gamma` is in whole units of the currency.
    #[must_use]
    pub fn parameters(&self) -> Option<ValueParameters> {
        Some(ValueParameters { p: self.p.value?, q: self.q.value?, gamma: self.gamma.value? })
    }

    /// Fits the model to values in whole units.
    pub(super) fn new(groups: &[ValueGroup]) -> (Self, Result<ValueFit, Missing>) {
        let customers: u64 = groups.iter().map(|group| group.customers).sum();
        let fit = enough(customers).and_then(|()| ValueFit::new(groups).map_err(Missing::from));
        let spearman = spearman(&pairs(groups));
        let estimates = match &fit {
            Ok(fit) => {
                let [p, q, gamma] = fit.totals(|at| [at.p, at.q, at.gamma]);
                let [mean] = fit.totals(|at| [at.expected_value(0, 0.0)]);
                [p, q, gamma, mean].map(|total: Total| total.estimate(customers))
            }
            Err(missing) => [missing.estimate(customers); 4],
        };
        let [p, q, gamma, population_mean] = estimates;
        let report = Self {
            p,
            q,
            gamma,
            log_likelihood: fit.as_ref().ok().map(|fit| fit.log_likelihood),
            customers,
            population_mean,
            spearman_x_vs_m: correlation(spearman, customers),
            pearson: correlation(pearson(&pairs(groups)), customers),
            values_depend_on_frequency: spearman.is_some_and(|correlation| correlation > MAX_CORRELATION),
        };
        (report, fit)
    }
}

/// A fit needs as many customers with values as there have to be who came back.
fn enough(customers: u64) -> Result<(), Missing> {
    match super::minimum::MIN_REPEATERS.saturating_sub(customers) {
        0 => Ok(()),
        more => Err(Missing::new(Because::TooFewReturned, Needs::Returned(more))),
    }
}

fn pairs(groups: &[ValueGroup]) -> Vec<(f64, f64, u64)> {
    groups.iter().map(|group| (f64::from(group.repeats), group.mean, group.customers)).collect()
}

/// With the interval of Fisher's transformation.
fn correlation(correlation: Option<f64>, n: u64) -> Estimate {
    let Some(value) = correlation else {
        return Estimate::not_yet(n, Because::NothingToCompare, Needs::OtherData);
    };
    // Rounding may leave a perfect correlation a little outside.
    let value = value.clamp(-1.0, 1.0);
    let half = Z / (float(n) - 3.0).max(1.0).sqrt();
    let end = |by: f64| (value.atanh() + by).tanh();
    Estimate::from_enough(value, end(-half), end(half), n)
}

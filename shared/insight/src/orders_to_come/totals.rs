//! Intervals for what follows from fitted parameters.

use super::fit::Fit;
use super::gamma_gamma::{ValueFit, ValueParameters};
use super::model::Parameters;
use crate::estimate::Estimate;
use crate::numeric::Symmetric;
use crate::statistics::Z;

/// A number above zero that follows from fitted parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Total {
    pub(super) value: f64,
    /// Standard error of its logarithm.
    pub(super) log_error: f64,
}

/// Change of a parameter's logarithm by which slopes are measured: exact enough for an interval.
const STEP: f64 = 1e-4;

impl Fit {
    /// What `of` says under the fitted parameters. Errors by the delta method: the slopes by the logarithms of the parameters,
    /// through their covariance.
    pub(super) fn totals<const N: usize>(&self, of: impl Fn(Parameters) -> [f64; N]) -> [Total; N] {
        propagate(&self.parameters.to_logs(), &self.covariance, |logs| of(Parameters::from_logs(logs)))
    }
}

impl ValueFit {
    /// The same for the model of values.
    pub(super) fn totals<const N: usize>(&self, of: impl Fn(ValueParameters) -> [f64; N]) -> [Total; N] {
        propagate(&self.parameters.to_logs(), &self.covariance, |logs| of(ValueParameters::from_logs(logs)))
    }
}

impl Total {
    /// The number with its interval, which says how well the parameters are known, and nothing of how well the model fits.
    pub(super) fn estimate(self, n: u64) -> Estimate {
        self.within(n, 1.0)
    }

    /// The same with an interval that reaches at least `factor` times as far up and down.
    pub(super) fn within(self, n: u64, factor: f64) -> Estimate {
        let reach = (Z * self.log_error).exp().max(factor);
        Estimate::shown(self.value, self.value / reach, self.value * reach, n)
    }
}

fn propagate<const N: usize>(logs: &[f64], covariance: &Symmetric, of: impl Fn(&[f64]) -> [f64; N]) -> [Total; N] {
    let values = of(logs);
    let mut slopes = vec![vec![0.0; logs.len()]; N];
    for row in 0..logs.len() {
        let mut moved = logs.to_vec();
        moved[row] += STEP;
        for (place, above) in of(&moved).into_iter().enumerate() {
            slopes[place][row] = (above - values[place]) / STEP;
        }
    }
    std::array::from_fn(|place| {
        let value = values[place];
        let error = covariance.quadratic_form(&slopes[place]).max(0.0).sqrt();
        Total { value, log_error: if value > 0.0 { error / value } else { 0.0 } }
    })
}

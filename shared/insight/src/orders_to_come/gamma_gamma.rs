//! Gamma-Gamma: what an order of a customer is worth on average.
//!
//! The value of a customer's orders is gamma distributed with shape `p` around a mean of their own, which differs between customers:
//! its scale is inversely gamma distributed with shape `q` and scale `gamma`. With the mean value `m` of `x` repeated orders
//!
//! ```text
//! ln L = ln G(px+q) - ln G(px) - ln G(q) + q ln gamma + (px-1) ln m + px ln x - (px+q) ln(gamma + x m)
//! value(x, m) = p (gamma + x m) / (p x + q - 1)
//! ```
//!
//! Fader, Hardie: The Gamma-Gamma Model of Monetary Value (2013). The model takes values and frequency as independent.

use super::fit::{MAX_LOG_PARAMETER, NoFit};
use crate::numeric::{Derivatives, NoMinimum, Symmetric, minimise};
use serde::{Deserialize, Serialize};
use special::Gamma;

/// Customers with equally many repeated orders of the same mean value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueGroup {
    /// Days with an order after the first.
    pub repeats: u32,
    /// Mean value of these days, above zero.
    pub mean: f64,
    /// Number of customers.
    pub customers: u64,
}

/// The parameters of Gamma-Gamma.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ValueParameters {
    /// Shape of the values of one customer: the higher, the more alike they are.
    pub p: f64,
    /// Shape of the distribution of scales: the higher, the more alike customers are.
    pub q: f64,
    /// Scale of that distribution, in the unit of the values.
    pub gamma: f64,
}

/// A fitted model of values.
#[derive(Debug, Clone)]
pub struct ValueFit {
    /// The most likely parameters.
    pub parameters: ValueParameters,
    /// The logarithm of the likelihood under them.
    pub log_likelihood: f64,
    /// Number of customers.
    pub customers: u64,
    /// Covariance of the logarithms of `p`, `q`, `gamma`.
    pub(super) covariance: Symmetric,
}

const P: usize = 0;
const Q: usize = 1;
const GAMMA: usize = 2;
const TOLERANCE: f64 = 1e-8;

impl ValueParameters {
    pub(super) fn from_logs(logs: &[f64]) -> Self {
        Self { p: logs[P].exp(), q: logs[Q].exp(), gamma: logs[GAMMA].exp() }
    }

    pub(super) fn to_logs(self) -> [f64; 3] {
        [self.p.ln(), self.q.ln(), self.gamma.ln()]
    }

    /// The expected mean value of a customer's orders. Without repeated orders it is what customers have on average,
    /// `p gamma / (q - 1)`. Finite and above zero only if `q` is above 1.
    #[must_use]
    pub fn expected_value(&self, repeats: u32, mean: f64) -> f64 {
        let repeats = f64::from(repeats);
        self.expected_from_total(repeats, repeats * mean)
    }

    /// The same from the total of the repeated orders. As it is linear in the total, customers with equally many orders may be
    /// taken together.
    pub(super) fn expected_from_total(&self, repeats: f64, total: f64) -> f64 {
        self.p * (self.gamma + total) / (self.p * repeats + self.q - 1.0)
    }
}

impl ValueFit {
    /// Finds the most likely parameters. Groups without repeats or without a value above zero are passed over.
    ///
    /// # Errors
    ///
    /// If the values do not determine the parameters, or only such that the mean of all customers is not finite (`q <= 1`).
    pub fn new(groups: &[ValueGroup]) -> Result<Self, NoFit> {
        let mut groups: Vec<_> =
            groups.iter().filter(|group| group.repeats > 0 && group.mean > 0.0 && group.mean.is_finite()).collect();
        groups.sort_by(|left, right| left.repeats.cmp(&right.repeats).then(left.mean.total_cmp(&right.mean)));
        let customers: u64 = groups.iter().map(|group| group.customers).sum();
        if customers == 0 {
            return Err(NoFit::NoHistory);
        }
        let total: f64 = groups.iter().map(|group| group.mean * group.customers as f64).sum();
        // In units of the mean, so that the range of the parameters does not depend on the currency.
        let unit = total / customers as f64;
        let scaled: Vec<ValueGroup> =
            groups.iter().map(|group| ValueGroup { mean: group.mean / unit, ..**group }).collect();
        let tolerance = TOLERANCE * customers as f64;
        let start = [2.0_f64.ln(), 3.0_f64.ln(), 0.0];
        let found =
            minimise(&start, tolerance, MAX_LOG_PARAMETER, |logs| by_logs(&scaled, logs)).map_err(|problem| {
                match problem {
                    NoMinimum::OutOfRange(_) | NoMinimum::Flat => NoFit::NotDetermined,
                    NoMinimum::NotConverged => NoFit::NotConverged,
                }
            })?;
        let [p, q, gamma] = [found.point[P].exp(), found.point[Q].exp(), found.point[GAMMA].exp() * unit];
        if q <= 1.0 {
            return Err(NoFit::NotDetermined);
        }
        Ok(Self {
            parameters: ValueParameters { p, q, gamma },
            // Each density is one of a value, so that the unit counts once a customer.
            log_likelihood: -found.value - customers as f64 * unit.ln(),
            customers,
            covariance: found.covariance,
        })
    }

    /// Standard errors of the logarithms of `p`, `q` and `gamma`.
    #[must_use]
    pub fn standard_errors(&self) -> [f64; 3] {
        [P, Q, GAMMA].map(|row| self.covariance.at(row, row).sqrt())
    }
}

/// Arguments are above zero, where the gamma function has no sign.
fn ln_gamma(at: f64) -> f64 {
    Gamma::ln_gamma(at).0
}

/// The negative log-likelihood with its derivatives by the logarithms of the parameters. Groups are sorted by repeats.
fn by_logs(groups: &[ValueGroup], logs: &[f64]) -> Derivatives {
    let [p, q, gamma] = [logs[P].exp(), logs[Q].exp(), logs[GAMMA].exp()];
    let (mut value, mut slope, mut curve) = (0.0, [0.0; 3], [[0.0; 3]; 3]);
    for equal in groups.chunk_by(|left, right| left.repeats == right.repeats) {
        let x = f64::from(equal[0].repeats);
        let (px, both) = (p * x, p * x + q);
        let customers: f64 = equal.iter().map(|group| group.customers as f64).sum();
        // What depends on the number of repeats only.
        let (psi_px, psi_q, psi_both) = (px.digamma(), q.digamma(), both.digamma());
        let (psi1_px, psi1_q, psi1_both) = (px.trigamma(), q.trigamma(), both.trigamma());
        value += customers * (ln_gamma(both) - ln_gamma(px) - ln_gamma(q));
        slope[P] += customers * x * (psi_both - psi_px);
        slope[Q] += customers * (psi_both - psi_q);
        curve[P][P] += customers * x * x * (psi1_both - psi1_px);
        curve[Q][P] += customers * x * psi1_both;
        curve[Q][Q] += customers * (psi1_both - psi1_q);
        for group in equal {
            let customers = group.customers as f64;
            let sum = x * group.mean;
            let all = gamma + sum;
            let (log_sum, log_gamma) = ((sum / all).ln(), (gamma / all).ln());
            value += customers * (px * log_sum + q * log_gamma - group.mean.ln());
            slope[P] += customers * x * log_sum;
            slope[Q] += customers * log_gamma;
            slope[GAMMA] += customers * (q / gamma - both / all);
            curve[GAMMA][P] -= customers * x / all;
            curve[GAMMA][Q] += customers * (1.0 / gamma - 1.0 / all);
            curve[GAMMA][GAMMA] += customers * (both / (all * all) - q / (gamma * gamma));
        }
    }
    let scale = [p, q, gamma];
    let mut out = Derivatives::zero(3);
    out.value = -value;
    for row in 0..3 {
        out.gradient[row] = -slope[row] * scale[row];
        for column in 0..=row {
            out.hessian.add(row, column, -curve[row][column] * scale[row] * scale[column]);
        }
        out.hessian.add(row, row, out.gradient[row]);
    }
    out
}

#[cfg(test)]
#[path = "gamma_gamma_tests.rs"]
mod tests;

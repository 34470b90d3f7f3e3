//! A fitted order model as it is reported.

use super::fit::Fit;
use super::minimum::Missing;
use super::model::Parameters;
use super::totals::Total;
use crate::estimate::Estimate;
use serde::Serialize;

/// The parameters of an order model with their intervals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FittedOrderModel {
    /// See [`super::Parameters::r`].
    pub r: Estimate,
    /// See [`super::Parameters::alpha`], in weeks.
    pub alpha: Estimate,
    /// See [`super::Parameters::a`].
    pub a: Estimate,
    /// See [`super::Parameters::b`].
    pub b: Estimate,
    /// The logarithm of the likelihood under them.
    pub log_likelihood: Option<f64>,
    /// Standard errors of the parameters' logarithms.
    pub se_of_log_params: Option<LogErrors>,
}

/// Standard errors of the logarithms of an order model's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the parameters of that name")]
pub struct LogErrors {
    pub r: f64,
    pub alpha: f64,
    pub a: f64,
    pub b: f64,
}

impl FittedOrderModel {
    pub(super) fn new(fit: &Fit) -> Self {
        let [r, alpha, a, b] = fit.standard_errors();
        let estimate = |value: f64, log_error: f64| Total { value, log_error }.estimate(fit.customers);
        Self {
            r: estimate(fit.parameters.r, r),
            alpha: estimate(fit.parameters.alpha, alpha),
            a: estimate(fit.parameters.a, a),
            b: estimate(fit.parameters.b, b),
            log_likelihood: Some(fit.log_likelihood),
            se_of_log_params: Some(LogErrors { r, alpha, a, b }),
        }
    }

    /// The parameters, to score customers with.
    #[must_use]
    pub fn parameters(&self) -> Option<Parameters> {
        Some(Parameters { r: self.r.value?, alpha: self.alpha.value?, a: self.a.value?, b: self.b.value? })
    }

    pub(super) fn missing(missing: Missing, customers: u64) -> Self {
        let none = missing.estimate(customers);
        Self { r: none, alpha: none, a: none, b: none, log_likelihood: None, se_of_log_params: None }
    }
}

//! What expected orders are worth.

use super::assumptions::Assumptions;
use super::fit::Fit;
use super::gamma_gamma::ValueFit;
use super::group::Standing;
use super::minimum::Missing;
use super::totals::Total;

/// What turns expected orders into money.
pub(super) struct Worth<'a> {
    /// The model of values, fitted to whole units.
    pub(super) values: Result<&'a ValueFit, Missing>,
    /// Minor units in one unit of the currency.
    pub(super) minor_units: f64,
    pub(super) assumptions: &'a Assumptions,
}

/// Orders that are expected of a customer, or of several who are taken together.
pub(super) struct ExpectedOrders {
    /// The orders, discounted.
    pub(super) orders: f64,
    /// Days with an order worth something after the first, of one customer.
    pub(super) paid_days: f64,
    /// Value of them in minor units.
    pub(super) paid_value: f64,
}

impl Worth<'_> {
    /// The discounted orders of a customer within this many years.
    pub(super) fn orders(&self, fit: &Fit, standing: &Standing, years: u32) -> f64 {
        fit.model.discounted_orders(fit.parameters, standing, years, self.assumptions.yearly_rate)
    }

    /// What the orders are worth together, in whole units. The error is that of the expected orders, which is given, and that of
    /// the values together.
    pub(super) fn of(&self, expected: &[ExpectedOrders], log_error_of_orders: f64) -> Result<Total, Missing> {
        let [total] = self.values?.totals(|at| {
            let value = |of: &ExpectedOrders| at.expected_from_total(of.paid_days, of.paid_value / self.minor_units);
            [expected.iter().map(|of| of.orders * value(of)).sum::<f64>() * self.assumptions.margin]
        });
        // Not by `hypot`, which needs a newer C library than Lambda has. Both are near 1, so nothing overflows.
        let log_error = (total.log_error.powi(2) + log_error_of_orders.powi(2)).sqrt();
        Ok(Total { value: total.value, log_error })
    }
}

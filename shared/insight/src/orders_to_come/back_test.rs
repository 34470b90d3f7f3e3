//! What the models expected at some earlier day, compared with what happened.

use super::assumptions::Assumptions;
use super::fit::Fit;
use super::fitted_value_model::FittedValueModel;
use super::gamma_gamma::ValueGroup;
use super::group::Group;
use super::minimum::{Missing, enough_customers};
use super::model::Model;
use super::order_model_back_test::OrderModelBackTest;
use super::past_group::PastGroup;
use super::summary::{OrdersToCome, PastCustomer};
use super::worth::Worth;
use crate::day::Day;
use crate::estimate::Estimate;
use serde::Serialize;

/// Both order models and the model of values as of an earlier day, and what happened since. Over the customers of the sample,
/// by exact days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackTest {
    /// The last day that the models knew of.
    pub calibration_end: Day,
    /// Days that were left.
    pub holdout_days: u32,
    /// Customers who had ordered by that day.
    pub customers: u64,
    /// Those who had ordered again.
    pub repeaters: u64,
    /// The unit of the models' time.
    pub unit: &'static str,
    /// BG/NBD.
    pub bgnbd: OrderModelBackTest,
    /// MBG/NBD.
    pub mbgnbd: OrderModelBackTest,
    /// Days with an order that were left, of these customers.
    pub actual_holdout_occasions: u64,
    /// Customers with such a day.
    pub actual_customers_ordering_in_holdout: u64,
    /// Gamma-Gamma.
    pub gamma_gamma: FittedValueModel,
}

/// Expected orders between these shares of the actual ones may be shown as a total.
const GOOD_RATIO: std::ops::RangeInclusive<f64> = 0.8..=1.25;

impl BackTest {
    pub(super) fn new(summary: &OrdersToCome, assumptions: &Assumptions) -> Self {
        let mut customers: Vec<PastCustomer> = summary.past.iter().copied().collect();
        customers.sort_unstable();
        let past = PastGroup::all(&customers);
        let minor_units = summary.minor_units();
        let (gamma_gamma, values) = FittedValueModel::new(&value_groups(&customers, minor_units));
        let worth = Worth { values: values.as_ref().map_err(|missing| *missing), minor_units, assumptions };
        let repeaters = customers.iter().filter(|customer| customer.repeats > 0).count() as u64;
        let n = customers.len() as u64;
        let groups: Vec<Group> = past.iter().map(|past| past.group).collect();
        let test = |model| match enough_customers(n, repeaters)
            .and_then(|()| Fit::new(model, &groups).map_err(Missing::from))
        {
            Ok(fit) => OrderModelBackTest::new(&fit, &past, f64::from(summary.back_test_days()), &worth),
            Err(missing) => OrderModelBackTest::missing(missing, n),
        };
        Self {
            calibration_end: summary.back_test_day(),
            holdout_days: summary.back_test_days(),
            customers: n,
            repeaters,
            unit: "weeks = days / 7, exact",
            bgnbd: test(Model::BgNbd),
            mbgnbd: test(Model::MbgNbd),
            actual_holdout_occasions: customers.iter().map(|customer| u64::from(customer.later)).sum(),
            actual_customers_ordering_in_holdout: customers.iter().filter(|customer| customer.later > 0).count() as u64,
            gamma_gamma,
        }
    }

    /// The back-test of a model.
    #[must_use]
    pub const fn of(&self, model: Model) -> &OrderModelBackTest {
        match model {
            Model::BgNbd => &self.bgnbd,
            Model::MbgNbd => &self.mbgnbd,
        }
    }
}

/// Whether totals like the one that was tested may be shown.
pub(super) fn is_good_enough(expected_to_actual: &Estimate) -> bool {
    expected_to_actual.value.is_some_and(|ratio| GOOD_RATIO.contains(&ratio))
}

fn value_groups(customers: &[PastCustomer], minor_units: f64) -> Vec<ValueGroup> {
    customers
        .iter()
        .filter(|customer| customer.paid.days > 0)
        .map(|customer| ValueGroup {
            repeats: customer.paid.days,
            mean: customer.paid.mean() / minor_units,
            customers: 1,
        })
        .collect()
}

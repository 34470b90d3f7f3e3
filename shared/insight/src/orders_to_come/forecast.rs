//! What is expected from today on.

use super::assumptions::Assumptions;
use super::back_test::{BackTest, is_good_enough};
use super::fit::Fit;
use super::fitted_order_model::FittedOrderModel;
use super::fitted_value_model::FittedValueModel;
use super::gamma_gamma::ValueGroup;
use super::group::Group;
use super::minimum::{Missing, enough_customers, enough_history};
use super::model::Model;
use super::order_values::OrderValues;
use super::summary::{CellMean, OrdersToCome};
use super::totals::Total;
use super::worth::{ExpectedOrders, Worth};
use crate::estimate::{Because, Estimate, Needs};
use serde::Serialize;

/// What both order models and the model of values expect from the end of the history on, over all customers by weekly cells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// Days that are looked ahead.
    pub horizon_days: u32,
    /// Days since the first order of any customer.
    pub history_days: u32,
    /// Customers.
    pub customers: u64,
    /// Those who have ordered again.
    pub repeaters: u64,
    /// BG/NBD, for comparison with other software.
    pub bgnbd: OrderModelForecast,
    /// MBG/NBD, the default.
    pub mbgnbd: OrderModelForecast,
    /// Gamma-Gamma.
    pub gamma_gamma: FittedValueModel,
}

/// What an order model expects.
///
/// An interval covers how well the parameters are known and, at the least, as large an error as the back-test's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrderModelForecast {
    /// The model as it is fitted.
    #[serde(flatten)]
    pub model: FittedOrderModel,
    /// What the forecast may be used for.
    pub use_for: UseFor,
    /// Customers expected to be alive.
    pub sum_p_alive: Estimate,
    /// Days with an order expected within the horizon.
    pub expected_occasions: Estimate,
    /// Customers expected to order within the horizon.
    pub sum_p_order: Estimate,
    /// What today's customers are expected to bring within a year: orders, discounted, times value and margin, in whole units.
    pub clv_365_sum: Estimate,
    /// The same within three years; only with two years of history.
    pub clv_1095_sum: Estimate,
}

/// What a forecast may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UseFor {
    /// To put customers in order, and for totals.
    RankingAndTotals,
    /// To put customers in order. The last totals were too far from what happened.
    Ranking,
    /// Nothing yet.
    Nothing,
}

/// Days of history that are needed to look three years ahead.
const TWO_YEARS: u32 = 730;

impl Forecast {
    pub(super) fn new(
        orders: &OrdersToCome,
        values: &OrderValues,
        back_test: &BackTest,
        assumptions: &Assumptions,
    ) -> Self {
        let cells: Vec<CellMean> = orders.cells().collect();
        let count = |cells: &mut dyn Iterator<Item = &CellMean>| cells.map(|cell| cell.group.customers).sum::<u64>();
        let customers = count(&mut cells.iter());
        let repeaters = count(&mut cells.iter().filter(|cell| cell.group.standing.repeats > 0));
        let minor_units = orders.minor_units();
        let in_units = |group: ValueGroup| ValueGroup { mean: group.mean / minor_units, ..group };
        let groups: Vec<ValueGroup> = values.groups().into_iter().map(in_units).collect();
        let (gamma_gamma, values) = FittedValueModel::new(&groups);
        let worth = Worth { values: values.as_ref().map_err(|missing| *missing), minor_units, assumptions };
        let enough = enough_customers(customers, repeaters)
            .and_then(|()| enough_history(orders.history_days(), assumptions.usual_return_days));
        let groups: Vec<Group> = cells.iter().map(|cell| cell.group).collect();
        let forecast = |model| match enough.and_then(|()| Fit::new(model, &groups).map_err(Missing::from)) {
            Ok(fit) => Expected { fit: &fit, cells: &cells, worth: &worth, orders }
                .forecast(&back_test.of(model).expected_to_actual),
            Err(missing) => OrderModelForecast::missing(missing, customers),
        };
        Self {
            horizon_days: orders.back_test_days(),
            history_days: orders.history_days(),
            customers,
            repeaters,
            bgnbd: forecast(Model::BgNbd),
            mbgnbd: forecast(Model::MbgNbd),
            gamma_gamma,
        }
    }

    /// What a model expects.
    #[must_use]
    pub const fn of(&self, model: Model) -> &OrderModelForecast {
        match model {
            Model::BgNbd => &self.bgnbd,
            Model::MbgNbd => &self.mbgnbd,
        }
    }
}

impl OrderModelForecast {
    fn missing(missing: Missing, customers: u64) -> Self {
        let none = missing.estimate(customers);
        Self {
            model: FittedOrderModel::missing(missing, customers),
            use_for: UseFor::Nothing,
            sum_p_alive: none,
            expected_occasions: none,
            sum_p_order: none,
            clv_365_sum: none,
            clv_1095_sum: none,
        }
    }
}

/// A fitted model with the customers that it is asked about.
struct Expected<'a> {
    fit: &'a Fit,
    cells: &'a [CellMean],
    worth: &'a Worth<'a>,
    orders: &'a OrdersToCome,
}

impl Expected<'_> {
    fn forecast(&self, expected_to_actual: &Estimate) -> OrderModelForecast {
        let n = self.fit.customers;
        let [alive, orders, ordering, year, longest] = self.totals();
        let good = is_good_enough(expected_to_actual);
        let off = expected_to_actual.value.map_or(1.0, |ratio| ratio.max(ratio.recip()));
        let total = |total: Total| {
            if good { total.within(n, off) } else { no_totals(expected_to_actual, n) }
        };
        let worth = |years, orders: Total| {
            let worth = self.worth.of(&self.discounted(years), orders.log_error);
            worth.map_or_else(|missing| missing.estimate(n), total)
        };
        OrderModelForecast {
            model: FittedOrderModel::new(self.fit),
            use_for: if good { UseFor::RankingAndTotals } else { UseFor::Ranking },
            sum_p_alive: total(alive),
            expected_occasions: total(orders),
            sum_p_order: total(ordering),
            clv_365_sum: worth(1, year),
            clv_1095_sum: match TWO_YEARS.saturating_sub(self.orders.history_days()) {
                0 => worth(3, longest),
                days => Estimate::not_yet(n, Because::HistoryTooShort, Needs::Days(days.into())),
            },
        }
    }

    /// Customers alive, orders, customers ordering, orders within a year and within the longest time that is looked ahead.
    fn totals(&self) -> [Total; 5] {
        let days = f64::from(self.orders.back_test_days());
        let model = self.fit.model;
        let longest_years = if self.orders.history_days() < TWO_YEARS { 1.0 } else { 3.0 };
        self.fit.totals(|at| {
            let mut sums = [0.0; 5];
            for Group { standing, customers } in self.cells.iter().map(|cell| &cell.group) {
                let [expected, year, longest] =
                    model.expected_orders_within(at, standing, [days, 365.0, 365.0 * longest_years]);
                let ordering = model.chance_of_order(at, standing, days);
                let each = [model.chance_alive(at, standing), expected, ordering, year, longest];
                sums.iter_mut().zip(each).for_each(|(sum, each)| *sum += *customers as f64 * each);
            }
            sums
        })
    }

    /// What all customers are expected to order within this many years.
    fn discounted(&self, years: u32) -> Vec<ExpectedOrders> {
        let of_cell = |cell: &CellMean| {
            let Group { standing, customers } = &cell.group;
            ExpectedOrders {
                orders: self.worth.orders(self.fit, standing, years) * *customers as f64,
                paid_days: cell.paid_days,
                paid_value: cell.paid_value,
            }
        };
        self.cells.iter().map(of_cell).collect()
    }
}

/// Why there are no totals: the back-test was bad, or there was none.
fn no_totals(expected_to_actual: &Estimate, n: u64) -> Estimate {
    if expected_to_actual.is_shown() {
        return Estimate::not_yet(n, Because::BackTestFailed, Needs::OtherData);
    }
    Estimate { n, ..*expected_to_actual }
}

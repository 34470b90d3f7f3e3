//! What an order model expected at some earlier day, compared with what happened.

use super::fit::Fit;
use super::fitted_order_model::FittedOrderModel;
use super::minimum::Missing;
use super::past_group::PastGroup;
use super::totals::Total;
use super::worth::{ExpectedOrders, Worth};
use crate::estimate::{Because, Estimate, Needs};
use crate::numeric::{Errors, area_under_curve};
use crate::statistics::{Z, wilson};
use serde::Serialize;

/// A model fitted as of an earlier day, what it expected, and how that compares with what happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrderModelBackTest {
    /// The model as it was fitted on that day.
    #[serde(flatten)]
    pub model: FittedOrderModel,
    /// Customers expected to be alive on that day.
    pub sum_p_alive: Estimate,
    /// Mean chance to be alive of those who had ordered once.
    pub mean_p_alive_one_timers: Estimate,
    /// Days with an order that were expected.
    pub expected_holdout_occasions: Estimate,
    /// The expected number of customers who would order.
    pub sum_p_order_in_holdout: Estimate,
    /// Expected days with an order as a share of the actual ones.
    pub expected_to_actual: Estimate,
    /// How well the chance to order tells who does: the chance that one who does had the higher one.
    pub auc_p_order_vs_actual: Estimate,
    /// The same of the expected number of orders.
    pub auc_expected_vs_actual: Estimate,
    /// The same of the chance to be alive.
    pub auc_p_alive_vs_actual: Estimate,
    /// By how many orders an expectation was off, on average.
    pub mean_abs_error: Estimate,
    /// The root of the mean squared error of the expected orders.
    pub rmse: Estimate,
    /// The mean squared error of the chance to order.
    pub brier_p_order: Estimate,
    /// What the customers were expected to bring in a year: orders, discounted, times value and margin, in whole units.
    pub clv_365_sum: Estimate,
    /// Who ordered, by the chance that was given.
    pub bands: Vec<ChanceBand>,
}

/// Customers whose chance to order was about the same, and how many of them ordered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChanceBand {
    /// The lowest chance of the band.
    pub from: f64,
    /// The chance below which it ends; the last band ends at 1 with 1 included.
    pub to: f64,
    /// The mean chance that its customers were given.
    pub predicted: Option<f64>,
    /// The share of them who ordered.
    pub ordered: Estimate,
}

const BAND_ENDS: [f64; 6] = [0.0, 0.1, 0.25, 0.5, 0.75, 1.0];

/// Predictions for a group of customers in the same standing.
struct Predicted<'a> {
    of: &'a PastGroup<'a>,
    alive: f64,
    chance: f64,
    expected: f64,
}

impl OrderModelBackTest {
    /// `days` were left after the day of the back-test.
    pub(super) fn new(fit: &Fit, past: &[PastGroup<'_>], days: f64, worth: &Worth<'_>) -> Self {
        let (model, at) = (fit.model, fit.parameters);
        let predicted: Vec<Predicted<'_>> = past
            .iter()
            .map(|of| Predicted {
                of,
                alive: model.chance_alive(at, &of.group.standing),
                chance: model.chance_of_order(at, &of.group.standing, days),
                expected: model.expected_orders(at, &of.group.standing, days),
            })
            .collect();
        let [alive, once_alive, expected, ordering, year] = totals(fit, past, days);
        let n = fit.customers;
        let area = |score: fn(&Predicted<'_>) -> f64| {
            area_under_curve(predicted.iter().map(|group| (score(group), group.of.ordered, group.of.silent())))
        };
        let (absolute, squared, brier) = errors(&predicted);
        Self {
            model: FittedOrderModel::new(fit),
            sum_p_alive: alive.estimate(n),
            mean_p_alive_one_timers: once_alive.estimate(customers_with_one_order(past)),
            expected_holdout_occasions: expected.estimate(n),
            sum_p_order_in_holdout: ordering.estimate(n),
            expected_to_actual: expected_to_actual(expected, past),
            auc_p_order_vs_actual: area(|group| group.chance),
            auc_expected_vs_actual: area(|group| group.expected),
            auc_p_alive_vs_actual: area(|group| group.alive),
            mean_abs_error: absolute.mean(),
            rmse: squared.root_mean(),
            brier_p_order: brier.mean(),
            clv_365_sum: worth
                .of(&orders_of_a_year(fit, past, worth), year.log_error)
                .map_or_else(|missing| missing.estimate(n), |total| total.estimate(n)),
            bands: bands(&predicted),
        }
    }

    pub(super) fn missing(missing: Missing, customers: u64) -> Self {
        let none = missing.estimate(customers);
        Self {
            model: FittedOrderModel::missing(missing, customers),
            sum_p_alive: none,
            mean_p_alive_one_timers: none,
            expected_holdout_occasions: none,
            sum_p_order_in_holdout: none,
            expected_to_actual: none,
            auc_p_order_vs_actual: none,
            auc_expected_vs_actual: none,
            auc_p_alive_vs_actual: none,
            mean_abs_error: none,
            rmse: none,
            brier_p_order: none,
            clv_365_sum: none,
            bands: Vec::new(),
        }
    }
}

fn customers_with_one_order(past: &[PastGroup<'_>]) -> u64 {
    past.iter().filter(|of| of.group.standing.repeats == 0).map(|of| of.group.customers).sum()
}

/// Customers alive, the mean of that over those with one order, orders, customers ordering, and orders within a year.
fn totals(fit: &Fit, past: &[PastGroup<'_>], days: f64) -> [Total; 5] {
    let once = customers_with_one_order(past) as f64;
    fit.totals(|at| {
        let mut sums = [0.0; 5];
        for of in past {
            let (standing, customers) = (&of.group.standing, of.group.customers as f64);
            let alive = customers * fit.model.chance_alive(at, standing);
            sums[0] += alive;
            sums[1] += if standing.repeats == 0 { alive / once } else { 0.0 };
            let [expected, year] = fit.model.expected_orders_within(at, standing, [days, 365.0]);
            sums[2] += customers * expected;
            sums[3] += customers * fit.model.chance_of_order(at, standing, days);
            sums[4] += customers * year;
        }
        sums
    })
}

/// With the interval that comes from how customers' actual orders differ.
fn expected_to_actual(expected: Total, past: &[PastGroup<'_>]) -> Estimate {
    let later = || past.iter().flat_map(|of| of.members).map(|customer| f64::from(customer.later));
    let n: u64 = past.iter().map(|of| of.group.customers).sum();
    let (sum, squares) = later().fold((0.0, 0.0), |(sum, squares), orders| (sum + orders, squares + orders * orders));
    if sum <= 0.0 {
        return Estimate::not_yet(n, Because::NothingToCompare, Needs::OtherData);
    }
    let log_error = (squares - sum * sum / n as f64).max(0.0).sqrt() / sum;
    let ratio = expected.value / sum;
    let reach = (Z * log_error).exp();
    Estimate::from_enough(ratio, ratio / reach, ratio * reach, n)
}

/// Absolute and squared errors of orders, squared errors of chances.
fn errors(predicted: &[Predicted<'_>]) -> (Errors, Errors, Errors) {
    let (mut absolute, mut squared, mut brier) = (Errors::default(), Errors::default(), Errors::default());
    for group in predicted {
        for customer in group.of.members {
            let off = group.expected - f64::from(customer.later);
            let ordered = if customer.later > 0 { 1.0 } else { 0.0 };
            absolute.add(off.abs());
            squared.add(off * off);
            brier.add((group.chance - ordered) * (group.chance - ordered));
        }
    }
    (absolute, squared, brier)
}

/// What each customer was expected to order within a year.
fn orders_of_a_year(fit: &Fit, past: &[PastGroup<'_>], worth: &Worth<'_>) -> Vec<ExpectedOrders> {
    past.iter()
        .flat_map(|of| {
            let orders = worth.orders(fit, &of.group.standing, 1);
            of.members.iter().map(move |customer| ExpectedOrders {
                orders,
                paid_days: customer.paid.days.into(),
                paid_value: customer.paid.value as f64,
            })
        })
        .collect()
}

fn bands(predicted: &[Predicted<'_>]) -> Vec<ChanceBand> {
    BAND_ENDS
        .windows(2)
        .map(|ends| {
            let (from, to) = (ends[0], ends[1]);
            let within = |chance: f64| chance >= from && (chance < to || to == 1.0);
            let (mut customers, mut ordered, mut chances) = (0, 0, 0.0);
            for group in predicted.iter().filter(|group| within(group.chance)) {
                customers += group.of.group.customers;
                ordered += group.of.ordered;
                chances += group.chance * group.of.group.customers as f64;
            }
            let predicted = (customers > 0).then(|| chances / customers as f64);
            ChanceBand { from, to, predicted, ordered: wilson(ordered, customers) }
        })
        .collect()
}

//! What is said about the next visit.

use super::forecast::Rhythms;
use super::gap_prior::GapPrior;
use super::gap_sums::{Components, GapSums};
use super::summary::NextVisit;
use super::visit_test::VisitTest;
use crate::estimate::{Because, Estimate, MIN_AT_RISK, Needs};
use crate::statistics::Z;
use serde::Serialize;

/// The rhythm of a shop's customers, and how well it foretells their visits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextVisitReport {
    /// How gaps scatter, over the whole history.
    #[serde(skip)]
    pub gap_prior: FittedGapPrior,
    /// The same as far as the test's forecasts knew it.
    pub prior: PriorOfTest,
    /// How well visits of the second half of the history were foretold.
    #[serde(flatten)]
    pub test: VisitTest,
    /// Customers whose rhythm is regular today: at least five gaps that are nearly equal.
    pub regular_customers: u64,
    /// Whether forecasts for such customers were within 20 % more often than those of purely random gaps would be.
    pub better_than_chance: bool,
    /// What single customers are forecast with.
    #[serde(skip)]
    pub rhythms: Option<Rhythms>,
}

/// How the logarithms of gaps scatter, with intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FittedGapPrior {
    /// The mean of all.
    pub mu: Estimate,
    /// The variance around each customer's mean.
    pub var_within: Estimate,
    /// The variance of the customers' means.
    pub var_between: Estimate,
    /// How many gaps of a customer weigh as much as what is known of all others.
    pub k0: Estimate,
    /// Completed gaps.
    pub gaps: u64,
    /// Customers with at least one.
    pub customers: u64,
}

/// What the test's forecasts knew of all customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "as in the prior over the whole history")]
pub struct PriorOfTest {
    pub mu: Estimate,
    pub var_within: Estimate,
    pub var_between: Estimate,
    pub k0: Estimate,
    pub train_gaps: u64,
    pub train_customers: u64,
}

impl NextVisitReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &NextVisit) -> Self {
        let visitors: Vec<_> = summary.visitors.iter().collect();
        let test = VisitTest::new(&visitors, summary.first_day, summary.history().through);
        let gap_prior = FittedGapPrior::new(&summary.gaps);
        let FittedGapPrior { mu, var_within, var_between, k0, gaps, customers } = FittedGapPrior::new(&test.train);
        let hit_rate = test.groups.regular.hit20_shrunk_median;
        let better_than_chance = hit_rate.lo.is_some_and(|lo| lo > test.hit20_if_gaps_were_exponential);
        let prior = summary.gaps.components().map(|components| components.prior);
        let rhythms = |prior| Rhythms { prior, regular_hit_rate: hit_rate.value, better_than_chance };
        Self {
            rhythms: prior.filter(|_| gap_prior.mu.is_shown()).map(rhythms),
            gap_prior,
            prior: PriorOfTest { mu, var_within, var_between, k0, train_gaps: gaps, train_customers: customers },
            regular_customers: summary.regular,
            better_than_chance,
            test,
        }
    }
}

impl FittedGapPrior {
    fn new(sums: &GapSums) -> Self {
        let (gaps, customers) = (sums.gaps, sums.customers);
        let none = if customers < MIN_AT_RISK {
            Some(Estimate::not_yet(customers, Because::TooFewReturned, Needs::Returned(MIN_AT_RISK - customers)))
        } else if gaps <= customers {
            Some(Estimate::not_yet(customers, Because::TooFewReturned, Needs::OtherData))
        } else {
            None
        };
        match (none, sums.components()) {
            (None, Some(components)) => Self::of(&components, gaps, customers),
            (none, _) => {
                let none = none.unwrap_or(Estimate::too_few(customers));
                Self { mu: none, var_within: none, var_between: none, k0: none, gaps, customers }
            }
        }
    }

    /// Errors of variances are those of normal deviations: twice the square of a mean square, by its degrees of freedom.
    fn of(components: &Components, gaps: u64, customers: u64) -> Self {
        let GapPrior { mu, var_within, var_between } = components.prior;
        let (n, k) = (gaps as f64, customers as f64);
        let of_within = 2.0 * var_within * var_within / (n - k);
        let of_square = 2.0 * components.between_square * components.between_square / (k - 1.0);
        let of_between = (of_square + of_within) / (components.gaps_per_customer * components.gaps_per_customer);
        let of_mu = var_between * components.concentration + var_within / n;
        let around = |value: f64, variance: f64, least: f64| {
            let half = Z * variance.sqrt();
            Estimate::from_enough(value, (value - half).max(least), value + half, customers)
        };
        let k0 = components.prior.gaps_of_prior().filter(|_| var_within > 0.0).map_or_else(
            || Estimate::not_yet(customers, Because::NothingToCompare, Needs::OtherData),
            |k0| {
                let relative = of_within / (var_within * var_within) + of_between / (var_between * var_between);
                let reach = (Z * relative.sqrt()).exp();
                Estimate::from_enough(k0, k0 / reach, k0 * reach, customers)
            },
        );
        Self {
            mu: around(mu, of_mu, f64::NEG_INFINITY),
            var_within: around(var_within, of_within, 0.0),
            var_between: around(var_between, of_between, 0.0),
            k0,
            gaps,
            customers,
        }
    }
}

//! What is said about cohorts.

use super::summary::{Cell, Cohorts};
use crate::day::Month;
use crate::estimate::{Because, Estimate, Needs, Shown};
use crate::history::History;
use crate::language::Language;
use crate::statistics::wilson;
use serde::Serialize;
use std::collections::BTreeMap;

/// Cohorts by the month of the first order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CohortsReport {
    /// The cohorts.
    pub cohorts: BTreeMap<Month, CohortReport>,
}

/// A cohort, month by month; the first is the month of the first order. Only months that are over are there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CohortReport {
    /// Customers of the cohort.
    pub customers: u64,
    /// Those with an order in each month.
    pub active: Vec<u64>,
    /// Their share.
    pub share: Vec<Estimate>,
    /// The value of all orders until the end of each month, per customer of the cohort, in major units.
    pub revenue_per_customer_cum: Vec<Estimate>,
}

impl CohortsReport {
    /// Computes it. Shares and values of a cohort that may hold customers whose first order was not seen are not shown.
    #[must_use]
    pub fn new(summary: &Cohorts) -> Self {
        let cohort =
            |(month, cells): (&Month, &Vec<Cell>)| (*month, CohortReport::new(*month, cells, &summary.history));
        Self { cohorts: summary.cohorts.iter().map(cohort).collect() }
    }

    /// Which share of all customers of complete months came back in the month after the first order.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let shown = self.cohorts.values().filter(|cohort| cohort.share.first().is_some_and(Estimate::is_shown));
        let next = shown.filter_map(|cohort| Some((*cohort.active.get(1)?, cohort.customers)));
        let (active, customers) = next.fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        let share = wilson(active, customers);
        match (share.numbers(), language) {
            (None, _) => share.shown.sentence(language).unwrap_or_default(),
            (Some(share), Language::English) => {
                let share = language.percent_between(share);
                format!("{share} of new customers order again in the month after their first.")
            }
            (Some(share), Language::Russian) => {
                let share = language.percent_between(share);
                format!("{share} новых покупателей заказывают снова в месяце, следующем за первым заказом.")
            }
        }
    }
}

impl CohortReport {
    fn new(month: Month, cells: &[Cell], history: &History) -> Self {
        let customers = cells.first().map_or(0, |cell| cell.value.n);
        let believed = |estimate: Estimate| match history.is_burn_in(month.first_day()) {
            true if estimate.shown == Shown::Yes => {
                Estimate::not_yet(customers, Because::HistoryIncomplete, Needs::OtherData)
            }
            _ => estimate,
        };
        Self {
            customers,
            active: cells.iter().map(|cell| cell.active).collect(),
            share: cells.iter().map(|cell| believed(wilson(cell.active, customers))).collect(),
            revenue_per_customer_cum: cells
                .iter()
                .map(|cell| believed(cell.value.estimate().times(history.minor_unit())))
                .collect(),
        }
    }
}

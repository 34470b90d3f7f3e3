//! What is said about silence.

use super::class::{CLASSES, Class};
use super::summary::{OfClass, Thresholds};
use crate::estimate::{Estimate, MIN_AT_RISK};
use crate::language::Language;
use crate::statistics::{whole_days, wilson};
use serde::Serialize;

/// The part of those who return that has returned when the others are called inactive.
pub(super) const INACTIVE_PART: f64 = 0.8;
/// The part of those who return that has returned when the others are called lapsed.
pub(super) const LAPSED_PART: f64 = 0.95;

/// After how much silence most of those who return have returned, by class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThresholdsReport {
    /// Customers who have ordered once.
    pub first: ClassReport,
    /// Twice.
    pub second: ClassReport,
    /// Three times or more.
    pub regular: ClassReport,
}

/// The gaps of one class. The `n` of its quantiles is the gaps that ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassReport {
    /// The longest gap that 30 others reach, at most a year.
    pub horizon: Option<u32>,
    /// Gaps that began.
    pub n_gaps: u64,
    /// Customers whose they are.
    pub n_cust: u64,
    /// Gaps that ended.
    pub events: u64,
    /// Days by which half of those who return within the horizon have returned.
    pub q50: Estimate,
    /// 80 % of them: the learned limit of *inactive*.
    pub q80: Estimate,
    /// 95 % of them: the learned limit of *lapsed*.
    pub q95: Estimate,
    /// The share that returns within the horizon.
    #[serde(rename = "returned_within_G")]
    pub returned_within_horizon: Estimate,
    /// What was learned 90 days ago, and what has happened since; absent if nothing could be learned then.
    pub back_test: Option<FalseAlarms>,
}

/// What happened to customers whom a limit calls inactive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FalseAlarms {
    /// The limit in days as it was learned then.
    pub limit: u32,
    /// The share of customers whom it called inactive 90 days ago.
    pub flagged: Estimate,
    /// The share of these who have ordered since.
    pub ordered: Estimate,
}

impl ThresholdsReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &Thresholds) -> Self {
        let [first, second, regular] = CLASSES.map(|class| ClassReport::new(summary.of(class)));
        Self { first, second, regular }
    }

    /// The report of a class.
    #[must_use]
    pub const fn of(&self, class: Class) -> &ClassReport {
        match class {
            Class::First => &self.first,
            Class::Second => &self.second,
            Class::Regular => &self.regular,
        }
    }

    /// By when most of those who return have returned, for each class.
    #[must_use]
    pub fn sentences(&self, language: Language) -> Vec<String> {
        CLASSES.map(|class| self.of(class).sentence(class, language)).into()
    }
}

impl ClassReport {
    fn new(class: &OfClass) -> Self {
        let gaps = &class.gaps;
        Self {
            horizon: gaps.horizon(),
            n_gaps: gaps.count(),
            n_cust: class.customers,
            events: gaps.ended(),
            q50: gaps.day_of_returners(0.5),
            q80: gaps.day_of_returners(INACTIVE_PART),
            q95: gaps.day_of_returners(LAPSED_PART),
            returned_within_horizon: gaps.share_within_horizon(),
            back_test: earlier_limit(class).map(|limit| FalseAlarms::new(class, limit)),
        }
    }

    fn sentence(&self, class: Class, language: Language) -> String {
        let (Some((days, lo, hi)), Some(horizon)) = (self.q80.numbers(), self.horizon) else {
            return self.q80.shown.sentence(language).unwrap_or_default();
        };
        let whole = |days: f64| u64::from(whole_days(days));
        let (days, horizon) = (language.within_days(whole(days)), language.horizon(horizon));
        let days = format!("{days} ({}–{})", whole(lo), whole(hi));
        match (class, language) {
            (Class::First, Language::English) => {
                format!("Of those who return {horizon} after their first order, 80\u{a0}% do so {days}.")
            }
            (Class::Second, Language::English) => {
                format!("Of those who return {horizon} after their second order, 80\u{a0}% do so {days}.")
            }
            (Class::Regular, Language::English) => {
                format!("Of regular customers who return {horizon}, 80\u{a0}% do so {days}.")
            }
            (Class::First, Language::Russian) => {
                format!("Из тех, кто возвращается {horizon} после первого заказа, 80\u{a0}% делают это {days}.")
            }
            (Class::Second, Language::Russian) => {
                format!("Из тех, кто возвращается {horizon} после второго заказа, 80\u{a0}% делают это {days}.")
            }
            (Class::Regular, Language::Russian) => {
                format!("Из постоянных покупателей, которые возвращаются {horizon}, 80\u{a0}% делают это {days}.")
            }
        }
    }
}

/// The limit of *inactive* that would have been learned before the days of the back-test.
fn earlier_limit(class: &OfClass) -> Option<u32> {
    let gaps = &class.earlier_gaps;
    if gaps.ended() < MIN_AT_RISK {
        return None;
    }
    gaps.curve().day_of_returners(INACTIVE_PART, gaps.horizon()?)
}

impl FalseAlarms {
    fn new(class: &OfClass, limit: u32) -> Self {
        let sum = |silences: &mut dyn Iterator<Item = &(u64, u64)>| {
            silences.fold((0, 0), |sum, (customers, ordered)| (sum.0 + customers, sum.1 + ordered))
        };
        let (all, _) = sum(&mut class.silences.values());
        let (flagged, ordered) = sum(&mut class.silences.range(limit..).map(|(_, counts)| counts));
        Self { limit, flagged: wilson(flagged, all), ordered: wilson(ordered, flagged) }
    }
}

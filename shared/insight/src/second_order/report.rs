//! What is said about second and later orders.

use super::summary::SecondOrder;
use crate::day::{Day, Month};
use crate::estimate::{Because, Estimate, MIN_AT_RISK, Needs, Shown};
use crate::language::Language;
use crate::statistics::{Durations, ReturnCurve, float, wilson};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many first-time buyers come back within which time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SecondOrderReport {
    /// Customers whose first order was seen.
    pub customers: u64,
    /// Those with a second day with an order.
    pub second_orders: u64,
    /// The earliest first order.
    pub first_day_from: Option<Day>,
    /// The latest first order.
    pub first_day_to: Option<Day>,
    /// The last day looked at.
    pub through: Day,
    /// The share that is back within this many days.
    pub shares: BTreeMap<u32, ShareWithin>,
    /// The days by which a quarter, half and three quarters of all are back, as far as the curve reaches with 30 at risk.
    pub quartiles_of_all: BTreeMap<&'static str, Estimate>,
    /// The longest time with at least 30 at risk, at most a year.
    pub horizon_days: Option<u32>,
    /// The share that is back within the horizon.
    pub share_within_horizon: Estimate,
    /// The days by which a part of those who come back within the horizon are back.
    pub days_by_which_share_of_those_returning_within_horizon: QuantileDays,
    /// The plain share that is back within 90 days, of customers known that long: a check of the curve.
    pub mature_90: MatureShare,
    /// The share that goes on from one day with an order to the next.
    pub ladder: BTreeMap<usize, LadderStep>,
    /// The same by month of the first order.
    pub months: BTreeMap<Month, SecondOrderOfMonth>,
}

/// The share that is back within a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShareWithin {
    /// The share.
    #[serde(flatten)]
    pub share: Estimate,
    /// Its standard error; absent if it is not shown.
    pub se: Option<f64>,
    /// Customers who were still awaited on that day.
    pub at_risk: f64,
}

/// Days by which a part of those who return have returned. `n` is those who returned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the part in percent")]
pub struct QuantileDays {
    pub q25: Estimate,
    pub q50: Estimate,
    pub q80: Estimate,
    pub q90: Estimate,
}

/// A share of customers known for long enough.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MatureShare {
    /// The share, with Wilson's interval.
    #[serde(flatten)]
    pub share: Estimate,
    /// Customers who came back.
    pub returned: u64,
}

/// A step of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LadderStep {
    /// Customers who reached it.
    pub customers: u64,
    /// Those who ordered again.
    pub went_on: u64,
    /// The longest time with at least 30 at risk, at most a year.
    pub horizon: Option<u32>,
    /// The share that goes on within it.
    pub share_within_horizon: Estimate,
}

/// Second orders of those who came first in one month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SecondOrderOfMonth {
    /// Customers who came in that month.
    pub customers: u64,
    /// Those with a second day with an order.
    pub second_orders: u64,
    /// The share that is back within this many days.
    pub shares: BTreeMap<u32, ShareWithin>,
}

/// The times for which the share is said.
const DAYS: [u32; 7] = [7, 14, 30, 60, 90, 180, 365];

impl SecondOrderReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &SecondOrder) -> Self {
        let [until_second, ..] = &summary.ladder;
        let returners = &summary.until_second;
        let curve = until_second.curve();
        let horizon = until_second.horizon();
        let quartile = |share| quartile(&curve, until_second.count(), share);
        let ladder = summary.ladder.iter().enumerate().map(|(step, durations)| (step + 1, ladder_step(durations)));
        Self {
            customers: until_second.count(),
            second_orders: until_second.ended(),
            first_day_from: summary.first_days.map(|(first, _)| first),
            first_day_to: summary.first_days.map(|(_, last)| last),
            through: summary.history().through,
            shares: shares(&curve, |days| until_second.share(days)),
            quartiles_of_all: [("p25", 0.25), ("p50", 0.5), ("p75", 0.75)].map(|(key, q)| (key, quartile(q))).into(),
            horizon_days: horizon,
            share_within_horizon: horizon
                .map_or_else(|| Estimate::too_few(until_second.count()), |days| until_second.share(days)),
            days_by_which_share_of_those_returning_within_horizon: QuantileDays {
                q25: returners.day_of_returners(0.25),
                q50: returners.day_of_returners(0.5),
                q80: returners.day_of_returners(0.8),
                q90: returners.day_of_returners(0.9),
            },
            mature_90: MatureShare {
                share: wilson(summary.back_within_90_days, summary.known_90_days),
                returned: summary.back_within_90_days,
            },
            ladder: ladder.collect(),
            months: summary.by_month.iter().map(|(month, durations)| (*month, of_month(durations))).collect(),
        }
    }

    /// How many are back within 30 days, and when half of those who return have.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let within_30 = self.shares.get(&30).map(|within| within.share);
        let shown = within_30.map_or(Estimate::too_few(self.customers).shown, |share| share.shown);
        let Some(share) = within_30.and_then(|share| share.numbers()) else {
            return shown.sentence(language).unwrap_or_default();
        };
        let share = language.percent_between(share);
        let half = self.days_by_which_share_of_those_returning_within_horizon.q50;
        let (Shown::Yes, Some(days), Some(horizon)) = (half.shown, half.value, self.horizon_days) else {
            return match language {
                Language::English => format!("{share} of first-time buyers are back within 30 days."),
                Language::Russian => format!("{share} новых покупателей возвращаются в течение 30 дней."),
            };
        };
        let days = language.within_days(u64::from(crate::statistics::whole_days(days)));
        let horizon = language.horizon(horizon);
        match language {
            Language::English => format!(
                "{share} of first-time buyers are back within 30 days; half of those who come back {horizon} do so {days}."
            ),
            Language::Russian => format!(
                "{share} новых покупателей возвращаются в течение 30 дней; половина тех, кто возвращается {horizon}, \
                 делает это {days}."
            ),
        }
    }

    /// Which step of the ladder is the hard one.
    #[must_use]
    pub fn ladder_sentence(&self, language: Language) -> Option<String> {
        let share = |step: &LadderStep| step.share_within_horizon.numbers();
        let shown = || self.ladder.iter().filter_map(|(step, of)| Some((*step, share(of)?)));
        let (hardest, (lowest, _, hi)) = shown().min_by(|(_, a), (_, b)| a.0.total_cmp(&b.0))?;
        // Only a step that is clearly harder than every other is called so.
        let clearly = shown().filter(|(step, _)| *step != hardest).all(|(_, (_, lo, _))| lo > hi);
        if !clearly || shown().count() < 2 {
            return None;
        }
        let (next, share) = (hardest + 1, language.percent(lowest));
        Some(match language {
            Language::English => {
                format!("The hard step is the one to order {next}: {share}\u{a0}% take it.")
            }
            Language::Russian => {
                format!("Самый трудный шаг — к заказу {next}: его делают {share}\u{a0}%.")
            }
        })
    }
}

fn shares(curve: &ReturnCurve, share: impl Fn(u32) -> Estimate) -> BTreeMap<u32, ShareWithin> {
    let within = |days| {
        let share = share(days);
        let se = share.is_shown().then(|| curve.standard_error(days));
        (days, ShareWithin { share, se, at_risk: curve.at_risk(days) })
    };
    DAYS.map(within).into()
}

fn quartile(curve: &ReturnCurve, customers: u64, share: f64) -> Estimate {
    match curve.days_reaching(share, float(MIN_AT_RISK)) {
        _ if customers < MIN_AT_RISK => Estimate::too_few(customers),
        None => Estimate::not_yet(customers, Because::TooFewReturned, Needs::OtherData),
        Some((_, _, hi)) if hi.is_infinite() => Estimate::not_yet(customers, Because::TooUncertain, Needs::OtherData),
        Some((day, lo, hi)) => Estimate::shown(day, lo, hi, customers),
    }
}

fn ladder_step(durations: &Durations) -> LadderStep {
    let horizon = durations.horizon();
    LadderStep {
        customers: durations.count(),
        went_on: durations.ended(),
        horizon,
        share_within_horizon: horizon
            .map_or_else(|| Estimate::too_few(durations.count()), |days| durations.share(days)),
    }
}

fn of_month(durations: &Durations) -> SecondOrderOfMonth {
    let curve = durations.curve();
    SecondOrderOfMonth {
        customers: durations.count(),
        second_orders: durations.ended(),
        shares: shares(&curve, |days| durations.share(days)),
    }
}

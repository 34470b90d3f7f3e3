//! Durations, gathered by their length.

use super::curve::{MAX_HORIZON, ReturnCurve};
use super::numbers::float;
use crate::buyer::Gap;
use crate::estimate::{Because, Estimate, MIN_AT_RISK, Needs};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Durations counted by length, ended and cut off; sparse.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durations {
    days: BTreeMap<u32, [u64; 2]>,
}

impl Durations {
    /// Adds a duration.
    pub fn add(&mut self, gap: Gap) {
        self.days.entry(gap.days).or_default()[usize::from(gap.ended)] += 1;
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Self) {
        for (day, counts) in &other.days {
            let mine = self.days.entry(*day).or_default();
            mine.iter_mut().zip(counts).for_each(|(mine, other)| *mine += other);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.days.values().flatten().sum()
    }

    /// How many ended.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.days.values().map(|[_, ended]| ended).sum()
    }

    /// The longest time with at least 30 at risk, at most a year; `None` if there never are.
    #[must_use]
    pub fn horizon(&self) -> Option<u32> {
        horizon(self.counts())
    }

    /// Its curve.
    #[must_use]
    pub fn curve(&self) -> ReturnCurve {
        ReturnCurve::from_days(self.days.iter().map(|(day, [cut, ended])| (*day, float(*ended), float(*cut))))
    }

    /// The share that ended within this many days, if enough were looked at that long.
    #[must_use]
    pub fn share(&self, days: u32) -> Estimate {
        let longest = longest_with_enough(self.counts()).unwrap_or(0);
        let count = self.count();
        if count < MIN_AT_RISK {
            return Estimate::too_few(count);
        }
        if days > longest {
            return self.too_few_at_risk(days);
        }
        let curve = self.curve();
        let (lo, hi) = curve.interval(days);
        Estimate::shown(curve.share(days), lo, hi, count)
    }

    /// Why fewer than 30 are at risk on a day: those who have not returned are not known for that long, or there are too few.
    fn too_few_at_risk(&self, days: u32) -> Estimate {
        let open = self.days.iter().map(|(day, [cut, ended])| (*day, cut + if *day >= days { *ended } else { 0 }));
        let count = self.count();
        match longest_with_enough(open.clone()) {
            Some(longest) => {
                Estimate::not_yet(count, Because::HistoryTooShort, Needs::Days(u64::from(days.saturating_sub(longest))))
            }
            None => {
                let open: u64 = open.map(|(_, open)| open).sum();
                Estimate::not_yet(count, Because::TooFewAtRisk, Needs::Customers(MIN_AT_RISK.saturating_sub(open)))
            }
        }
    }

    fn counts(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> {
        self.days.iter().map(|(day, counts)| (*day, counts.iter().sum()))
    }
}

/// That time, at most a year.
pub(super) fn horizon(counts: impl DoubleEndedIterator<Item = (u32, u64)>) -> Option<u32> {
    longest_with_enough(counts).map(|days| days.min(MAX_HORIZON))
}

/// The longest time that at least 30 durations reach.
fn longest_with_enough(counts: impl DoubleEndedIterator<Item = (u32, u64)>) -> Option<u32> {
    let mut at_risk = 0;
    counts.rev().find_map(|(day, count)| {
        at_risk += count;
        (at_risk >= MIN_AT_RISK).then_some(day)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(days: u32, ended: bool) -> Gap {
        Gap { days, ended }
    }

    #[test]
    fn the_horizon_is_the_longest_time_with_thirty_at_risk() {
        let mut durations = Durations::default();
        (1..=40).for_each(|days| durations.add(gap(days, days % 4 == 0)));
        assert_eq!(durations.horizon(), Some(11), "from 11 to 40 there are 30");
        assert_eq!((durations.count(), durations.ended()), (40, 10));
        assert!(durations.share(11).is_shown());
        // Of those not known to have returned within 14 days, 30 are known for ten.
        let needs = Needs::Days(14 - 10);
        assert_eq!(durations.share(14).shown, crate::Shown::NotYet { because: Because::HistoryTooShort, needs });
        (0..30).for_each(|_| durations.add(gap(900, false)));
        assert_eq!(durations.horizon(), Some(365));
    }

    #[test]
    fn where_nearly_all_have_returned_more_customers_are_missing_not_days() {
        let mut durations = Durations::default();
        (0..100).for_each(|n| durations.add(gap(if n < 80 { 10 } else { 50 }, n < 80)));
        let needs = Needs::Customers(10);
        assert_eq!(durations.share(14).shown, crate::Shown::NotYet { because: Because::TooFewAtRisk, needs });
        assert_eq!(durations.share(10).value, Some(0.8));
    }

    #[test]
    fn twenty_nine_durations_give_no_share() {
        let mut durations = Durations::default();
        (1..=29).for_each(|days| durations.add(gap(days, true)));
        assert_eq!((durations.horizon(), durations.share(1)), (None, Estimate::too_few(29)));
    }
}

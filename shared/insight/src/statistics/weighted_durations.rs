//! Durations that weigh differently, with bootstrap replicates.

use super::curve::{MAX_HORIZON, ReturnCurve};
use super::durations::horizon;
use super::mean::standard_deviation;
use super::numbers::{Z, float};
use crate::buyer::Gap;
use crate::estimate::{Because, Estimate, MIN_AT_RISK, Needs};
use crate::replicates::REPLICATES;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Durations that weigh differently, with bootstrap replicates; sparse. Weights are integers, so that no order of additions changes
/// a bit; only their proportions within one curve matter.
///
/// They are looked at for a year at most, and kept so: a longer one is cut off after a year and a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightedDurations {
    /// By length and whether they ended.
    days: BTreeMap<(u32, bool), Weights>,
    /// Durations that ended, after more than a year.
    ended_later: u64,
}

/// The durations of one length and outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Weights {
    count: u64,
    weight: u64,
    #[serde(with = "without_trailing_zeros")]
    replicates: [u64; REPLICATES],
}

impl WeightedDurations {
    /// Adds a duration of a customer with these bootstrap weights.
    pub fn add(&mut self, gap: Gap, weight: u64, replicates: &[u8; REPLICATES]) {
        let later = gap.days > MAX_HORIZON;
        self.ended_later += u64::from(later && gap.ended);
        let cell = self.days.entry((gap.days.min(MAX_HORIZON + 1), gap.ended && !later)).or_default();
        cell.count += 1;
        cell.weight += weight;
        cell.replicates.iter_mut().zip(replicates).for_each(|(sum, times)| *sum += weight * u64::from(*times));
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Self) {
        self.ended_later += other.ended_later;
        for (day, other) in &other.days {
            let mine = self.days.entry(*day).or_default();
            mine.count += other.count;
            mine.weight += other.weight;
            mine.replicates.iter_mut().zip(other.replicates).for_each(|(mine, other)| *mine += other);
        }
    }

    /// How many there are, whatever they weigh.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.days.values().map(|cell| cell.count).sum()
    }

    /// How many ended, whatever they weigh.
    #[must_use]
    pub fn ended(&self) -> u64 {
        let within = self.days.iter().filter(|((_, ended), _)| *ended).map(|(_, cell)| cell.count);
        self.ended_later + within.sum::<u64>()
    }

    /// The longest time with at least 30 at risk, at most a year; `None` if there never are.
    #[must_use]
    pub fn horizon(&self) -> Option<u32> {
        horizon(self.counts())
    }

    /// Its weighted curve.
    #[must_use]
    pub fn curve(&self) -> ReturnCurve {
        self.curve_by(|cell| cell.weight)
    }

    /// The day by which this part of those that end within the horizon has ended, with the interval of the bootstrap on the scale
    /// of logarithms. Its `n` is how many ended; fewer than 30 make no number.
    #[must_use]
    pub fn day_of_returners(&self, part: f64) -> Estimate {
        let ended = self.ended();
        let Some(horizon) = self.horizon() else { return Estimate::too_few(self.count()) };
        if ended < MIN_AT_RISK {
            return Estimate::not_yet(ended, Because::TooFewReturned, Needs::Returned(MIN_AT_RISK - ended));
        }
        let Some(day) = self.curve().day_of_returners(part, horizon) else {
            return Estimate::not_yet(ended, Because::TooFewReturned, Needs::Returned(1));
        };
        let day = f64::from(day);
        let half = (Z * self.log_standard_error(part, horizon)).exp();
        Estimate::shown(day, (day / half).round(), (day * half).round(), ended)
    }

    /// The weighted share that ends within the horizon, with the interval of the bootstrap. Its `n` is all durations.
    #[must_use]
    pub fn share_within_horizon(&self) -> Estimate {
        let Some(horizon) = self.horizon() else { return Estimate::too_few(self.count()) };
        let share = self.curve().share(horizon);
        let replicates = (0..REPLICATES).map(|b| self.curve_by(|cell| cell.replicates[b]).share(horizon));
        let half = Z * standard_deviation(&replicates.collect::<Vec<_>>());
        Estimate::from_enough(share, (share - half).max(0.0), (share + half).min(1.0), self.count())
    }

    /// The standard deviation over the replicates of the logarithm of the day of [`WeightedDurations::day_of_returners`]. Not
    /// finite if fewer than two replicates have such a day.
    #[must_use]
    pub fn log_standard_error(&self, part: f64, horizon: u32) -> f64 {
        let day = |b: usize| self.curve_by(|cell| cell.replicates[b]).day_of_returners(part, horizon);
        let logs: Vec<f64> = (0..REPLICATES).filter_map(day).map(|day| f64::from(day.max(1)).ln()).collect();
        standard_deviation(&logs)
    }

    fn counts(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> {
        self.days.iter().map(|((day, _), cell)| (*day, cell.count))
    }

    fn curve_by(&self, weight: impl Fn(&Weights) -> u64) -> ReturnCurve {
        let mut days: Vec<(u32, f64, f64)> = Vec::new();
        for ((day, ended), cell) in &self.days {
            if days.last().is_none_or(|(last, ..)| last != day) {
                days.push((*day, 0.0, 0.0));
            }
            if let Some((_, events, censored)) = days.last_mut() {
                *(if *ended { events } else { censored }) += float(weight(cell));
            }
        }
        ReturnCurve::from_days(days)
    }
}

/// Replicates that nothing was added to, as where there are none, take one byte together.
mod without_trailing_zeros {
    use crate::replicates::REPLICATES;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(values: &[u64; REPLICATES], serializer: S) -> Result<S::Ok, S::Error> {
        let length = values.iter().rposition(|value| *value > 0).map_or(0, |last| last + 1);
        values[..length].serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u64; REPLICATES], D::Error> {
        let values = Vec::<u64>::deserialize(deserializer)?;
        let mut all = [0; REPLICATES];
        let length = values.len();
        let start = all.get_mut(..length).ok_or_else(|| D::Error::custom("too many replicates"))?;
        start.copy_from_slice(&values);
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(days: u32, ended: bool) -> Gap {
        Gap { days, ended }
    }

    #[test]
    fn weights_decide_the_curve_and_counts_decide_whether_it_is_shown() {
        let mut durations = WeightedDurations::default();
        for _ in 0..40 {
            durations.add(gap(10, true), 3, &[1; REPLICATES]);
            durations.add(gap(20, true), 1, &[1; REPLICATES]);
        }
        assert!((durations.curve().share(10) - 0.75).abs() < 1e-12);
        assert_eq!(durations.horizon(), Some(20));
        assert_eq!(durations.day_of_returners(0.5).numbers(), Some((10.0, 10.0, 10.0)), "no replicate differs");
    }

    #[test]
    fn what_ends_after_more_than_a_year_is_counted_and_looked_at_for_a_year() {
        let mut durations = WeightedDurations::default();
        for days in [365, 366, 4_000] {
            (0..40).for_each(|_| durations.add(gap(days, true), 1, &[1; REPLICATES]));
        }
        assert_eq!((durations.count(), durations.ended(), durations.horizon()), (120, 120, Some(365)));
        assert!((durations.curve().share(10_000) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn replicates_make_the_interval() {
        let standard_error = |shop: u64| {
            let mut durations = WeightedDurations::default();
            for customer in 0..400_u32 {
                let weights = crate::poisson_weights(shop << 40 | u64::from(customer) << 20);
                durations.add(gap(1 + customer % 100, true), 1, &weights);
            }
            // 30 are at risk on the 93rd day, and half of those who come until then do so by the 47th.
            assert_eq!(durations.day_of_returners(0.5).value, Some(47.0));
            durations.log_standard_error(0.5, 93) * 47.0
        };
        // The standard error of the median of 372 days that are uniform between 0 and 93 is 2.4 days.
        let mean = (0..40).map(standard_error).sum::<f64>() / 40.0;
        assert!((2.2..2.6).contains(&mean), "{mean}");
    }

    #[test]
    fn too_few_who_returned_are_said_to_be_missing() {
        let mut durations = WeightedDurations::default();
        (0..60).for_each(|n| durations.add(gap(40, n < 20), 1, &[1; REPLICATES]));
        let expected = Estimate::not_yet(20, Because::TooFewReturned, Needs::Returned(10));
        assert_eq!(durations.day_of_returners(0.8), expected);
    }
}

//! What is said about the season.

use super::summary::{OfMonth, Season};
use crate::day::Month;
use crate::estimate::{Because, Estimate, MIN_AT_RISK, Needs};
use crate::language::Language;
use crate::replicates::REPLICATES;
use crate::statistics::{Z, float, float_sum, standard_deviation};
use serde::Serialize;
use std::collections::BTreeMap;

/// When orders come.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeasonReport {
    /// Days with an order, from Monday on.
    pub occasions_by_weekday_mon_first: [u64; 7],
    /// Orders by the hour of the shop's zone; all zero if hours are not known.
    pub orders_by_hour: [u64; 24],
    /// Days with an order by month.
    pub occasions_by_month: BTreeMap<Month, u64>,
    /// Complete months that are known.
    pub months: i32,
    /// Whether they are enough for an index.
    pub index_shown: bool,
    /// From January on, the value of the month over the mean of the twelve months around it. `n` is days with an order.
    pub index: [Estimate; 12],
}

/// The fewest complete months that a season is seen in: each month of the year with a whole year around it.
const MIN_MONTHS: i32 = 24;

impl SeasonReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &Season) -> Self {
        let complete = complete_months(summary);
        let months = complete.map_or(0, |(first, last)| (last.since(first) + 1).max(0));
        let index = match complete {
            Some((first, last)) if months >= MIN_MONTHS => index(summary, first, last),
            _ => {
                let days = u64::try_from((MIN_MONTHS - months) * 30).unwrap_or(0);
                let n = summary.months.values().map(|month| month.occasions).sum();
                [Estimate::not_yet(n, Because::HistoryTooShort, Needs::Days(days)); 12]
            }
        };
        Self {
            occasions_by_weekday_mon_first: summary.weekdays,
            orders_by_hour: summary.hours,
            occasions_by_month: summary.months.iter().map(|(month, of)| (*month, of.occasions)).collect(),
            months,
            index_shown: index.iter().any(Estimate::is_shown),
            index,
        }
    }

    /// The strongest and the weakest month, where they are clear.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let shown = || (0..).zip(&self.index).filter_map(|(month, index)| Some((month, index.numbers()?)));
        let strongest = shown().max_by(|(_, a), (_, b)| a.0.total_cmp(&b.0));
        let weakest = shown().min_by(|(_, a), (_, b)| a.0.total_cmp(&b.0));
        let (Some((strong, most)), Some((weak, least))) = (strongest, weakest) else {
            return self.index[0].shown.sentence(language).unwrap_or_default();
        };
        // Ranges that overlap are no season.
        if most.1 <= least.2 {
            return match language {
                Language::English => "No month stands out: there is no season to be seen.".to_owned(),
                Language::Russian => "Ни один месяц не выделяется: сезонности не видно.".to_owned(),
            };
        }
        let number = |month: usize| month + 1;
        let (most, least) = (language.decimal(most.0, 2), language.decimal(least.0, 2));
        match language {
            Language::English => format!(
                "The strongest month is month {} of the year with {most} times the usual value, the weakest month {} with {least}.",
                number(strong),
                number(weak)
            ),
            Language::Russian => format!(
                "Самый сильный месяц — {}-й в году, {most} от обычного уровня; самый слабый — {}-й, {least}.",
                number(strong),
                number(weak)
            ),
        }
    }
}

/// The first and last month of which every day is known.
fn complete_months(summary: &Season) -> Option<(Month, Month)> {
    let from = summary.history.complete_from.into_iter().chain(summary.earliest).max()?;
    let (first, through) = (from.month(), summary.history.through);
    let first = if from == first.first_day() { first } else { first.plus(1) };
    let last = through.month();
    let last = if through == last.last_day() { last } else { last.plus(-1) };
    // A month of which orders are kept.
    let kept = summary.months.keys().next().copied()?;
    Some((first.max(kept), last))
}

fn index(summary: &Season, first: Month, last: Month) -> [Estimate; 12] {
    let none = OfMonth::default();
    let months: Vec<(Month, &OfMonth)> = (0..=last.since(first))
        .map(|place| first.plus(place))
        .map(|month| (month, summary.months.get(&month).unwrap_or(&none)))
        .collect();
    let values = ratios(&months, |month| float_sum(month.value));
    let replicates: Vec<[Option<f64>; 12]> =
        (0..REPLICATES).map(|b| ratios(&months, |month| float_sum(month.replicates[b]))).collect();
    std::array::from_fn(|of_year| {
        let mine = months.iter().filter(|(month, _)| month.of_year() == of_year);
        let n = mine.map(|(_, month)| month.occasions).sum();
        if n < MIN_AT_RISK {
            return Estimate::too_few(n);
        }
        let Some(value) = values[of_year] else {
            return Estimate::not_yet(n, Because::NothingToCompare, Needs::OtherData);
        };
        let replicates: Vec<f64> = replicates.iter().filter_map(|values| values[of_year]).collect();
        let half = Z * standard_deviation(&replicates);
        Estimate::shown(value, value - half, value + half, n)
    })
}

/// For each month of the year the mean ratio of a month to the twelve months around it, half of the first and of the thirteenth.
/// `None` where these are worth nothing.
fn ratios(months: &[(Month, &OfMonth)], value: impl Fn(&OfMonth) -> f64) -> [Option<f64>; 12] {
    let mut sums = [(0.0, 0_u64); 12];
    for around in months.windows(13) {
        let values: Vec<f64> = around.iter().map(|(_, month)| value(month)).collect();
        let mean = (values.iter().sum::<f64>() - (values[0] + values[12]) / 2.0) / 12.0;
        if mean > 0.0 {
            let (sum, count) = &mut sums[around[6].0.of_year()];
            *sum += values[6] / mean;
            *count += 1;
        }
    }
    sums.map(|(sum, count)| (count > 0).then(|| sum / float(count)))
}

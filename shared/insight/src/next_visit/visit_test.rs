//! How often forecasts of the next visit held.

use super::gap_prior::GapPrior;
use super::gap_sums::GapSums;
use super::own_gaps::OwnGaps;
use super::summary::Visitor;
use crate::day::Day;
use crate::estimate::Estimate;
use crate::statistics::wilson;
use serde::Serialize;

/// Forecasts of visits in the second half of the history, made with what the first half says of all customers and what is known
/// of the customer until then.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VisitTest {
    /// The last day of the first half.
    pub split_day: Option<Day>,
    /// By how much was known of the customer.
    pub groups: VisitGroups,
    /// How often a forecast would be within 20 % if gaps were purely random and each customer's mean was known.
    pub hit20_if_gaps_were_exponential: f64,
    #[serde(skip)]
    pub(super) train: GapSums,
}

/// Forecasts by how much was known of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VisitGroups {
    /// Customers with at least one gap.
    pub at_least_1_gap: VisitGroup,
    /// Customers with at least three gaps.
    pub at_least_3_gaps: VisitGroup,
    /// Customers with at least five gaps that are nearly equal.
    #[serde(rename = "regular_5_gaps_sd_log_below_0.35")]
    pub regular: VisitGroup,
}

/// Forecasts and how often they held. Shares are of visits that took place, which flatters: of the others the forecast may have
/// been too early already.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VisitGroup {
    /// Forecasts whose visit took place.
    pub visits: u64,
    /// Forecasts whose visit had not taken place by the end of the history.
    pub censored: u64,
    /// Customers with a forecast whose visit took place.
    pub customers: u64,
    /// Within 20 % of the mean of the customer's gaps.
    pub hit20_own_mean_gap: Estimate,
    /// Within 20 % of the forecast.
    pub hit20_shrunk_median: Estimate,
    /// Within the 80 % interval.
    pub cover_80: Estimate,
    /// At most 3 days off.
    pub within_3_days: Estimate,
    /// At most 7 days off.
    pub within_7_days: Estimate,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    visits: u64,
    censored: u64,
    customers: u64,
    hits: [u64; 5],
}

/// Off by at most this share of what was predicted is a hit.
const HIT: f64 = 0.2;

impl VisitTest {
    pub(super) fn new(visitors: &[&Visitor], first_day: Option<Day>, through: Day) -> Self {
        let half = |first: Day| i32::try_from(through.since(first) / 2).unwrap_or(i32::MAX);
        let split_day = first_day.map(|first| first.plus(half(first)));
        let split = split_day.map_or(i32::MAX, Day::number);
        let mut train = GapSums::default();
        visitors.iter().for_each(|visitor| train.add(gaps_until(visitor, split)));
        let prior = train.components().map(|components| components.prior);
        let mut counts = [Count::default(); 3];
        if let Some(prior) = &prior {
            visitors.iter().for_each(|visitor| count(visitor, split, prior, &mut counts));
        }
        let [at_least_1_gap, at_least_3_gaps, regular] = counts.map(VisitGroup::from);
        Self {
            split_day,
            groups: VisitGroups { at_least_1_gap, at_least_3_gaps, regular },
            hit20_if_gaps_were_exponential: chance_of_hit(),
            train,
        }
    }
}

/// The chance of an exponential time to be within 20 % of its mean.
pub(super) fn chance_of_hit() -> f64 {
    (HIT - 1.0).exp() - (-HIT - 1.0).exp()
}

/// The gaps that ended until a day.
fn gaps_until(visitor: &Visitor, last: i32) -> impl Iterator<Item = u32> {
    let ends = visitor.gaps.iter().scan(visitor.first, |day, gap| {
        *day = later(*day, *gap);
        Some((*day, *gap))
    });
    ends.take_while(move |(end, _)| *end <= last).map(|(_, gap)| gap)
}

/// Counts the forecasts that a customer's days after the split give.
fn count(visitor: &Visitor, split: i32, prior: &GapPrior, counts: &mut [Count; 3]) {
    let mut own = OwnGaps::default();
    let mut day = visitor.first;
    let mut met = [false; 3];
    let next = visitor.gaps.iter().map(|gap| Some(*gap)).chain([None]);
    for gap in next {
        let applies = [own.count >= 1, own.count >= 3, own.is_regular()];
        if day > split && own.count >= 1 {
            let hits = gap.map(|gap| hits(gap, &own, f64::from(day.abs_diff(visitor.first)), prior));
            for (place, count) in counts.iter_mut().enumerate().filter(|(place, _)| applies[*place]) {
                count.add(hits, &mut met[place]);
            }
        }
        if let Some(gap) = gap {
            own.add(gap);
            day = later(day, gap);
        }
    }
}

/// In the order of [`VisitGroup`]'s shares, whether the forecast held.
fn hits(gap: u32, own: &OwnGaps, since_first: f64, prior: &GapPrior) -> [bool; 5] {
    let actual = f64::from(gap);
    let predicted = prior.predict(own);
    let (median, (lo, hi)) = (predicted.median(), predicted.interval_80());
    let own_mean = since_first / f64::from(own.count);
    let off = (actual - median).abs();
    [
        (actual - own_mean).abs() <= HIT * own_mean,
        off <= HIT * median,
        (lo..=hi).contains(&actual),
        off <= 3.0,
        off <= 7.0,
    ]
}

fn later(day: i32, gap: u32) -> i32 {
    day.saturating_add_unsigned(gap)
}

impl Count {
    /// `met` tells whether the customer is counted already.
    fn add(&mut self, hits: Option<[bool; 5]>, met: &mut bool) {
        let Some(hits) = hits else {
            self.censored += 1;
            return;
        };
        self.visits += 1;
        self.customers += u64::from(!*met);
        *met = true;
        self.hits.iter_mut().zip(hits).for_each(|(count, hit)| *count += u64::from(hit));
    }
}

impl From<Count> for VisitGroup {
    fn from(count: Count) -> Self {
        let [own_mean, median, interval, three, seven] = count.hits.map(|hits| wilson(hits, count.visits));
        Self {
            visits: count.visits,
            censored: count.censored,
            customers: count.customers,
            hit20_own_mean_gap: own_mean,
            hit20_shrunk_median: median,
            cover_80: interval,
            within_3_days: three,
            within_7_days: seven,
        }
    }
}

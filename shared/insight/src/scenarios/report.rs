//! What is said about the ways of customers.

use super::summary::{SCENARIO_DAYS, Scenarios};
use crate::estimate::Estimate;
use crate::language::Language;
use crate::rfm::Segment;
use crate::statistics::wilson;
use serde::Serialize;

/// Where most customers go from a segment, and where those go who become champions or loyal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScenarioReport {
    /// The segment on the day of the first order.
    pub start: Segment,
    /// Customers who began in it.
    pub customers: u64,
    /// Those who were champions or loyal after a year.
    pub desired_customers: u64,
    /// The most frequent way; absent if there are fewer than 30 customers.
    pub typical: Option<Scenario>,
    /// The most frequent way of those who were champions or loyal after a year; absent if these are fewer than 30.
    pub desired: Option<Scenario>,
    /// Where both part; absent if there is no desired way.
    pub parting: Option<Parting>,
}

/// A way through the segments, on the days after the first order that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scenario {
    /// The segments on days 0, 90, 180 and 365.
    pub segments: [Segment; SCENARIO_DAYS.len()],
    /// The share of customers who went this way.
    pub share: Estimate,
}

/// The day on which the desired way differs most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parting {
    /// Days after the first order.
    pub day: u32,
    /// The segment of the desired way on that day.
    pub segment: Segment,
    /// The share of all customers who were in it.
    pub of_all: Estimate,
    /// The share of those who became champions or loyal.
    pub of_desired: Estimate,
}

type Way<'a> = (&'a [Segment; SCENARIO_DAYS.len()], u64);

impl ScenarioReport {
    /// Computes it for customers who began in a segment.
    #[must_use]
    pub fn new(summary: &Scenarios, start: Segment) -> Self {
        let all: Vec<Way<'_>> =
            summary.ways.iter().filter(|(way, _)| way[0] == start).map(|(way, count)| (way, *count)).collect();
        let is_desired = |way: &&Way<'_>| matches!(way.0, [.., Segment::Champions | Segment::Loyal]);
        let desired: Vec<Way<'_>> = all.iter().filter(is_desired).copied().collect();
        let desired_way = most_frequent(&desired);
        Self {
            start,
            customers: total(&all),
            desired_customers: total(&desired),
            typical: most_frequent(&all),
            desired: desired_way,
            parting: desired_way.and_then(|way| parting(&way, &all, &desired)),
        }
    }

    /// Where most customers go, and where those part from them who become champions or loyal.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let Some(typical) = &self.typical else {
            return Estimate::too_few(self.customers).shown.sentence(language).unwrap_or_default();
        };
        let way = typical.segments.map(|segment| segment.name(language)).join(" → ");
        let share = typical.share.numbers().map_or_else(String::new, |share| language.percent_between(share));
        let text = match language {
            Language::English => format!("The usual way is {way} ({share} of customers)."),
            Language::Russian => format!("Обычный путь: {way} ({share} покупателей)."),
        };
        let shares = self.parting.and_then(|parting| Some((parting, parting.of_desired.value?, parting.of_all.value?)));
        let Some((parting, of_desired, of_all)) = shares else { return text };
        let (of_desired, of_all) = (language.percent(of_desired), language.percent(of_all));
        let segment = parting.segment.name(language);
        match language {
            Language::English => format!(
                "{text} Those who stay part from it by day {}: {of_desired}\u{a0}% of them are {segment} then, of all {of_all}\u{a0}%.",
                parting.day
            ),
            Language::Russian => format!(
                "{text} Те, кто остаётся, отличаются к {}-му дню: «{segment}» — {of_desired}\u{a0}% из них, а из всех — {of_all}\u{a0}%.",
                parting.day
            ),
        }
    }
}

fn total(ways: &[Way<'_>]) -> u64 {
    ways.iter().map(|(_, count)| count).sum()
}

/// The most frequent way, the first in the order of segments among equals; `None` without enough customers.
fn most_frequent(ways: &[Way<'_>]) -> Option<Scenario> {
    let (segments, count) = ways.iter().rev().max_by_key(|(_, count)| *count)?;
    let share = wilson(*count, total(ways));
    share.is_shown().then_some(Scenario { segments: **segments, share })
}

fn parting(way: &Scenario, all: &[Way<'_>], desired: &[Way<'_>]) -> Option<Parting> {
    // The last day is where the desired are told apart; it explains nothing.
    let steps = 1..SCENARIO_DAYS.len() - 1;
    let step = |step: usize| {
        let segment = way.segments[step];
        let within = |ways: &[Way<'_>]| {
            let there: Vec<Way<'_>> = ways.iter().filter(|(way, _)| way[step] == segment).copied().collect();
            wilson(total(&there), total(ways))
        };
        Parting { day: SCENARIO_DAYS[step], segment, of_all: within(all), of_desired: within(desired) }
    };
    let difference =
        |parting: &Parting| parting.of_desired.value.unwrap_or_default() - parting.of_all.value.unwrap_or_default();
    steps.map(step).max_by(|a, b| difference(a).total_cmp(&difference(b)))
}

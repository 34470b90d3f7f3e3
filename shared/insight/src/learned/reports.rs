//! All reports on one history.

use super::gathered::Gathered;
use super::placed::Placed;
use super::terms::LearningTerms;
use crate::buyer::Buyer;
use crate::cohorts::CohortsReport;
use crate::early_score::EarlyScoreReport;
use crate::history::History;
use crate::honeymoon::HoneymoonReport;
use crate::language::Language;
use crate::next_visit::{FittedGapPrior, NextVisitReport};
use crate::orders_to_come::{Assumptions, OrdersToComeReport};
use crate::overview::OverviewReport;
use crate::repeat::RepeatReport;
use crate::rfm::{RfmReport, SEGMENTS, Segment, SegmentsReport};
use crate::scenarios::ScenarioReport;
use crate::season::SeasonReport;
use crate::second_order::SecondOrderReport;
use crate::statistics::whole_days;
use crate::thresholds::ThresholdsReport;
use crate::value::{LtvReport, Terms};
use serde::Serialize;

/// What a shop's orders tell. Every number is an [`Estimate`](crate::Estimate), or a count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Learned {
    /// What the history holds.
    pub data: OverviewReport,
    /// How many come back, and how soon.
    pub second_order: SecondOrderReport,
    /// How many have come back.
    pub repeat: RepeatReport,
    /// How long customers who stay are more active than later.
    pub honeymoon: HoneymoonReport,
    /// After how much silence customers of each class rarely return.
    pub thresholds: ThresholdsReport,
    /// Scores and segments four weeks ago and today; absent while nobody had ordered then.
    pub rfm: Option<RfmReport>,
    /// How the gaps between orders scatter.
    pub gap_prior: FittedGapPrior,
    /// Where customers are and where they were four weeks ago, by the returns of each class; absent as the scores are.
    pub segments: Option<SegmentsReport>,
    /// New customers by month, and what they did later.
    pub cohorts: CohortsReport,
    /// Orders to come and their value, beside the same forecast of some time ago.
    #[serde(rename = "btyd")]
    pub orders_to_come: OrdersToComeReport,
    /// Who of the new customers will stay.
    pub early_score: EarlyScoreReport,
    /// Who has a rhythm.
    pub next_visit: NextVisitReport,
    /// What customers bring against what they cost, if the shop says what that is.
    pub ltv_cac: Option<LtvReport>,
    /// Which months, weekdays and hours are strong.
    pub season: SeasonReport,
    /// The usual way of customers and that of those who stay; absent as the segments are.
    pub scenarios: Option<ScenarioReport>,
}

/// What is said about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The subject, as a heading.
    pub title: &'static str,
    /// One sentence a finding.
    pub sentences: Vec<String>,
}

impl Learned {
    /// Computes all reports from two passes over the same customers. `placed` is `None` where there are no limits yet.
    #[must_use]
    pub fn new(gathered: &Gathered, placed: Option<&Placed>, terms: &LearningTerms) -> Self {
        let thresholds = ThresholdsReport::new(&gathered.thresholds);
        let assumptions = Assumptions {
            usual_return_days: thresholds.regular.q80.value.map(whole_days),
            margin: terms.margin,
            yearly_rate: terms.yearly_rate,
        };
        let ltv = |cac| LtvReport::new(&gathered.value_curve, &Terms { margin: terms.margin, cac, future: None });
        let next_visit = NextVisitReport::new(&gathered.next_visit);
        Self {
            data: OverviewReport::new(&gathered.overview),
            second_order: SecondOrderReport::new(&gathered.second_order),
            repeat: RepeatReport::new(&gathered.repeat),
            honeymoon: HoneymoonReport::new(&gathered.honeymoon),
            rfm: placed.map(|placed| {
                let cuts = [&gathered.cuts_before, &gathered.cuts_now];
                RfmReport::new(cuts, &placed.by_fifths, &placed.by_own_fifths, &placed.anchored)
            }),
            segments: placed.map(|placed| SegmentsReport::new(&placed.anchored)),
            cohorts: CohortsReport::new(&gathered.cohorts),
            orders_to_come: OrdersToComeReport::new(&gathered.orders, &gathered.order_values, &assumptions),
            early_score: EarlyScoreReport::new(&gathered.early_score),
            gap_prior: next_visit.gap_prior,
            next_visit,
            ltv_cac: terms.acquisition_cost.map(ltv),
            season: SeasonReport::new(&gathered.season),
            scenarios: placed.map(|placed| ScenarioReport::new(&placed.scenarios, Segment::New)),
            thresholds,
        }
    }

    /// Both passes over customers that are at hand.
    #[must_use]
    pub fn from_buyers(history: History, buyers: &[Buyer], terms: &LearningTerms) -> Self {
        let mut gathered = Gathered::new(history);
        buyers.iter().for_each(|buyer| gathered.add(buyer));
        let placed = gathered.scales(terms.policy_days).map(|scales| {
            let mut placed = Placed::new(history, &scales);
            buyers.iter().for_each(|buyer| placed.add(buyer));
            placed
        });
        Self::new(&gathered, placed.as_ref(), terms)
    }

    /// Everything that can be said, subject by subject; what is not known yet says what is missing.
    #[must_use]
    pub fn sentences(&self, language: Language) -> Vec<Said> {
        let mut second_order = vec![self.second_order.sentence(language)];
        second_order.extend(self.second_order.ladder_sentence(language));
        let of_segments = |of: &SegmentsReport| -> Vec<String> {
            SEGMENTS.iter().filter_map(|name| of.sentence(*name, language)).collect()
        };
        let subjects = [
            (["The history", "История"], vec![self.data.sentence(language)]),
            (["The second order", "Второй заказ"], second_order),
            (["Customers who came back", "Кто вернулся"], vec![self.repeat.sentence(language)]),
            (["The honeymoon", "Медовый месяц"], vec![self.honeymoon.sentence(language)]),
            (["Silence", "Молчание"], self.thresholds.sentences(language)),
            (["Segments", "Сегменты"], self.segments.as_ref().map(of_segments).unwrap_or_default()),
            (["New customers by month", "Новые покупатели по месяцам"], vec![self.cohorts.sentence(language)]),
            (
                ["Orders to come", "Будущие заказы"],
                vec![self.orders_to_come.sentence(language), self.orders_to_come.value_sentence(language)],
            ),
            (["Who will stay", "Кто останется"], vec![self.early_score.sentence(language)]),
            (["The next visit", "Следующий визит"], vec![self.next_visit.sentence(language)]),
            (
                ["Value against cost", "Ценность и затраты"],
                self.ltv_cac.iter().map(|report| report.sentence(language)).collect(),
            ),
            (["Season", "Сезон"], vec![self.season.sentence(language)]),
            (
                ["The usual way of a customer", "Обычный путь покупателя"],
                self.scenarios.iter().map(|report| report.sentence(language)).collect(),
            ),
        ];
        let said = subjects.into_iter().map(|([english, russian], mut sentences)| {
            sentences.retain(|sentence| !sentence.is_empty());
            sentences.dedup();
            let title = match language {
                Language::English => english,
                Language::Russian => russian,
            };
            Said { title, sentences }
        });
        said.filter(|said| !said.sentences.is_empty()).collect()
    }
}

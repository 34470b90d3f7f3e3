//! The first pass over the customers.

use crate::buyer::Buyer;
use crate::cohorts::Cohorts;
use crate::day::Day;
use crate::early_score::EarlyScore;
use crate::history::History;
use crate::honeymoon::Honeymoon;
use crate::next_visit::NextVisit;
use crate::orders_to_come::{DEFAULT_HORIZON, OrderValues, OrdersToCome};
use crate::overview::Overview;
use crate::repeat::Repeat;
use crate::rfm::{AnchoredCuts, RfmCuts, Scale};
use crate::season::Season;
use crate::second_order::SecondOrder;
use crate::summary::{Mismatch, Summary};
use crate::thresholds::{Thresholds, ThresholdsReport};
use crate::value::ValueCurve;

/// Days between the two looks at which segments are compared.
const MOVES_DAYS: i32 = 28;

/// The summaries that need nothing but the customers' orders.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered {
    pub(super) history: History,
    pub(super) overview: Overview,
    pub(super) second_order: SecondOrder,
    pub(super) repeat: Repeat,
    pub(super) honeymoon: Honeymoon,
    pub(super) thresholds: Thresholds,
    pub(super) cohorts: Cohorts,
    pub(super) orders: OrdersToCome,
    pub(super) order_values: OrderValues,
    pub(super) early_score: EarlyScore,
    pub(super) next_visit: NextVisit,
    pub(super) value_curve: ValueCurve,
    pub(super) season: Season,
    /// As of the earlier day, so that limits that move make no customer move.
    thresholds_before: Thresholds,
    pub(super) cuts_before: RfmCuts,
    pub(super) cuts_now: RfmCuts,
}

/// The limits of segments.
#[derive(Debug, Clone, PartialEq)]
pub struct Scales {
    /// Fifths of the customers four weeks ago.
    pub fifths_before: Scale,
    /// Fifths of the customers today.
    pub fifths_now: Scale,
    /// The returns of each class, as they were known four weeks ago.
    pub anchored: Scale,
}

impl Gathered {
    /// Nothing yet.
    #[must_use]
    pub fn new(history: History) -> Self {
        let before = day_before(history);
        Self {
            history,
            overview: Overview::new(history),
            second_order: SecondOrder::new(history),
            repeat: Repeat::new(history),
            honeymoon: Honeymoon::new(history),
            thresholds: Thresholds::new(history),
            cohorts: Cohorts::new(history),
            orders: OrdersToCome::new(history, DEFAULT_HORIZON),
            order_values: OrderValues::new(history),
            early_score: EarlyScore::new(history),
            next_visit: NextVisit::new(history),
            value_curve: ValueCurve::new(history),
            season: Season::new(history),
            thresholds_before: Thresholds::new(history.as_of(before)),
            cuts_before: RfmCuts::new(history, before),
            cuts_now: RfmCuts::new(history, history.through),
        }
    }

    fn each(&mut self) -> [&mut dyn Adds; 15] {
        [
            &mut self.overview,
            &mut self.second_order,
            &mut self.repeat,
            &mut self.honeymoon,
            &mut self.thresholds,
            &mut self.cohorts,
            &mut self.orders,
            &mut self.order_values,
            &mut self.early_score,
            &mut self.next_visit,
            &mut self.value_curve,
            &mut self.season,
            &mut self.thresholds_before,
            &mut self.cuts_before,
            &mut self.cuts_now,
        ]
    }

    /// Adds a customer; once in a pass.
    pub fn add(&mut self, buyer: &Buyer) {
        self.each().into_iter().for_each(|summary| summary.add_buyer(buyer));
    }

    /// Adds what another part of the pass gathered.
    ///
    /// # Errors
    /// The other part looks at another history.
    pub fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        self.overview.merge(&other.overview)?;
        self.second_order.merge(&other.second_order)?;
        self.repeat.merge(&other.repeat)?;
        self.honeymoon.merge(&other.honeymoon)?;
        self.thresholds.merge(&other.thresholds)?;
        self.cohorts.merge(&other.cohorts)?;
        self.orders.merge(&other.orders)?;
        self.order_values.merge(&other.order_values)?;
        self.early_score.merge(&other.early_score)?;
        self.next_visit.merge(&other.next_visit)?;
        self.value_curve.merge(&other.value_curve)?;
        self.season.merge(&other.season)?;
        self.thresholds_before.merge(&other.thresholds_before)?;
        self.cuts_before.merge(&other.cuts_before)?;
        self.cuts_now.merge(&other.cuts_now)
    }

    /// The limits by which the second pass puts customers into segments. Where the returns of a class are not known, those of
    /// `policy_days` are taken. `None` while nobody had ordered within the year before the earlier day.
    #[must_use]
    pub fn scales(&self, policy_days: [u32; 3]) -> Option<Scales> {
        let (before, now) = (self.cuts_before.quintiles()?, self.cuts_now.quintiles()?);
        let thresholds = ThresholdsReport::new(&self.thresholds_before);
        let anchored = Scale::Anchored(AnchoredCuts::learned(&thresholds, policy_days, before.value));
        Some(Scales { fifths_before: Scale::Quintile(before), fifths_now: Scale::Quintile(now), anchored })
    }
}

/// The earlier of the two days on which segments are looked at.
pub(super) fn day_before(history: History) -> Day {
    history.through.plus(-MOVES_DAYS)
}

trait Adds {
    fn add_buyer(&mut self, buyer: &Buyer);
}

impl<S: Summary> Adds for S {
    fn add_buyer(&mut self, buyer: &Buyer) {
        self.add(buyer);
    }
}

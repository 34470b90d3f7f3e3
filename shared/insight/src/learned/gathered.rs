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
use crate::proposals::{self, Found, InForce};
use crate::repeat::Repeat;
use crate::rfm::{AnchoredCuts, RfmCuts, Scale};
use crate::season::Season;
use crate::second_order::SecondOrder;
use crate::summary::{Mismatch, Summary};
use crate::thresholds::{Thresholds, ThresholdsReport};
use crate::value::ValueCurve;

/// Days between the two looks at which segments are compared.
const MOVES_DAYS: i32 = 28;

macro_rules! gathered {
    ($($(#[$doc:meta])* $field:ident: $summary:ty = $new:expr,)*) => {
        /// The summaries that need nothing but the customers' orders.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Gathered {
            history: History,
            $($(#[$doc])* pub(super) $field: $summary,)*
        }

        impl Gathered {
            /// Nothing yet.
            #[must_use]
            pub fn new(history: History) -> Self {
                Self { history, $($field: ($new)(history),)* }
            }

            /// Adds a customer; once in a pass.
            pub fn add(&mut self, buyer: &Buyer) {
                $(self.$field.add(buyer);)*
            }

            /// Adds what another part of the pass gathered.
            ///
            /// # Errors
            /// The other part looks at another history.
            pub fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
                Mismatch::unless_equal(&self.history, &other.history)?;
                $(self.$field.merge(&other.$field)?;)*
                Ok(())
            }
        }
    };
}

gathered! {
    overview: Overview = Overview::new,
    second_order: SecondOrder = SecondOrder::new,
    repeat: Repeat = Repeat::new,
    honeymoon: Honeymoon = Honeymoon::new,
    thresholds: Thresholds = Thresholds::new,
    cohorts: Cohorts = Cohorts::new,
    orders: OrdersToCome = |history| OrdersToCome::new(history, DEFAULT_HORIZON),
    order_values: OrderValues = OrderValues::new,
    early_score: EarlyScore = EarlyScore::new,
    next_visit: NextVisit = NextVisit::new,
    value_curve: ValueCurve = ValueCurve::new,
    season: Season = Season::new,
    /// As of the earlier day, so that limits that move make no customer move.
    thresholds_before: Thresholds = |history: History| Thresholds::new(history.as_of(day_before(history))),
    cuts_before: RfmCuts = |history| RfmCuts::new(history, day_before(history)),
    cuts_now: RfmCuts = |history: History| RfmCuts::new(history, history.through),
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
    /// What differs from the policy by more than chance.
    #[must_use]
    pub fn proposals(&self, in_force: &InForce) -> Vec<Found> {
        proposals::find(&self.thresholds, &self.honeymoon, in_force)
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

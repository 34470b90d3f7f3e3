//! What is gathered about the next visit.

use super::gap_sums::GapSums;
use super::own_gaps::OwnGaps;
use crate::buyer::Buyer;
use crate::day::Day;
use crate::history::History;
use crate::sample::Sample;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};

/// Sums over the gaps between customers' days with an order, and a sample of customers with all their gaps to test forecasts on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextVisit {
    history: History,
    pub(super) first_day: Option<Day>,
    pub(super) gaps: GapSums,
    /// Customers whose rhythm is regular.
    pub(super) regular: u64,
    /// Customers with at least one gap.
    pub(super) visitors: Sample<Visitor>,
}

/// A customer's days with an order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Visitor {
    /// The first day, as days since 1970-01-01.
    pub(super) first: i32,
    /// Days from each day with an order to the next.
    pub(super) gaps: Vec<u32>,
}

/// Customers in the sample at most: each is kept with all of its days.
const SAMPLE: u32 = 50_000;

impl NextVisit {
    /// An empty summary of this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        Self { history, first_day: None, gaps: GapSums::default(), regular: 0, visitors: Sample::with_size(SAMPLE) }
    }

    /// The history looked at.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }
}

impl Stored for NextVisit {
    const KIND: Kind = Kind::NextVisit;
    const VERSION: u8 = 1;
}

impl Summary for NextVisit {
    fn add(&mut self, buyer: &Buyer) {
        let Some(known) = buyer.as_of(self.history.through) else { return };
        self.first_day = Some(self.first_day.map_or(known.first, |first| first.min(known.first)));
        let gaps = || known.gaps().filter(|gap| gap.ended).map(|gap| gap.days);
        self.gaps.add(gaps());
        self.regular += u64::from(OwnGaps::new(gaps()).is_regular());
        if known.repeats() > 0 {
            self.visitors.offer(buyer.hash(), || Visitor { first: known.first.number(), gaps: gaps().collect() });
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        self.first_day = self.first_day.into_iter().chain(other.first_day).min();
        self.gaps.merge(&other.gaps);
        self.regular += other.regular;
        self.visitors.merge(&other.visitors);
        Ok(())
    }
}

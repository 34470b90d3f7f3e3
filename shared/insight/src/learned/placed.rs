//! The second pass over the customers.

use super::gathered::{Scales, day_before};
use crate::buyer::Buyer;
use crate::history::History;
use crate::rfm::SegmentMoves;
use crate::scenarios::Scenarios;
use crate::summary::{Mismatch, Summary};

/// Customers by segment: today, four weeks ago, and on their way since the first order.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub(super) by_fifths: SegmentMoves,
    pub(super) by_own_fifths: SegmentMoves,
    pub(super) anchored: SegmentMoves,
    pub(super) scenarios: Scenarios,
}

impl Placed {
    /// Nothing yet, with limits from the first pass.
    #[must_use]
    pub fn new(history: History, scales: &Scales) -> Self {
        let (before, now) = (day_before(history), history.through);
        Self {
            by_fifths: SegmentMoves::new(history, before, now, scales.fifths_before),
            by_own_fifths: SegmentMoves::new(history, now, now, scales.fifths_now),
            anchored: SegmentMoves::new(history, before, now, scales.anchored),
            scenarios: Scenarios::new(history, scales.anchored),
        }
    }

    /// Adds a customer; once in a pass.
    pub fn add(&mut self, buyer: &Buyer) {
        self.by_fifths.add(buyer);
        self.by_own_fifths.add(buyer);
        self.anchored.add(buyer);
        self.scenarios.add(buyer);
    }

    /// Adds what another part of the pass placed.
    ///
    /// # Errors
    /// The other part looks at another history or has other limits.
    pub fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        self.by_fifths.merge(&other.by_fifths)?;
        self.by_own_fifths.merge(&other.by_own_fifths)?;
        self.anchored.merge(&other.anchored)?;
        self.scenarios.merge(&other.scenarios)
    }
}

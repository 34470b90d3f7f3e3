//! The second pass over the customers.

use super::gathered::day_before;
use crate::buyer::Buyer;
use crate::history::History;
use crate::rfm::{Scale, SegmentMoves};
use crate::scenarios::Scenarios;
use crate::summary::{Mismatch, Summary};

/// Customers by segment: today, four weeks ago, and on their way since the first order.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub(super) moves: SegmentMoves,
    pub(super) scenarios: Scenarios,
}

impl Placed {
    /// Nothing yet, with limits from the first pass.
    #[must_use]
    pub fn new(history: History, scale: Scale) -> Self {
        Self {
            moves: SegmentMoves::new(history, day_before(history), history.through, scale.clone()),
            scenarios: Scenarios::new(history, scale),
        }
    }

    /// Adds a customer; once in a pass.
    pub fn add(&mut self, buyer: &Buyer) {
        self.moves.add(buyer);
        self.scenarios.add(buyer);
    }

    /// Adds what another part of the pass placed.
    ///
    /// # Errors
    /// The other part looks at another history or has other limits.
    pub fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        self.moves.merge(&other.moves)?;
        self.scenarios.merge(&other.scenarios)
    }
}

//! What is gathered for the early score.

use super::newcomer::{Newcomer, Signals};
use crate::buyer::Buyer;
use crate::history::History;
use crate::sample::Sample;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};

/// A sample of the customers whose first order was seen and of whom it is known what became of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlyScore {
    history: History,
    pub(super) newcomers: Sample<Newcomer>,
}

impl EarlyScore {
    /// An empty summary of this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        Self { history, newcomers: Sample::default() }
    }

    /// The history looked at.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Adds a customer of whom the shop knows more than the orders. It must not be in it yet.
    pub fn add_with_signals(&mut self, buyer: &Buyer, signals: Signals) {
        let Some(known) = buyer.as_of(self.history.through) else { return };
        if self.history.is_burn_in(known.first) {
            return;
        }
        if let Some(newcomer) = Newcomer::new(&known, signals) {
            self.newcomers.offer(buyer.hash(), || newcomer);
        }
    }
}

impl Stored for EarlyScore {
    const KIND: Kind = Kind::EarlyScore;
    const VERSION: u8 = 1;
}

impl Summary for EarlyScore {
    fn add(&mut self, buyer: &Buyer) {
        self.add_with_signals(buyer, Signals::default());
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        self.newcomers.merge(&other.newcomers);
        Ok(())
    }
}

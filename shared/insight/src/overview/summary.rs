//! What is counted of a history.

use crate::buyer::Buyer;
use crate::day::Day;
use crate::history::History;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Customers, days with an order and their value, and when customers came first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub(super) history: History,
    pub(super) occasions: u64,
    pub(super) without_value: u64,
    pub(super) value: i128,
    /// First orders by day.
    pub(super) first_orders: BTreeMap<Day, u64>,
}

impl Overview {
    /// An empty summary of this history.
    #[must_use]
    pub const fn new(history: History) -> Self {
        Self { history, occasions: 0, without_value: 0, value: 0, first_orders: BTreeMap::new() }
    }
}

impl Stored for Overview {
    const KIND: Kind = Kind::Overview;
    const VERSION: u8 = 1;
}

impl Summary for Overview {
    fn add(&mut self, buyer: &Buyer) {
        let Some(known) = buyer.as_of(self.history.through) else { return };
        *self.first_orders.entry(known.first).or_default() += 1;
        self.occasions += known.n();
        for occasion in known.occasions {
            self.without_value += u64::from(occasion.value == 0);
            self.value += i128::from(occasion.value);
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        self.occasions += other.occasions;
        self.without_value += other.without_value;
        self.value += other.value;
        for (day, customers) in &other.first_orders {
            *self.first_orders.entry(*day).or_default() += customers;
        }
        Ok(())
    }
}

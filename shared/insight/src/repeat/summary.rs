//! What is gathered about returning customers.

use crate::buyer::Buyer;
use crate::day::Day;
use crate::history::History;
use crate::statistics::RatioSums;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};

/// Customers with a second day with an order, and how much of the last year was theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    pub(super) history: History,
    pub(super) customers: u64,
    pub(super) repeaters: u64,
    /// Customers who ordered in the last year: days with an order that are not their first, among all.
    pub(super) occasions: RatioSums,
    /// The same for the value of these days.
    pub(super) value: RatioSums,
    /// Customers with two days with an order in the last year.
    pub(super) twice_in_year: u64,
}

/// Days of the last year.
const YEAR: i32 = 365;

impl Repeat {
    /// An empty summary of this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        let (occasions, value) = (RatioSums::default(), RatioSums::default());
        Self { history, customers: 0, repeaters: 0, occasions, value, twice_in_year: 0 }
    }

    /// The last day before the last year.
    pub(super) const fn before_year(&self) -> Day {
        self.history.through.plus(-YEAR)
    }
}

impl Stored for Repeat {
    const KIND: Kind = Kind::Repeat;
    const VERSION: u8 = 1;
}

impl Summary for Repeat {
    fn add(&mut self, buyer: &Buyer) {
        let Some(known) = buyer.as_of(self.history.through) else { return };
        self.customers += 1;
        self.repeaters += u64::from(known.n() >= 2);
        let year = &known.occasions[known.occasions.partition_point(|occasion| occasion.day <= self.before_year())..];
        if year.is_empty() {
            return;
        }
        let (mut count, mut again) = ([0_i128; 2], [0_i128; 2]);
        for occasion in year {
            let value = i128::from(occasion.value);
            count = [count[0] + 1, count[1] + value];
            if occasion.day > known.first {
                again = [again[0] + 1, again[1] + value];
            }
        }
        self.occasions.add(again[0], count[0]);
        self.value.add(again[1], count[1]);
        self.twice_in_year += u64::from(year.len() >= 2);
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        self.customers += other.customers;
        self.repeaters += other.repeaters;
        self.occasions.merge(&other.occasions);
        self.value.merge(&other.value);
        self.twice_in_year += other.twice_in_year;
        Ok(())
    }
}

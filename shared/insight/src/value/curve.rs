//! What is gathered about the value of customers by their age.

use crate::buyer::Buyer;
use crate::day::Month;
use crate::history::History;
use crate::statistics::MeanSums;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What customers have spent by the age of 30, 60, …, 1,080 days, and how many came in each month.
///
/// Customers whose first order may not have been seen are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCurve {
    pub(super) history: History,
    /// Of customers known for all days of the age; only ages that somebody has reached.
    pub(super) ages: Vec<MeanSums>,
    pub(super) first_orders: BTreeMap<Month, u64>,
}

/// Ages that are looked at.
pub const AGES: u32 = 36;
/// Days between two of them.
pub const AGE_STEP: u32 = 30;

impl ValueCurve {
    /// An empty summary of this history.
    #[must_use]
    pub const fn new(history: History) -> Self {
        Self { history, ages: Vec::new(), first_orders: BTreeMap::new() }
    }

    /// Customers whose first order was in a month.
    #[must_use]
    pub fn first_orders_in(&self, month: Month) -> u64 {
        self.first_orders.get(&month).copied().unwrap_or(0)
    }
}

impl Stored for ValueCurve {
    const KIND: Kind = Kind::ValueCurve;
    const VERSION: u8 = 1;
}

impl Summary for ValueCurve {
    fn add(&mut self, buyer: &Buyer) {
        let Some(known) = buyer.as_of(self.history.through).filter(|known| !self.history.is_burn_in(known.first))
        else {
            return;
        };
        *self.first_orders.entry(known.first.month()).or_default() += 1;
        let mut occasions = known.occasions.iter().peekable();
        let mut value = 0;
        for (place, age) in (1..=AGES).map(|step| step * AGE_STEP).take_while(|age| known.age >= age - 1).enumerate() {
            while let Some(occasion) = occasions.next_if(|occasion| occasion.day.since(known.first) < age) {
                value += i128::from(occasion.value);
            }
            if self.ages.len() == place {
                self.ages.push(MeanSums::default());
            }
            self.ages[place].add(value);
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        let length = self.ages.len().max(other.ages.len());
        self.ages.resize(length, MeanSums::default());
        self.ages.iter_mut().zip(&other.ages).for_each(|(mine, other)| mine.merge(other));
        for (month, customers) in &other.first_orders {
            *self.first_orders.entry(*month).or_default() += customers;
        }
        Ok(())
    }
}

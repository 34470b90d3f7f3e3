//! What is gathered about the time of orders.

use crate::buyer::Buyer;
use crate::day::{Day, Month};
use crate::history::History;
use crate::replicates::REPLICATES;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Days with an order by weekday and month, orders by hour, and the value of each month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Season {
    pub(super) history: History,
    pub(super) earliest: Option<Day>,
    /// From Monday on.
    pub(super) weekdays: [u64; 7],
    pub(super) hours: [u64; 24],
    pub(super) months: BTreeMap<Month, OfMonth>,
}

/// What came in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OfMonth {
    pub(super) occasions: u64,
    pub(super) value: i128,
    pub(super) replicates: [i128; REPLICATES],
}

/// Months that are kept.
const MAX_MONTHS: i32 = 120;

impl Season {
    /// An empty summary of this history.
    #[must_use]
    pub const fn new(history: History) -> Self {
        Self { history, earliest: None, weekdays: [0; 7], hours: [0; 24], months: BTreeMap::new() }
    }

    /// Adds an order by its hour in the shop's zone, 0 to 23. The days of a [`Buyer`] have no hours.
    pub fn add_hour(&mut self, hour: u8) {
        if let Some(count) = self.hours.get_mut(usize::from(hour)) {
            *count += 1;
        }
    }
}

impl Stored for Season {
    const KIND: Kind = Kind::Season;
    const VERSION: u8 = 1;
}

impl Summary for Season {
    fn add(&mut self, buyer: &Buyer) {
        let Some(known) = buyer.as_of(self.history.through) else { return };
        self.earliest = Some(self.earliest.map_or(known.first, |earliest| earliest.min(known.first)));
        let last_month = self.history.through.month();
        for occasion in known.occasions {
            self.weekdays[occasion.day.weekday()] += 1;
            let month = occasion.day.month();
            if last_month.since(month) >= MAX_MONTHS {
                continue;
            }
            let of_month = self.months.entry(month).or_default();
            let value = i128::from(occasion.value);
            of_month.occasions += 1;
            of_month.value += value;
            of_month
                .replicates
                .iter_mut()
                .zip(buyer.weights())
                .for_each(|(sum, times)| *sum += value * i128::from(*times));
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        self.earliest = self.earliest.into_iter().chain(other.earliest).min();
        let counts = self.weekdays.iter_mut().chain(&mut self.hours);
        counts.zip(other.weekdays.iter().chain(&other.hours)).for_each(|(mine, other)| *mine += other);
        for (month, other) in &other.months {
            let mine = self.months.entry(*month).or_default();
            mine.occasions += other.occasions;
            mine.value += other.value;
            mine.replicates.iter_mut().zip(other.replicates).for_each(|(mine, other)| *mine += other);
        }
        Ok(())
    }
}

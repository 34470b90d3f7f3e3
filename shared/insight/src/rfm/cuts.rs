//! Cut points between fifths of the customers.

use super::facts::RfmFacts;
use crate::buyer::Buyer;
use crate::day::Day;
use crate::history::History;
use crate::statistics::{Amounts, quantile};
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How silence, frequency and value were distributed on a day, among customers who had ordered within the year before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RfmCuts {
    history: History,
    day: Day,
    silence: BTreeMap<u32, u64>,
    frequency: BTreeMap<u64, u64>,
    value: Amounts,
}

/// The cut points of a day: c1 to c4 are the smallest values that 20, 40, 60 and 80 % of customers do not exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuintileCuts {
    /// Days of silence.
    pub silence: [u32; 4],
    /// Days with an order.
    pub frequency: [u64; 4],
    /// Value in minor units.
    pub value: [i128; 4],
    /// Customers who had ordered within the year before.
    pub n: u64,
}

impl RfmCuts {
    /// An empty summary for a day of this history.
    #[must_use]
    pub fn new(history: History, day: Day) -> Self {
        let day = day.min(history.through);
        Self { history, day, silence: BTreeMap::new(), frequency: BTreeMap::new(), value: Amounts::default() }
    }

    /// The day looked at.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// The history looked at.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The cut points; `None` if no customer had ordered within the year.
    #[must_use]
    pub fn quintiles(&self) -> Option<QuintileCuts> {
        let silence = self.silence.iter().map(|(value, count)| (*value, *count));
        let frequency = self.frequency.iter().map(|(value, count)| (*value, *count));
        Some(QuintileCuts {
            silence: four(|k| quantile(silence.clone(), k, 5))?,
            frequency: four(|k| quantile(frequency.clone(), k, 5))?,
            value: four(|k| quantile(self.value.iter(), k, 5))?,
            n: self.silence.values().sum(),
        })
    }
}

fn four<V>(cut: impl Fn(u64) -> Option<V>) -> Option<[V; 4]> {
    Some([cut(1)?, cut(2)?, cut(3)?, cut(4)?])
}

impl Stored for RfmCuts {
    const KIND: Kind = Kind::RfmCuts;
    const VERSION: u8 = 1;
}

impl Summary for RfmCuts {
    fn add(&mut self, buyer: &Buyer) {
        let Some(facts) = RfmFacts::new(buyer, self.day).filter(RfmFacts::is_in_window) else { return };
        *self.silence.entry(facts.silence).or_default() += 1;
        *self.frequency.entry(facts.frequency).or_default() += 1;
        self.value.add(facts.value);
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&(self.history, self.day), &(other.history, other.day))?;
        for (value, count) in &other.silence {
            *self.silence.entry(*value).or_default() += count;
        }
        for (value, count) in &other.frequency {
            *self.frequency.entry(*value).or_default() += count;
        }
        self.value.merge(&other.value);
        Ok(())
    }
}

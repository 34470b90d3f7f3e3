//! What is gathered about the ways of customers through the segments.

use crate::buyer::Buyer;
use crate::history::History;
use crate::rfm::{Scale, Segment};
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Days after the first order on which the segment is looked at.
pub const SCENARIO_DAYS: [u32; 4] = [0, 90, 180, 365];

/// Customers by the segments that they were in on [`SCENARIO_DAYS`].
///
/// Only customers known for all these days; those whose first order may not have been seen are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenarios {
    asked: (History, Scale),
    pub(super) ways: BTreeMap<[Segment; SCENARIO_DAYS.len()], u64>,
}

impl Scenarios {
    /// An empty summary of this history, with segments by this scale.
    #[must_use]
    pub const fn new(history: History, scale: Scale) -> Self {
        Self { asked: (history, scale), ways: BTreeMap::new() }
    }
}

impl Stored for Scenarios {
    const KIND: Kind = Kind::Scenarios;
    const VERSION: u8 = 1;
}

impl Summary for Scenarios {
    fn add(&mut self, buyer: &Buyer) {
        let (history, scale) = &self.asked;
        let Some(known) = buyer.as_of(history.through) else { return };
        if history.is_burn_in(known.first) || SCENARIO_DAYS.iter().any(|days| known.age < *days) {
            return;
        }
        let on = |days: u32| known.first.plus(i32::try_from(days).unwrap_or(0));
        let way = SCENARIO_DAYS.map(|days| Segment::of_buyer(buyer, on(days), scale));
        *self.ways.entry(way).or_default() += 1;
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.asked, &other.asked)?;
        for (way, customers) in &other.ways {
            *self.ways.entry(*way).or_default() += customers;
        }
        Ok(())
    }
}

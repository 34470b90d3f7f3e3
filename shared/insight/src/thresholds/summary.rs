//! What is gathered about gaps between orders.

use super::class::{CLASSES, Class};
use crate::buyer::{AsOf, Buyer, Gap};
use crate::history::History;
use crate::replicates::REPLICATES;
use crate::statistics::WeightedDurations;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Gaps by class, and what silence has meant lately.
///
/// Every day with an order begins a gap, which the next order ends or the last day cuts off. All customers count; if the history
/// begins in the middle of the shop's life, "first" means the first seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    history: History,
    classes: [OfClass; 3],
}

/// The gaps of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OfClass {
    pub(super) customers: u64,
    /// The gaps of one regular customer weigh one together: who orders often would have most of
    /// them otherwise.
    pub(super) gaps: WeightedDurations,
    /// The same as it was known [`BACK_TEST_DAYS`] before the end, without replicates: what the limit would have been then.
    pub(super) earlier_gaps: WeightedDurations,
    /// By how long they had been silent on that day: customers, and those who ordered since then.
    pub(super) silences: BTreeMap<u32, (u64, u64)>,
}

/// Days at the end that show whether customers who were called inactive before had really left.
pub(super) const BACK_TEST_DAYS: i32 = 90;

impl Thresholds {
    /// An empty summary of this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        Self { history, classes: std::array::from_fn(|_| OfClass::default()) }
    }

    /// The history looked at.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The gaps of a class.
    #[must_use]
    pub const fn gaps(&self, class: Class) -> &WeightedDurations {
        &self.classes[class.index()].gaps
    }

    pub(super) const fn of(&self, class: Class) -> &OfClass {
        &self.classes[class.index()]
    }

    fn add_gaps(&mut self, known: &AsOf<'_>, mut add: impl FnMut(&mut OfClass, Gap, u64)) {
        let regular = known.n().saturating_sub(2);
        for (place, gap) in (0_u64..).zip(known.gaps()) {
            let class = Class::from_occasions(place + 1);
            let weight = if class == Class::Regular { part_of_one(place - 2, regular) } else { 1 };
            add(&mut self.classes[class.index()], gap, weight);
        }
    }
}

/// What the gaps of a regular customer weigh together, in units of the weights.
const ONE: u64 = 1_000_000;

/// The weight of one of this many gaps that together weigh one, to the last unit.
const fn part_of_one(place: u64, of: u64) -> u64 {
    ONE / of + if place < ONE % of { 1 } else { 0 }
}

impl Stored for Thresholds {
    const KIND: Kind = Kind::Thresholds;
    const VERSION: u8 = 1;
}

impl Summary for Thresholds {
    fn add(&mut self, buyer: &Buyer) {
        let Some(known) = buyer.as_of(self.history.through) else { return };
        self.add_gaps(&known, |class, gap, weight| class.gaps.add(gap, weight, buyer.weights()));
        for class in CLASSES.iter().take(known.occasions.len()) {
            self.classes[class.index()].customers += 1;
        }
        let Some(earlier) = buyer.as_of(self.history.through.plus(-BACK_TEST_DAYS)) else { return };
        self.add_gaps(&earlier, |class, gap, weight| class.earlier_gaps.add(gap, weight, &[0; REPLICATES]));
        let silence = &mut self.classes[Class::from_occasions(earlier.n()).index()].silences;
        let (customers, ordered) = silence.entry(earlier.silence).or_default();
        *customers += 1;
        *ordered += u64::from(known.n() > earlier.n());
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        for (mine, other) in self.classes.iter_mut().zip(&other.classes) {
            mine.customers += other.customers;
            mine.gaps.merge(&other.gaps);
            mine.earlier_gaps.merge(&other.earlier_gaps);
            for (silence, (customers, ordered)) in &other.silences {
                let mine = mine.silences.entry(*silence).or_default();
                *mine = (mine.0 + customers, mine.1 + ordered);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gaps_of_one_customer_weigh_one_together() {
        for of in [1, 3, 7, 9_998, 1_000_001] {
            assert_eq!((0..of).map(|place| part_of_one(place, of)).sum::<u64>(), ONE);
        }
    }
}

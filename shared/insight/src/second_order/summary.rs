//! What is gathered about second and later orders.

use crate::buyer::{Buyer, Gap};
use crate::day::{Day, Month};
use crate::history::History;
use crate::statistics::{Durations, WeightedDurations};
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Times until the second order, by cohort month too, and until each later one.
///
/// Customers whose first order may not have been seen are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondOrder {
    asked: Asked,
    pub(super) first_days: Option<(Day, Day)>,
    /// Until the second order, with bootstrap replicates.
    pub(super) until_second: WeightedDurations,
    /// The latest [`MAX_MONTHS`] months of first orders.
    pub(super) by_month: BTreeMap<Month, Durations>,
    /// From the k-th day with an order to the next, k = 1 to 7.
    pub(super) ladder: [Durations; LADDER_STEPS],
    /// Customers who have been known for at least 90 days, and those of them who came back within 90 days.
    pub(super) known_90_days: u64,
    pub(super) back_within_90_days: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    history: History,
    /// First orders from this day until that one only, both included.
    only: Option<(Day, Day)>,
}

/// Steps of the ladder.
pub const LADDER_STEPS: usize = 7;
/// Months of first orders that have a curve of their own.
const MAX_MONTHS: i32 = 36;

impl SecondOrder {
    /// An empty summary of this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        Self::asking(Asked { history, only: None })
    }

    /// An empty summary of the customers whose first order was on one of these days, both included: those before or after a
    /// journey was changed, for example.
    #[must_use]
    pub fn of_first_days(history: History, from: Day, to: Day) -> Self {
        Self::asking(Asked { history, only: Some((from, to)) })
    }

    fn asking(asked: Asked) -> Self {
        Self {
            asked,
            first_days: None,
            until_second: WeightedDurations::default(),
            by_month: BTreeMap::new(),
            ladder: std::array::from_fn(|_| Durations::default()),
            known_90_days: 0,
            back_within_90_days: 0,
        }
    }

    /// The history looked at.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.asked.history
    }

    fn is_asked_for(&self, first: Day) -> bool {
        let within = self.asked.only.is_none_or(|(from, to)| (from..=to).contains(&first));
        within && !self.asked.history.is_burn_in(first)
    }

    fn widen(&mut self, first: Day, last: Day) {
        let (from, to) = self.first_days.unwrap_or((first, last));
        self.first_days = Some((from.min(first), to.max(last)));
    }
}

impl Stored for SecondOrder {
    const KIND: Kind = Kind::SecondOrder;
    const VERSION: u8 = 1;
}

impl Summary for SecondOrder {
    fn add(&mut self, buyer: &Buyer) {
        let through = self.asked.history.through;
        let Some(known) = buyer.as_of(through) else { return };
        if !self.is_asked_for(known.first) {
            return;
        }
        self.widen(known.first, known.first);
        for (step, gap) in known.gaps().take(LADDER_STEPS).enumerate() {
            self.ladder[step].add(gap);
            if step == 0 {
                self.add_first_gap(known.first, known.age, gap, buyer);
            }
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.asked, &other.asked)?;
        if let Some((first, last)) = other.first_days {
            self.widen(first, last);
        }
        self.until_second.merge(&other.until_second);
        for (month, durations) in &other.by_month {
            self.by_month.entry(*month).or_default().merge(durations);
        }
        self.ladder.iter_mut().zip(&other.ladder).for_each(|(mine, other)| mine.merge(other));
        self.known_90_days += other.known_90_days;
        self.back_within_90_days += other.back_within_90_days;
        Ok(())
    }
}

impl SecondOrder {
    fn add_first_gap(&mut self, first: Day, age: u32, gap: Gap, buyer: &Buyer) {
        self.until_second.add(gap, 1, buyer.weights());
        let month = first.month();
        if self.asked.history.through.month().since(month) < MAX_MONTHS {
            self.by_month.entry(month).or_default().add(gap);
        }
        if age >= 90 {
            self.known_90_days += 1;
            self.back_within_90_days += u64::from(gap.ended && gap.days <= 90);
        }
    }
}

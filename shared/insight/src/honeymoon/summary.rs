//! What is gathered about the weeks after the first order.

use crate::buyer::Buyer;
use crate::day::Day;
use crate::history::History;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};

/// The weekly activity of customers who stayed, for each length of the window.
///
/// A customer stayed if they were active on two days at least of the late window, which is as long as the early one and follows it.
/// Early activity has no part in that: who is chosen by it looks early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Honeymoon {
    pub(super) history: History,
    pub(super) windows: [Window; 3],
}

/// Lengths of the early (and of the late) window in weeks, longest first. Short histories take a shorter one.
pub const WINDOWS: [u32; 3] = [26, 18, 13];

/// The sums for one length of the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    /// Customers known for both windows.
    pub(super) eligible: u64,
    /// Those who stayed.
    pub(super) loyal: u64,
    /// For each week, the active days of who stayed and the sum of their squares.
    pub(super) weeks: Vec<(u64, u64)>,
}

impl Window {
    fn new(weeks: u32) -> Self {
        Self { eligible: 0, loyal: 0, weeks: (0..weeks).map(|_| (0, 0)).collect() }
    }

    /// Adds a customer by the days between their first order and each day on which they were active later.
    fn add(&mut self, age: u32, active: impl Iterator<Item = u32>) {
        let length = self.weeks.len();
        let days = u32::try_from(length).unwrap_or(0) * 7;
        if age < 2 * days {
            return;
        }
        self.eligible += 1;
        let (mut counts, mut late) = (vec![0_u64; length], 0);
        for day in active.filter(|day| (1..=2 * days).contains(day)) {
            match counts.get_mut(usize::try_from((day - 1) / 7).unwrap_or(usize::MAX)) {
                Some(count) => *count += 1,
                None => late += 1,
            }
        }
        if late >= 2 {
            self.loyal += 1;
            self.weeks.iter_mut().zip(counts).for_each(|((sum, squares), count)| {
                *sum += count;
                *squares += count * count;
            });
        }
    }

    fn merge(&mut self, other: &Self) {
        self.eligible += other.eligible;
        self.loyal += other.loyal;
        self.weeks.iter_mut().zip(&other.weeks).for_each(|(mine, other)| {
            mine.0 += other.0;
            mine.1 += other.1;
        });
    }
}

impl Honeymoon {
    /// An empty summary of this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        Self { history, windows: WINDOWS.map(Window::new) }
    }

    /// Adds a customer by their first order and the days on which they were active after it, in any way: with clicks and visits
    /// instead of orders, the same estimate is that of the reading honeymoon. A day counts once, however often it is named.
    pub fn add_active_days(&mut self, first: Day, active: impl IntoIterator<Item = Day>) {
        if first > self.history.through || self.history.is_burn_in(first) {
            return;
        }
        let age = self.history.through.since(first);
        let mut days: Vec<u32> =
            active.into_iter().map(|day| day.since(first)).filter(|day| (1..=age).contains(day)).collect();
        days.sort_unstable();
        days.dedup();
        self.windows.iter_mut().for_each(|window| window.add(age, days.iter().copied()));
    }
}

impl Stored for Honeymoon {
    const KIND: Kind = Kind::Honeymoon;
    const VERSION: u8 = 1;
}

impl Summary for Honeymoon {
    fn add(&mut self, buyer: &Buyer) {
        if let Some(first) = buyer.occasions().first() {
            self.add_active_days(first.day, buyer.occasions().iter().map(|occasion| occasion.day));
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        self.windows.iter_mut().zip(&other.windows).for_each(|(mine, other)| mine.merge(other));
        Ok(())
    }
}

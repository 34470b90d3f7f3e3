//! What is gathered about cohorts.

use crate::buyer::Buyer;
use crate::day::Month;
use crate::history::History;
use crate::statistics::MeanSums;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// For each of the latest 36 complete months the customers whose first order was in it, month by month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohorts {
    pub(super) history: History,
    /// By the month of the first order, the cells of the months from it to the last complete one.
    pub(super) cohorts: BTreeMap<Month, Vec<Cell>>,
}

/// A cohort in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cell {
    /// Customers with an order in the month.
    pub(super) active: u64,
    /// The value of all orders until the end of the month, by customer.
    pub(super) value: MeanSums,
}

/// Cohorts that are kept.
const MAX_MONTHS: i32 = 36;

impl Cohorts {
    /// An empty summary of this history.
    #[must_use]
    pub const fn new(history: History) -> Self {
        Self { history, cohorts: BTreeMap::new() }
    }

    /// The last month that is over.
    pub(super) fn last_month(&self) -> Month {
        let month = self.history.through.month();
        if self.history.through == month.last_day() { month } else { month.plus(-1) }
    }
}

impl Stored for Cohorts {
    const KIND: Kind = Kind::Cohorts;
    const VERSION: u8 = 1;
}

impl Summary for Cohorts {
    fn add(&mut self, buyer: &Buyer) {
        let Some(known) = buyer.as_of(self.history.through) else { return };
        let (month, last) = (known.first.month(), self.last_month());
        let Ok(age) = usize::try_from(last.since(month)) else { return };
        if last.since(month) >= MAX_MONTHS {
            return;
        }
        let cells = self.cohorts.entry(month).or_insert_with(|| vec![Cell::default(); age + 1]);
        let mut occasions = known.occasions.iter().peekable();
        let mut value = 0;
        for (months, cell) in (0..).zip(cells) {
            let end = month.plus(months).last_day();
            let mut active = false;
            while let Some(occasion) = occasions.next_if(|occasion| occasion.day <= end) {
                value += i128::from(occasion.value);
                active = true;
            }
            cell.active += u64::from(active);
            cell.value.add(value);
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        for (month, cells) in &other.cohorts {
            let mine = self.cohorts.entry(*month).or_insert_with(|| vec![Cell::default(); cells.len()]);
            for (mine, other) in mine.iter_mut().zip(cells) {
                mine.active += other.active;
                mine.value.merge(&other.value);
            }
        }
        Ok(())
    }
}

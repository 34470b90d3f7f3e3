//! How much there is of a variant at each place where it is kept.

use crate::Availability;
use crate::register::{Register, to_the_second};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most places of one variant that are kept. Of more, those that were reported longest ago are forgotten.
pub const MAX_PLACES: usize = 20;
/// Longest id of a place, in bytes. A longer one is cut.
const MAX_PLACE_LEN: usize = 40;

/// A shop system reports how much there is at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    /// The shop system's id of the place; empty if it has one only.
    pub place: String,
    /// How many there are; below zero if more were sold than there were. Nothing if they are not counted there.
    pub available: Option<i64>,
    /// When that was so.
    pub at: Timestamp,
}

/// Whether something can be bought, and since when that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockReport {
    /// Whether it can.
    pub availability: Availability,
    /// When that was so.
    pub at: Timestamp,
}

/// The newest level of each place, up to [`MAX_PLACES`] of them. Levels in any order, any number of times, come to the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StockLevels(BTreeMap<String, Register<Option<i64>>>);

impl StockLevels {
    /// Whether nothing was reported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in a level, unless a later one of its place is known. Returns whether anything changed.
    pub fn note(&mut self, level: &StockLevel) -> bool {
        let place = &level.place[..level.place.floor_char_boundary(MAX_PLACE_LEN)];
        self.keep(place, Register { value: level.available, at: to_the_second(level.at) })
    }

    /// Takes in what was noted elsewhere. Returns whether anything changed.
    pub fn join(&mut self, other: &Self) -> bool {
        let mut is_changed = false;
        for (place, level) in &other.0 {
            is_changed |= self.keep(place, level.clone());
        }
        is_changed
    }

    /// What all places together say: it can be bought if there is any at one of them. Nothing if it is counted nowhere.
    #[must_use]
    pub fn report(&self) -> Option<StockReport> {
        let at = self.0.values().map(|level| level.at).max()?;
        let mut counted = self.0.values().filter_map(|level| level.value).peekable();
        counted.peek()?;
        let availability =
            if counted.any(|available| available > 0) { Availability::InStock } else { Availability::OutOfStock };
        Some(StockReport { availability, at })
    }

    fn keep(&mut self, place: &str, level: Register<Option<i64>>) -> bool {
        // The same number later is kept too: an older one that comes after it must not replace it. Of two numbers of one second the
        // greater one holds, so that their order does not matter.
        if self.0.get(place).is_some_and(|known| (known.at, known.value) >= (level.at, level.value)) {
            return false;
        }
        self.0.insert(place.to_owned(), level);
        if self.0.len() <= MAX_PLACES {
            return true;
        }
        let oldest = self.0.iter().min_by_key(|(place, level)| (level.at, (*place).clone()));
        let Some(oldest) = oldest.map(|(place, _)| place.clone()) else { return true };
        self.0.remove(&oldest);
        oldest != place
    }
}

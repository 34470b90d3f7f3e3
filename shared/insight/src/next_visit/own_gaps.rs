//! What is known of a customer's gaps.

use serde::{Deserialize, Serialize};

/// Sums over the completed gaps between a customer's days with an order, enough to know their rhythm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct OwnGaps {
    /// Number of gaps.
    pub count: u32,
    /// Sum of the logarithms of their days.
    pub sum: f64,
    /// Sum of the squares of these logarithms.
    pub squares: f64,
}

/// A customer's rhythm is regular from this many gaps on …
const REGULAR_FROM: u32 = 5;
/// … if the standard deviation of their logarithms is below this: two thirds of the gaps are within 35 % of the usual one.
const REGULAR_BELOW: f64 = 0.35;

impl OwnGaps {
    /// Of gaps in days. Days of zero are passed over.
    #[must_use]
    pub fn new(gaps: impl IntoIterator<Item = u32>) -> Self {
        let mut own = Self::default();
        gaps.into_iter().for_each(|days| own.add(days));
        own
    }

    /// Adds a gap in days. A gap of zero days is none.
    pub fn add(&mut self, days: u32) {
        if days > 0 {
            let log = f64::from(days).ln();
            self.count += 1;
            self.sum += log;
            self.squares += log * log;
        }
    }

    /// The standard deviation of the logarithms (of a sample); nothing for fewer than two gaps.
    #[must_use]
    pub fn deviation(&self) -> Option<f64> {
        let n = f64::from(self.count);
        (self.count > 1).then(|| ((self.squares - self.sum * self.sum / n).max(0.0) / (n - 1.0)).sqrt())
    }

    /// Whether there are at least five gaps and they are nearly equal.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        self.count >= REGULAR_FROM && self.deviation().is_some_and(|deviation| deviation < REGULAR_BELOW)
    }
}

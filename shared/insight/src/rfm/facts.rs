//! What scores are computed from.

use crate::buyer::Buyer;
use crate::day::Day;

/// Days that are looked at, the day asked for included.
pub const WINDOW_DAYS: u32 = 365;

/// Recency, frequency and money of a customer on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RfmFacts {
    /// Days since the last order.
    pub silence: u32,
    /// Days with an order in the window.
    pub frequency: u64,
    /// Their value in minor units.
    pub value: i128,
    /// Days with an order ever.
    pub occasions: u64,
}

impl RfmFacts {
    /// What was known of the customer on the evening of this day; `None` if they had not ordered.
    #[must_use]
    pub fn new(buyer: &Buyer, day: Day) -> Option<Self> {
        let known = buyer.as_of(day)?;
        let before = day.plus(-i32::try_from(WINDOW_DAYS).unwrap_or(0));
        let window = &known.occasions[known.occasions.partition_point(|occasion| occasion.day <= before)..];
        Some(Self {
            silence: known.silence,
            frequency: window.len() as u64,
            value: window.iter().map(|occasion| i128::from(occasion.value)).sum(),
            occasions: known.n(),
        })
    }

    /// Whether they ordered within the window.
    #[must_use]
    pub const fn is_in_window(&self) -> bool {
        self.frequency > 0
    }
}

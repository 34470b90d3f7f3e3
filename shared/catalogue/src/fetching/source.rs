//! Where a feed is.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a feed is, and how often it is fetched. Its `Debug` leaves out the address, which may have a key in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedSource {
    /// Its address, of the public web.
    pub url: String,
    /// The hours between two fetches.
    pub every_hours: u16,
    /// Since when the shop says so.
    pub stored_at: Timestamp,
}

impl FeedSource {
    /// The most and the fewest hours between two fetches.
    pub const HOURS: std::ops::RangeInclusive<u16> = 1..=168;
    /// The hours between two fetches, if the shop does not say.
    pub const DEFAULT_HOURS: u16 = 24;

    /// The time between two fetches.
    #[must_use]
    pub fn interval(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.every_hours.clamp(*Self::HOURS.start(), *Self::HOURS.end())))
    }
}

impl fmt::Debug for FeedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedSource").field("every_hours", &self.every_hours).finish_non_exhaustive()
    }
}

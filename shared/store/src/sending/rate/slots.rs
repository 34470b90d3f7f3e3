//! What is asked for and what is given: a limit, some wanted slots, leased slots.

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::{Channel, RateRow};
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::sending_rate::SendingRate;

/// A limit on the rate of sending.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SendingLimit {
    /// The channel.
    pub channel: Channel,
    /// The shop whose limit it is; otherwise it is the account's.
    pub shop: Option<ShopId>,
}

/// A request for slots.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// How many.
    pub count: u32,
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub until: Timestamp,
    /// Maximum rate per second, even if the provider allows more. On a channel whose provider does not report a
    /// rate, this is the rate.
    pub cap: Option<f64>,
    /// The present instant.
    pub now: Timestamp,
}

/// Leased slots: no other worker has them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slots {
    /// How many; perhaps fewer than wanted.
    pub count: u32,
    /// The first.
    pub first: Timestamp,
    /// The time from one to the next.
    pub interval: SignedDuration,
}

/// The result of a request for slots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leased {
    /// Some are leased.
    Slots(Slots),
    /// None is free in time. The next free one is at this instant.
    Later(Timestamp),
}

impl Wanted {
    /// Distinguishes the callers that want slots at the same time.
    pub(super) fn who(&self) -> String {
        format!("{} slots from {}", self.count, self.from)
    }
}

impl SendingLimit {
    /// Whether the provider reports what it allows. A limit of a shop is set by the shop.
    #[must_use]
    pub fn is_told_by_provider(&self) -> bool {
        self.shop.is_none() && self.channel.row().rate.as_ref().is_some_and(RateRow::is_told_by_provider)
    }

    /// The rate; where the provider does not report one, it is the cap.
    pub(super) fn rate(&self, known: SendingRate, cap: Option<f64>) -> SendingRate {
        if self.is_told_by_provider() { known } else { SendingRate { allowed: cap, ..known } }
    }
}

impl Slots {
    /// The slots, one after the other.
    pub fn each(self) -> impl Iterator<Item = Timestamp> {
        (0..self.count).scan(self.first, move |next, _| Some(std::mem::replace(next, *next + self.interval)))
    }
}

/// Returns how many of the wanted slots end in time if they begin at `first`.
pub(super) fn fitting(first: Timestamp, interval: SignedDuration, wanted: &Wanted) -> u32 {
    let between = wanted.until.duration_since(first).as_micros().max(0);
    let more = u32::try_from(between / interval.as_micros().max(1)).unwrap_or(u32::MAX - 1);
    wanted.count.min(more + 1).max(1)
}

//! What is asked for and what is given: a limit, some wanted slots, leased slots.

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::{Channel, RateRow};
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::sending_rate::SendingRate;

/// What has a rate of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SendingLimit {
    /// The channel.
    pub channel: Channel,
    /// The shop whose limit it is; otherwise it is the account's.
    pub shop: Option<ShopId>,
}

/// Some slots that are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// How many.
    pub count: u32,
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub until: Timestamp,
    /// At most so many a second, whatever the provider allows; of a channel of which no provider says what it allows,
    /// so many.
    pub cap: Option<f64>,
    /// The present instant.
    pub now: Timestamp,
}

/// Slots that are nobody else's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slots {
    /// How many: perhaps fewer than wanted.
    pub count: u32,
    /// The first.
    pub first: Timestamp,
    /// From one to the next.
    pub interval: SignedDuration,
}

/// The answer to who wants slots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leased {
    /// There are some.
    Slots(Slots),
    /// There is none in time: the next free one is then.
    Later(Timestamp),
}

impl Wanted {
    /// Tells apart the callers that want slots at the same time.
    pub(super) fn who(&self) -> String {
        format!("{} slots from {}", self.count, self.from)
    }
}

impl SendingLimit {
    /// Whether the provider tells how much it allows. A shop's own limit is the shop's.
    #[must_use]
    pub fn is_told_by_provider(&self) -> bool {
        self.shop.is_none() && self.channel.row().rate.as_ref().is_some_and(RateRow::is_told_by_provider)
    }

    /// The rate; where no provider says what it allows, that is the cap.
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

/// How many of the wanted slots lie in time if the first does.
pub(super) fn fitting(first: Timestamp, interval: SignedDuration, wanted: &Wanted) -> u32 {
    let between = wanted.until.duration_since(first).as_micros().max(0);
    let more = u32::try_from(between / interval.as_micros().max(1)).unwrap_or(u32::MAX - 1);
    wanted.count.min(more + 1).max(1)
}

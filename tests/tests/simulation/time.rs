//! The time of a history: the runtime's own clock, which stands still while any task can run and then moves to the next
//! instant for which a task waits.

use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use rekindle_platform::Clock;
use std::time::Duration;
use tokio::time::Instant;

/// When every history begins: a Monday.
pub(crate) const BEGINNING: &str = "2026-03-02T00:00:00Z";

/// The time since the beginning.
#[derive(Clone, Copy)]
pub(crate) struct Time(Instant);

impl Time {
    /// Begins now. The runtime's time must be paused.
    pub(crate) fn begin() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Seconds since the beginning.
    pub(crate) fn seconds(self) -> u64 {
        self.elapsed().as_secs()
    }

    pub(crate) fn now(self) -> Timestamp {
        beginning() + SignedDuration::try_from(self.elapsed()).expect("a history of days")
    }

    /// The runtime's instant for a timestamp; the present one if it has passed.
    pub(crate) fn instant(self, at: Timestamp) -> Instant {
        let since = Duration::try_from(at.duration_since(beginning())).unwrap_or_default();
        (self.0 + since).max(Instant::now())
    }

    /// A clock that is off by a number of milliseconds.
    pub(crate) fn clock(self, wrong_by: i64) -> Clock {
        let tell = move || self.now() + SignedDuration::from_millis(wrong_by);
        Clock::from_fn(tell).waiting(|time| tokio::time::sleep(time).boxed())
    }
}

/// The instant a number of seconds after the beginning.
pub(crate) fn instant(seconds: u64) -> Timestamp {
    beginning() + SignedDuration::from_secs(i64::try_from(seconds).expect("days"))
}

pub(crate) fn beginning() -> Timestamp {
    BEGINNING.parse().expect("an instant")
}

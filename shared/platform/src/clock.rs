//! The time, as an argument: handlers ask the clock they were given, so that the same code runs in real
//! time on Lambda and in virtual time on one machine.

use futures::future::{BoxFuture, FutureExt};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Tells the time, and waits. Cheap to clone; clones tell the same time.
#[derive(Clone)]
pub struct Clock {
    tell: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    rest: Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(Timestamp::now).resting(|time| tokio::time::sleep(time).boxed())
    }

    /// A clock that tells whatever `tell` says, and that somebody else moves: to wait for it would be to wait for
    /// ever, so nobody does. Everything that is done at one of its instants takes no time.
    #[must_use]
    pub fn from_fn(tell: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { tell: Arc::new(tell), rest: Arc::new(|_| futures::future::ready(()).boxed()) }
    }

    /// The clock, with another way to let time pass.
    #[must_use]
    pub fn resting(self, rest: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self { rest: Arc::new(rest), ..self }
    }

    /// The present instant, to the millisecond: as precise as instants are stored, so that what is read
    /// back compares equal to what was written.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = (self.tell)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// The present instant, to the microsecond: for what is paced, not for what is stored.
    #[must_use]
    pub fn precise_now(&self) -> Timestamp {
        let now = (self.tell)();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Waits until an instant; not at all if it has passed, or if somebody else moves this clock.
    pub async fn wait_until(&self, at: Timestamp) {
        let left = at.duration_since((self.tell)());
        if let Ok(left) = Duration::try_from(left)
            && !left.is_zero()
        {
            (self.rest)(left).await;
        }
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

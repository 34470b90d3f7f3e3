//! The time, as an argument: handlers ask the clock they were given, so that the same code runs in real
//! time on Lambda and in virtual time on one machine.

use futures::future::{BoxFuture, FutureExt};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The time, and waiting. Cheap to clone; clones have the same time.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    wait: Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(Timestamp::now).waiting(|time| tokio::time::sleep(time).boxed())
    }

    /// A clock that a caller moves: `now` returns its instant. Waiting for it would never end, so it does not wait, and what
    /// is done at one of its instants takes no time.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), wait: Arc::new(|_| futures::future::ready(()).boxed()) }
    }

    /// The same clock with another way to wait.
    #[must_use]
    pub fn waiting(self, wait: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self { wait: Arc::new(wait), ..self }
    }

    /// The present instant, to the millisecond: as precise as instants are stored, so that what is read
    /// back compares equal to what was written.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = (self.now)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// The present instant, to the microsecond: for what is paced, not for what is stored.
    #[must_use]
    pub fn precise_now(&self) -> Timestamp {
        let now = (self.now)();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Waits until an instant; not at all if it has passed, or if a caller moves this clock.
    pub async fn wait_until(&self, at: Timestamp) {
        let left = at.duration_since((self.now)());
        if let Ok(left) = Duration::try_from(left)
            && !left.is_zero()
        {
            (self.wait)(left).await;
        }
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

//! Idle connections.

use super::connect::{Connection, Origin};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How long a connection may have been idle to be used again. Servers of AWS close theirs after 20 seconds at the earliest.
/// Whether a request to a connection that is being closed was taken is unknown, which mail and texts cannot afford.
const MAX_IDLE: Duration = Duration::from_secs(15);

/// An instant by both clocks of the machine. Lambda freezes functions between events, and which clock advances meanwhile is
/// not documented, so an age counts by either clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) uptime: Instant,
    pub(super) wall: SystemTime,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { uptime: Instant::now(), wall: SystemTime::now() }
    }

    /// Whether a connection that became idle at `since` may still be used. One from the future may not: the clock was set.
    fn is_soon_after(self, since: Self) -> bool {
        self.uptime.saturating_duration_since(since.uptime) < MAX_IDLE
            && self.wall.duration_since(since.wall).is_ok_and(|age| age < MAX_IDLE)
    }
}

/// Connections by server, each with the moment at which it became idle, the latest last.
type Idle<C> = HashMap<Origin, Vec<(Moment, C)>>;

/// The idle connections of a process.
pub(super) struct Pool<C = Connection>(Mutex<Idle<C>>);

impl<C> Default for Pool<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C> Pool<C> {
    /// Takes the connection that was used last. If that is too old, all others are as well, and all are closed.
    pub(super) fn take(&self, origin: &Origin, now: Moment) -> Option<C> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = idle.get_mut(origin)?;
        match connections.pop() {
            Some((since, connection)) if now.is_soon_after(since) => Some(connection),
            _ => {
                connections.clear();
                None
            }
        }
    }

    /// Keeps a connection whose response was read to its end.
    pub(super) fn put(&self, origin: Origin, connection: C, now: Moment) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.entry(origin).or_default().push((now, connection));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(host: &str) -> Origin {
        Origin { encrypted: true, host: host.to_owned(), port: 443 }
    }

    #[test]
    fn the_connection_used_last_is_used_next_and_only_for_its_own_server() {
        let (pool, now) = (Pool::default(), Moment::now());
        pool.put(origin("dynamodb"), 1, now);
        pool.put(origin("dynamodb"), 2, now);
        assert_eq!(pool.take(&origin("sqs"), now), None);
        assert_eq!(pool.take(&origin("dynamodb"), now), Some(2));
        assert_eq!(pool.take(&origin("dynamodb"), now), Some(1));
        assert_eq!(pool.take(&origin("dynamodb"), now), None);
    }

    #[test]
    fn a_connection_that_is_old_by_either_clock_is_closed_with_all_older_ones() {
        let start = Moment::now();
        let (second, long) = (Duration::from_secs(1), MAX_IDLE);
        for (uptime, wall, good) in [
            (MAX_IDLE - second, MAX_IDLE - second, true),
            (long, Duration::ZERO, false),
            // The process was frozen, and only the wall clock advanced.
            (Duration::ZERO, long, false),
        ] {
            let pool = Pool::default();
            pool.put(origin("ses"), "older", start);
            pool.put(origin("ses"), "newer", start);
            let now = Moment { uptime: start.uptime + uptime, wall: start.wall + wall };
            assert_eq!(pool.take(&origin("ses"), now), good.then_some("newer"));
            assert_eq!(pool.take(&origin("ses"), start), good.then_some("older"));
        }
    }

    #[test]
    fn a_connection_from_the_future_is_not_used() {
        let (pool, start) = (Pool::default(), Moment::now());
        pool.put(origin("ses"), 1, start);
        let now = Moment { wall: start.wall - Duration::from_secs(60), ..start };
        assert_eq!(pool.take(&origin("ses"), now), None);
    }
}

//! How much the holder of one key may send; and how often a client, who has none, may open a page.
//!
//! Each key has two buckets, one of requests and one of events, which fill at a rate and hold what comes in
//! [`Throttle::BURST`]. A call is admitted while neither is in debt; its events are taken out afterwards, so a batch may
//! be as large as batches may be, and the next call waits for it.
//!
//! The buckets are in the memory of one instance of a function. That keeps a broken loop of one shop from taking an
//! instance for itself, and costs no read and no write; it is no sum over all instances. What the deployment takes as a
//! whole is held by API Gateway (`RequestsPerSecond` in the template), which answers 429 as well.

use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most keys that are remembered. Those with full buckets are forgotten first, which changes nothing for them.
const MAX_KEYS: usize = 1024;

/// How much the holder of a key may send in a second, in the long run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyLimits {
    /// Calls.
    pub requests_per_second: f64,
    /// Events.
    pub events_per_second: f64,
}

impl KeyLimits {
    /// The limits of a key without limits of its own. A client library's backfill stays below both.
    pub const DEFAULT: Self = Self { requests_per_second: 50.0, events_per_second: 2_000.0 };

    /// Limits that can be kept to.
    ///
    /// # Errors
    /// The name of the first that is not above 0 and at most a million.
    pub fn check(self) -> Result<Self, &'static str> {
        let fits = |rate: f64| rate > 0.0 && rate <= 1_000_000.0;
        match (fits(self.requests_per_second), fits(self.events_per_second)) {
            (true, true) => Ok(self),
            (false, _) => Err("requests_per_second"),
            (true, false) => Err("events_per_second"),
        }
    }
}

/// The buckets of all keys. Clones share them.
#[derive(Clone, Default)]
pub struct Throttle(Option<Arc<Mutex<HashMap<String, Owed>>>>);

/// When each bucket of a key will be full again if nothing more is taken out.
#[derive(Debug, Clone, Copy)]
struct Owed {
    requests: Timestamp,
    events: Timestamp,
}

/// A key sent too much: when it may send again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch {
    who: &'static str,
    what: &'static str,
    /// How long to wait.
    pub wait: SignedDuration,
}

impl Throttle {
    /// How long a key may send more than its rate after a pause: a burst is the rate times this.
    pub const BURST: SignedDuration = SignedDuration::from_secs(60);

    /// A throttle that admits everything: for a clock that a caller moves, at whose instants nothing has a rate.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// A throttle whose buckets are full.
    #[must_use]
    pub fn full() -> Self {
        Self(Some(Arc::default()))
    }

    /// A throttle with buckets of its own; one that admits everything, if this one does.
    #[must_use]
    pub fn apart(&self) -> Self {
        if self.0.is_some() { Self::full() } else { Self::none() }
    }

    /// Admits a call of a key, or says how long to wait. `key` is the key's hash, never the key itself.
    ///
    /// # Errors
    /// The key sent too much lately.
    pub fn admit(&self, key: &str, limits: KeyLimits, now: Timestamp) -> Result<(), TooMuch> {
        let Some(owed) = &self.0 else { return Ok(()) };
        let mut known = lock(owed);
        make_room(&mut known, now);
        let owed = known.entry(key.to_owned()).or_insert(Owed { requests: now, events: now });
        for (what, full_at) in [("requests", owed.requests), ("events", owed.events)] {
            // A bucket that is full again only after the whole burst is empty.
            let wait = full_at.duration_since(now) - Self::BURST;
            if wait >= SignedDuration::ZERO {
                return Err(TooMuch { who: "key", what, wait });
            }
        }
        owed.requests = taken(owed.requests, 1, limits.requests_per_second, now);
        Ok(())
    }

    /// Takes the events of an admitted call out of the key's bucket.
    pub fn charge(&self, key: &str, events: usize, limits: KeyLimits, now: Timestamp) {
        let Some(owed) = &self.0 else { return };
        if let Some(owed) = lock(owed).get_mut(key) {
            owed.events = taken(owed.events, events, limits.events_per_second, now);
        }
    }
}

fn lock(owed: &Mutex<HashMap<String, Owed>>) -> MutexGuard<'_, HashMap<String, Owed>> {
    owed.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When a bucket is full again after something was taken out.
fn taken(full_at: Timestamp, amount: usize, per_second: f64, now: Timestamp) -> Timestamp {
    let time = SignedDuration::try_from_secs_f64(amount as f64 / per_second).unwrap_or(SignedDuration::MAX);
    full_at.max(now).checked_add(time).unwrap_or(Timestamp::MAX)
}

fn make_room(known: &mut HashMap<String, Owed>, now: Timestamp) {
    if known.len() >= MAX_KEYS {
        known.retain(|_, owed| owed.requests.max(owed.events) > now);
    }
    if known.len() >= MAX_KEYS {
        known.clear();
    }
}

impl TooMuch {
    /// The same of a visitor of a shop instead of a key.
    #[must_use]
    pub fn of_visitor(self) -> Self {
        Self { who: "visitor", ..self }
    }

    /// The response: 429, when to send again, and what to do.
    #[must_use]
    pub fn problem(self) -> Problem {
        // Rounded up, so that a call after this time is admitted.
        let seconds = self.wait.as_secs() + 1;
        let detail = format!(
            "This {} brought too many {} lately. Send the same request again in {seconds} seconds, or fewer of them; \
             nothing of this one was stored.",
            self.who, self.what
        );
        Problem::new(http::StatusCode::TOO_MANY_REQUESTS, detail).with_header("retry-after", &seconds.to_string())
    }
}

impl std::fmt::Debug for Throttle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Throttle" } else { "Throttle(none)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: KeyLimits = KeyLimits { requests_per_second: 2.0, events_per_second: 10.0 };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + millis).expect("an instant")
    }

    #[test]
    fn a_key_may_send_a_burst_then_its_rate_and_other_keys_are_not_affected() {
        let throttle = Throttle::full();
        let let_in = (0..1_000).take_while(|_| throttle.admit("one", LIMITS, at(0)).is_ok()).count();
        assert_eq!(let_in, 120, "a minute of two a second");
        let again = throttle.admit("one", LIMITS, at(0)).expect_err("nothing is left");
        assert!(again.problem().detail().contains("requests"));
        assert!(throttle.admit("other", LIMITS, at(0)).is_ok());
        let in_ten_seconds = (1..=10_000).filter(|millis| throttle.admit("one", LIMITS, at(*millis)).is_ok()).count();
        assert_eq!(in_ten_seconds, 20, "the rate");
    }

    #[test]
    fn a_batch_of_any_size_is_admitted_and_paid_for_afterwards() {
        let throttle = Throttle::full();
        throttle.admit("key", LIMITS, at(0)).expect("full");
        throttle.charge("key", 700, LIMITS, at(0));
        let wait = throttle.admit("key", LIMITS, at(0)).expect_err("in debt").wait;
        assert_eq!(wait, SignedDuration::from_secs(10), "700 are 70 seconds, a minute of which was there");
        assert!(throttle.admit("key", LIMITS, at(10_000)).is_err());
        assert!(throttle.admit("key", LIMITS, at(10_001)).is_ok());
    }

    #[test]
    fn the_answer_says_when_to_retry_and_a_retry_at_that_time_is_admitted() {
        let throttle = Throttle::full();
        throttle.admit("key", LIMITS, at(0)).expect("full");
        throttle.charge("key", 601, LIMITS, at(0));
        let response = throttle.admit("key", LIMITS, at(0)).expect_err("in debt").problem().into_response::<String>();
        assert_eq!(response.status(), 429);
        let after: i64 = response.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!(throttle.admit("key", LIMITS, at(after * 1_000)).is_ok());
    }

    #[test]
    fn many_keys_take_a_bounded_place_and_no_throttle_lets_everything_through() {
        let throttle = Throttle::full();
        for key in 0..3 * MAX_KEYS {
            throttle.admit(&key.to_string(), LIMITS, at(0)).expect("full");
        }
        assert!(throttle.0.as_ref().is_some_and(|owed| lock(owed).len() <= MAX_KEYS));
        let none = Throttle::none();
        none.charge("key", usize::MAX, LIMITS, at(0));
        assert!((0..10_000).all(|_| none.admit("key", LIMITS, at(0)).is_ok()));
    }

    #[test]
    fn impossible_limits_are_refused_by_name() {
        let limits = |requests, events| KeyLimits { requests_per_second: requests, events_per_second: events }.check();
        assert!(limits(0.1, 1_000_000.0).is_ok());
        assert_eq!(limits(0.0, 1.0), Err("requests_per_second"));
        assert_eq!(limits(1.0, f64::NAN), Err("events_per_second"));
    }
}

//! The latest sends of a shop that has a limit of its own, and when it may send again.

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::sending_rate::USED_SHARE;

/// Maximum number of remembered sends. Of a shop with a higher limit they cover less than a second.
const MAX_SENDS: f64 = 20.0;

/// Instants of sends, the latest last: no stretch of its span holds more than as many as the limit allows in it.
///
/// The sends of a shop go out at slots of the account, which lie as they lie. So the shop's own limit is no sequence of slots:
/// it is kept if among any few sends in a row the first and the last are far enough from each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentSends(Vec<Timestamp>);

/// How many sends go into which time.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Allowed {
    count: usize,
    span: SignedDuration,
}

impl Allowed {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between one and twenty")]
    fn at(rate: f64) -> Self {
        let rate = rate.max(1e-6);
        let count = rate.floor().clamp(1.0, MAX_SENDS);
        Self { count: count as usize, span: SignedDuration::from_secs_f64(count / (USED_SHARE * rate)) }
    }
}

impl RecentSends {
    /// These, the latest last.
    #[must_use]
    pub fn new(instants: Vec<Timestamp>) -> Self {
        Self(instants)
    }

    /// The instants, the latest last.
    #[must_use]
    pub fn instants(&self) -> &[Timestamp] {
        &self.0
    }

    /// The first instant from `from` on at which one more may go out, at `rate` sends per second.
    #[must_use]
    pub fn next(&self, from: Timestamp, rate: f64) -> Timestamp {
        let allowed = Allowed::at(rate);
        let before = self.0.len().checked_sub(allowed.count).and_then(|place| self.0.get(place));
        let free = before.map_or(from, |before| *before + allowed.span);
        free.max(from).max(self.0.last().copied().unwrap_or(from))
    }

    /// Notes a send that was allowed, and forgets those that matter no more.
    pub fn note(&mut self, at: Timestamp, rate: f64) {
        self.0.push(at);
        let forgotten = self.0.len().saturating_sub(Allowed::at(rate).count);
        self.0.drain(..forgotten);
    }

    /// Notes sends at as many of these instants, `most` at most, as are allowed; they are in order.
    pub fn fit(&mut self, instants: impl IntoIterator<Item = Timestamp>, most: usize, rate: f64) -> Vec<Timestamp> {
        let mut fitting = Vec::new();
        for at in instants {
            if fitting.len() < most && self.next(at, rate) == at {
                self.note(at, rate);
                fitting.push(at);
            }
        }
        fitting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + millis).expect("an instant")
    }

    #[test]
    fn a_limit_of_four_a_second_admits_four_at_once_and_none_until_the_second_is_over() {
        let mut recent = RecentSends::default();
        let slots = (0..20).map(|n| at(70 * n));
        assert_eq!(recent.fit(slots, 10, 4.0), [0, 70, 140, 210, 1_050, 1_120, 1_190, 1_260].map(at));
        assert_eq!(recent.instants().len(), 4, "nothing older matters");
        assert!(recent.next(at(1_300), 4.0) > at(2_050));
        assert_eq!(recent.next(at(9_000), 4.0), at(9_000));
        // One in two seconds, one after the other.
        let mut slow = RecentSends::default();
        assert_eq!(slow.fit((0..100).map(|n| at(100 * n)), 10, 0.5), [0, 2_100, 4_200, 6_300, 8_400].map(at));
    }

    proptest! {
        #[test]
        fn no_second_holds_more_than_the_limit_and_at_least_nine_tenths_of_it_are_used(
            rate in 1_u32..15,
            interval in 5_i64..73,
        ) {
            let mut recent = RecentSends::default();
            let sends = recent.fit((0..20_000 / interval).map(|n| at(n * interval)), usize::MAX, f64::from(rate));
            for first in &sends {
                let within = sends.iter().filter(|one| *one >= first && one.duration_since(*first) < SignedDuration::from_secs(1));
                prop_assert!(within.count() <= rate as usize);
            }
            // The slots of an account with little more than the shop's rate are too far apart for all of them.
            let wanted = f64::from(rate).min(1_000.0 / f64::from(i32::try_from(interval).expect("small")));
            prop_assert!(sends.len() as f64 / 20.0 >= 0.9 * wanted, "{} of {wanted} a second", sends.len() as f64 / 20.0);
        }
    }
}

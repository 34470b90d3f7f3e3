//! Doing something again: how often after a lost race, and how long to pause before.
//!
//! A write names the revision that it saw, so of two writers one loses the race, reads again and decides again. All of them
//! take their attempts from [`Attempts`]. Pauses are a function of who repeats and how often, without randomness, so that
//! a history of the simulation is the same each time it is played.

use rekindle_lifecycle::id::fraction;
use std::time::Duration;

/// Attempts at a write that others may overtake, the first included.
pub const MAX_ATTEMPTS: u32 = 10;

/// Between two attempts at a write: the first repetition comes nearly at once, and all of them together take less than two
/// seconds.
const AFTER_LOST_RACE: BackOff = BackOff { first: Duration::from_millis(4), longest: Duration::from_millis(400) };

/// Pauses that double from one repetition to the next, up to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// Full pause before the first repetition.
    pub first: Duration,
    /// Full pause that is not exceeded.
    pub longest: Duration,
}

impl BackOff {
    /// The pause before a repetition, counted from 1: between half of its full length and all of it. It differs between
    /// those who repeat (`who`) and between repetitions, so that callers who collided do not collide again, and is always
    /// the same for the same arguments.
    #[must_use]
    pub fn before(self, repetition: u32, who: &str) -> Duration {
        let doubled = 2_u32.saturating_pow(repetition.saturating_sub(1));
        let full = self.first.saturating_mul(doubled).min(self.longest);
        full.mul_f64(1.0 - fraction(&["pause", who, &repetition.to_string()]) / 2.0)
    }
}

/// Others wrote the same item first, at every attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("others wrote the {item} first, {attempts} times in a row")]
pub struct LostRaces {
    /// What was to be written.
    pub item: &'static str,
    /// How often it was tried.
    pub attempts: u32,
}

/// The attempts at one write: at most [`MAX_ATTEMPTS`], with growing pauses between them.
/// A write loops `while attempts.next().await` and returns when it is done; behind the loop, [`Attempts::lost`] is the error.
#[derive(Debug)]
pub struct Attempts<'w> {
    item: &'static str,
    who: &'w str,
    made: u32,
}

impl<'w> Attempts<'w> {
    /// Attempts at writing an item of a kind, such as `"customer"`. `who` tells apart those who may race for the same item,
    /// and appears in no message: the id of the message that is settled, for example, rather than the customer's.
    #[must_use]
    pub fn at(item: &'static str, who: &'w str) -> Self {
        Self { item, who, made: 0 }
    }

    /// Waits until the next attempt may begin, the first one at once; `false` if there were enough.
    pub async fn next(&mut self) -> bool {
        if self.made == MAX_ATTEMPTS {
            return false;
        }
        if self.made > 0 {
            tokio::time::sleep(AFTER_LOST_RACE.before(self.made, self.who)).await;
        }
        self.made += 1;
        true
    }

    /// Attempts begun so far.
    #[must_use]
    pub fn made(&self) -> u32 {
        self.made
    }

    /// Says that all attempts were lost.
    #[must_use]
    pub fn lost(&self) -> LostRaces {
        LostRaces { item: self.item, attempts: self.made }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn pauses_double_up_to_the_longest_and_lose_at_most_half() {
        let back_off = BackOff { first: Duration::from_millis(50), longest: Duration::from_secs(1) };
        for (repetition, full) in [(1, 50), (2, 100), (3, 200), (4, 400), (5, 800), (6, 1_000), (7, 1_000), (99, 1_000)]
        {
            for who in ["anna", "bela", "carl"] {
                let pause = back_off.before(repetition, who);
                assert!(pause <= Duration::from_millis(full) && pause >= Duration::from_millis(full) / 2, "{pause:?}");
                assert_eq!(pause, back_off.before(repetition, who), "the same each time");
            }
        }
    }

    #[test]
    fn those_who_collided_pause_for_different_times() {
        let pauses = |who| (1..=8).map(move |repetition| AFTER_LOST_RACE.before(repetition, who));
        assert!(pauses("anna").zip(pauses("bela")).all(|(one, other)| one != other));
        let long: Vec<_> = (8..=12).map(|repetition| AFTER_LOST_RACE.before(repetition, "anna")).collect();
        assert!(long.windows(2).all(|pair| pair[0] != pair[1]), "also when the full pause stays the same: {long:?}");
    }

    #[tokio::test]
    async fn the_first_attempt_is_at_once_and_the_second_is_not() {
        let mut attempts = Attempts::at("customer", "anna");
        assert_eq!(attempts.next().now_or_never(), Some(true));
        assert_eq!(attempts.next().now_or_never(), None);
    }

    #[tokio::test]
    async fn after_the_last_attempt_there_is_none_and_giving_up_says_how_many_there_were() {
        let mut attempts = Attempts { made: MAX_ATTEMPTS, ..Attempts::at("customer", "anna") };
        assert_eq!(attempts.next().now_or_never(), Some(false));
        assert_eq!(attempts.lost().to_string(), "others wrote the customer first, 10 times in a row");
        let pauses: Duration = (1..MAX_ATTEMPTS).map(|repetition| AFTER_LOST_RACE.before(repetition, "anna")).sum();
        assert!(pauses < Duration::from_secs(2), "{pauses:?} in all");
    }
}

//! How long to wait before something is tried again.
//!
//! A wait is a function of who repeats and how often, without randomness, so that a history of the simulation is the same
//! each time it is played.

use crate::id::fraction;
use std::time::Duration;

/// Between two attempts at a write that others may overtake: the first repetition comes nearly at once, and ten attempts
/// together take less than two seconds.
pub const AFTER_LOST_RACE: BackOff = BackOff { first: Duration::from_millis(4), longest: Duration::from_millis(400) };
/// Between two attempts at a message that the provider refused as too fast.
pub const AFTER_TOO_FAST: BackOff = BackOff { first: Duration::from_secs(5), longest: Duration::from_secs(15 * 60) };

/// Pauses that double from one repetition to the next, up to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// Full pause before the first repetition.
    pub first: Duration,
    /// Full pause that is not exceeded.
    pub longest: Duration,
}

impl BackOff {
    /// Returns the full pause before a repetition, counted from 1; 0 counts as 1.
    #[must_use]
    pub fn full(self, repetition: u32) -> Duration {
        self.first.saturating_mul(2_u32.saturating_pow(repetition.saturating_sub(1))).min(self.longest)
    }

    /// Returns the pause before a repetition, counted from 1: between half of its full length and all of it. It differs
    /// between those who repeat (`who`) and between repetitions, so that callers who collided do not collide again, and
    /// is always the same for the same arguments.
    #[must_use]
    pub fn before(self, repetition: u32, who: &str) -> Duration {
        let shortened_by = fraction(&["pause", who, &repetition.to_string()]) / 2.0;
        self.full(repetition).mul_f64(1.0 - shortened_by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_lose_at_most_half() {
        let back_off = BackOff { first: Duration::from_millis(50), longest: Duration::from_secs(1) };
        for (repetition, full) in
            [(0, 50), (1, 50), (2, 100), (3, 200), (4, 400), (5, 800), (6, 1_000), (7, 1_000), (99, 1_000)]
        {
            assert_eq!(back_off.full(repetition), Duration::from_millis(full), "{repetition}");
            for who in ["anna", "bela", "carl"] {
                let pause = back_off.before(repetition, who);
                assert!(pause <= Duration::from_millis(full) && pause >= Duration::from_millis(full) / 2, "{pause:?}");
                assert_eq!(pause, back_off.before(repetition, who), "the same each time");
            }
        }
    }

    #[test]
    fn colliding_writers_pause_for_different_times() {
        let pauses = |who| (1..=8).map(move |repetition| AFTER_LOST_RACE.before(repetition, who));
        assert!(pauses("anna").zip(pauses("bela")).all(|(one, other)| one != other));
        let long: Vec<_> = (8..=12).map(|repetition| AFTER_LOST_RACE.before(repetition, "anna")).collect();
        assert!(long.windows(2).all(|pair| pair[0] != pair[1]), "also when the full pause stays the same: {long:?}");
    }

    #[test]
    fn ten_attempts_at_a_write_take_less_than_two_seconds() {
        let pauses: Duration = (1..10).map(|repetition| AFTER_LOST_RACE.before(repetition, "anna")).sum();
        assert!(pauses < Duration::from_secs(2), "{pauses:?} in all");
    }

    #[test]
    fn a_message_that_came_too_fast_waits_from_five_seconds_to_a_quarter_of_an_hour() {
        let seconds = [1, 2, 3, 7, 8, 9, 30].map(|attempts| AFTER_TOO_FAST.full(attempts).as_secs());
        assert_eq!(seconds, [5, 10, 20, 320, 640, 900, 900]);
    }
}

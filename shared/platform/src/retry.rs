//! Doing something again: how often after a lost race, and how long to pause before.
//!
//! A write names the revision that it saw, so of two writers one loses the race, reads again and decides again. All of them
//! take their attempts from [`Attempts`]. Pauses are a function of who repeats and how often, without randomness, so that
//! a history of the simulation is the same each time it is played.

pub use rekindle_lifecycle::back_off::BackOff;

use rekindle_lifecycle::back_off::AFTER_LOST_RACE;

/// Attempts at a write that others may overtake, the first included.
pub const MAX_ATTEMPTS: u32 = 10;

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
    /// Attempts at writing an item of a kind, such as `"customer"`. `who` distinguishes callers that may race for one item,
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
    use std::time::Duration;

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

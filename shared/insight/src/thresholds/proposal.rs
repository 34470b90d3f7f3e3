//! A threshold that differs from the one in force, proposed to people.

use super::class::Class;
use super::report::{INACTIVE_PART, LAPSED_PART};
use super::summary::Thresholds;
use crate::day::Day;
use crate::language::Language;
use crate::statistics::{Z, float, whole_days};
use serde::{Deserialize, Serialize};

/// Which threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// After how much silence a customer is inactive.
    Inactive,
    /// After how much silence a customer is lapsed.
    Lapsed,
}

/// A new value for a threshold. It is never applied without a person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Proposal {
    /// Which threshold.
    pub threshold: Threshold,
    /// Of which customers.
    pub class: Class,
    /// The value in force, in days.
    pub old: u32,
    /// The proposed value, in days.
    pub new: u32,
    /// The lower end of its 95 % interval.
    pub lo: u32,
    /// The upper end.
    pub hi: u32,
    /// Completed gaps that it was learned from.
    pub n: u64,
}

/// Whether a proposal raises or lowers a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The new value is higher.
    Up,
    /// It is lower.
    Down,
}

/// A proposal that was made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastProposal {
    /// When it was made.
    pub made: Day,
    /// When a person applied it, if one did.
    pub applied: Option<Day>,
    /// Whether it raised the threshold.
    pub direction: Direction,
}

/// How much the value in force counts, in completed gaps.
const PRIOR_GAPS: f64 = 20.0;
/// The fewest completed gaps that a proposal is made of.
const MIN_GAPS: u64 = 30;
/// The shortest horizon, in days, that a proposal is made of.
const MIN_HORIZON: u32 = 28;
/// The smallest change that is worth a proposal, as a factor.
const MIN_CHANGE: f64 = 1.15;
/// Days that a proposal stands; for as long no other is made for its threshold.
pub const STANDS_FOR: u32 = 28;
/// Days after an applied proposal in which none is made in the other direction.
const HOLDS_FOR: u32 = 56;

/// The new value of a threshold, if it differs by more than 15 % and by more than two standard errors from the `current` one.
///
/// With few data it stays near the current one: log t* = (e log t + 20 log t_current) / (e + 20) for e completed gaps.
#[must_use]
pub fn propose(summary: &Thresholds, class: Class, threshold: Threshold, current: u32) -> Option<Proposal> {
    let part = match threshold {
        Threshold::Inactive => INACTIVE_PART,
        Threshold::Lapsed => LAPSED_PART,
    };
    let gaps = summary.gaps(class);
    let (n, horizon) = (gaps.ended(), gaps.horizon()?);
    if n < MIN_GAPS || horizon < MIN_HORIZON || current == 0 {
        return None;
    }
    let learned = f64::from(gaps.curve().day_of_returners(part, horizon)?.max(1));
    let weight = float(n) / (float(n) + PRIOR_GAPS);
    let current_log = f64::from(current).ln();
    let log = weight * learned.ln() + (1.0 - weight) * current_log;
    let se = weight * gaps.log_standard_error(part, horizon);
    let far = (log - current_log).abs() > MIN_CHANGE.ln().max(2.0 * se);
    let days = |log: f64| whole_days(log.exp());
    let (new, lo, hi) = (days(log), days(log - Z * se), days(log + Z * se));
    far.then_some(Proposal { threshold, class, old: current, new, lo, hi, n })
        .filter(|proposal| proposal.new != current)
}

impl Proposal {
    /// What is proposed, instead of what, and from how much.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let Self { old, new, lo, hi, .. } = self;
        let n = language.whole(self.n);
        let what = match (self.threshold, language) {
            (Threshold::Inactive, Language::English) => "inactive",
            (Threshold::Lapsed, Language::English) => "lapsed",
            (Threshold::Inactive, Language::Russian) => "неактивными",
            (Threshold::Lapsed, Language::Russian) => "потерянными",
        };
        let who = match (self.class, language) {
            (Class::First, Language::English) => "Customers who ordered once",
            (Class::Second, Language::English) => "Customers who ordered twice",
            (Class::Regular, Language::English) => "Regular customers",
            (Class::First, Language::Russian) => "Покупателей с одним заказом",
            (Class::Second, Language::Russian) => "Покупателей с двумя заказами",
            (Class::Regular, Language::Russian) => "Постоянных покупателей",
        };
        match language {
            Language::English => {
                format!(
                    "{who} would be {what} after {new} days ({lo}–{hi}) instead of {old}: learned from {n} returns."
                )
            }
            Language::Russian => format!(
                "{who} предлагается считать {what} через {new} дн. ({lo}–{hi}) вместо {old}: по данным о возвратах ({n})."
            ),
        }
    }

    /// Whether it raises the threshold.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        if self.new > self.old { Direction::Up } else { Direction::Down }
    }
}

/// Whether a proposal may be made today, given the earlier ones for the same threshold and class: one at most in 28 days, and none
/// in the other direction for 56 days after one was applied, so that a threshold does not swing.
#[must_use]
pub fn may_propose(direction: Direction, today: Day, past: &[PastProposal]) -> bool {
    past.iter().all(|earlier| {
        let swings = earlier.direction != direction && earlier.applied.is_some_and(|at| today.since(at) < HOLDS_FOR);
        today.since(earlier.made) >= STANDS_FOR && !swings
    })
}

impl PastProposal {
    /// Whether nobody applied it in time.
    #[must_use]
    pub fn is_expired(&self, today: Day) -> bool {
        self.applied.is_none() && today.since(self.made) >= STANDS_FOR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i32) -> Day {
        Day::from_number(number)
    }

    #[test]
    fn one_proposal_stands_for_28_days() {
        let past = [PastProposal { made: day(0), applied: None, direction: Direction::Up }];
        assert!(!may_propose(Direction::Up, day(27), &past) && may_propose(Direction::Up, day(28), &past));
        assert!(!past[0].is_expired(day(27)) && past[0].is_expired(day(28)));
        assert!(may_propose(Direction::Down, day(0), &[]));
    }

    #[test]
    fn an_applied_proposal_is_not_taken_back_for_56_days() {
        let past = [PastProposal { made: day(0), applied: Some(day(10)), direction: Direction::Up }];
        assert!(!may_propose(Direction::Down, day(65), &past) && may_propose(Direction::Down, day(66), &past));
        assert!(may_propose(Direction::Up, day(28), &past), "further in the same direction");
        assert!(!past[0].is_expired(day(100)));
    }
}

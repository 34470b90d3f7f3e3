//! What is known of one customer in one run of a journey.

use crate::buyer::{Buyer, Occasion};
use crate::day::Day;
use serde::{Deserialize, Serialize};

/// The arm that was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The journey runs.
    Treated,
    /// It does not, so that it can be seen what would have happened anyway.
    Holdout,
}

/// What is measured after the trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Whether there was an order: the primary one.
    AnyOrder,
    /// Days with an order.
    Orders,
    /// Their value.
    Value,
    /// Their value, not more than a cap: a few large buyers decide the value otherwise.
    CappedValue,
}

/// All outcomes, in order.
pub const OUTCOMES: [Outcome; 4] = [Outcome::AnyOrder, Outcome::Orders, Outcome::Value, Outcome::CappedValue];

/// An outcome with what was known beforehand that goes along with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pair {
    /// The outcome; money in minor units.
    pub y: i64,
    /// The covariate; money in minor units.
    pub x: i64,
}

/// A customer in the first run of a journey's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// The arm drawn.
    pub arm: Arm,
    /// The day of the trigger.
    pub trigger: Day,
    /// By outcome, in the order of [`OUTCOMES`]. The value is not capped yet.
    pub pairs: [Pair; OUTCOMES.len()],
}

/// What was known before the trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covariate {
    /// The value of the first day with an order: for journeys that the first order starts, before which nothing is known.
    FirstValue,
    /// The same as the outcome in 180 days until the trigger, its day included: for customers who are known.
    SameBefore,
}

/// Days before the trigger that the covariate looks at.
const DAYS_BEFORE: i32 = 180;

impl Unit {
    /// What a customer's orders say: outcomes of the `window` days after the day of the trigger.
    #[must_use]
    pub fn new(buyer: &Buyer, arm: Arm, trigger: Day, window: u32, covariate: Covariate) -> Self {
        let until = trigger.plus(i32::try_from(window).unwrap_or(i32::MAX));
        let after = between(buyer.occasions(), trigger, until);
        let before = between(buyer.occasions(), trigger.plus(-DAYS_BEFORE), trigger);
        let first = buyer.occasions().first().map_or(0, |occasion| occasion.value);
        let (orders, value) = count_and_value(after);
        let (orders_before, value_before) = match covariate {
            Covariate::FirstValue => (first, first),
            Covariate::SameBefore => count_and_value(before),
        };
        let of_orders = |y| Pair { y, x: orders_before };
        let of_value = Pair { y: value, x: value_before };
        Self { arm, trigger, pairs: [of_orders(i64::from(orders > 0)), of_orders(orders), of_value, of_value] }
    }
}

fn between(occasions: &[Occasion], after: Day, until: Day) -> &[Occasion] {
    let place = |day| occasions.partition_point(|occasion| occasion.day <= day);
    occasions.get(place(after)..place(until)).unwrap_or(&[])
}

fn count_and_value(occasions: &[Occasion]) -> (i64, i64) {
    let value = occasions.iter().fold(0_i64, |sum, occasion| sum.saturating_add(occasion.value));
    (i64::try_from(occasions.len()).unwrap_or(i64::MAX), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(day: i32, value: i64) -> Occasion {
        Occasion { day: Day::from_number(day), value, lines: 1 }
    }

    #[test]
    fn outcomes_begin_on_the_day_after_the_trigger_and_covariates_end_on_it() {
        let buyer =
            Buyer::new(1, [order(0, 1), order(20, 2), order(200, 4), order(201, 8), order(230, 16), order(231, 32)]);
        let unit = |covariate| Unit::new(&buyer, Arm::Treated, Day::from_number(200), 30, covariate).pairs;
        let pair = |y, x| Pair { y, x };
        assert_eq!(
            unit(Covariate::SameBefore),
            [pair(1, 1), pair(2, 1), pair(24, 4), pair(24, 4)],
            "day 20 is too early"
        );
        assert_eq!(unit(Covariate::FirstValue), [pair(1, 1), pair(2, 1), pair(24, 1), pair(24, 1)]);
    }

    #[test]
    fn who_never_orders_counts_with_nothing() {
        let unit = Unit::new(&Buyer::new(1, []), Arm::Holdout, Day::from_number(0), 30, Covariate::SameBefore);
        assert_eq!(unit.pairs, [Pair::default(); 4]);
    }
}

//! What part of a shop's life is looked at.

use crate::day::Day;
use serde::{Deserialize, Serialize};

/// The history that all summaries of one pass are made of. Summaries of different histories do not merge.
///
/// All amounts are minor units of one currency. A shop with orders in two currencies has a history for each: the caller splits
/// the orders, and nothing here can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct History {
    /// The last complete day in the shop's zone. Nothing later is looked at.
    pub through: Day,
    /// The first day from which on every order is known, if the shop existed before it. `None` if the history starts with the
    /// shop.
    pub complete_from: Option<Day>,
    /// For so many days from `complete_from` on, the first order seen of a customer may not be their first.
    pub burn_in: u32,
}

impl History {
    /// Days at the start of an incomplete history in which first orders are not believed, unless the shop says otherwise.
    pub const DEFAULT_BURN_IN: u32 = 91;

    /// A history that starts with the shop.
    #[must_use]
    pub const fn from_the_beginning(through: Day) -> Self {
        Self { through, complete_from: None, burn_in: 0 }
    }

    /// A history that starts in the middle of the shop's life, with the default burn-in.
    #[must_use]
    pub const fn complete_from(from: Day, through: Day) -> Self {
        Self { through, complete_from: Some(from), burn_in: Self::DEFAULT_BURN_IN }
    }

    /// The same history as it looked on an earlier day.
    #[must_use]
    pub fn as_of(self, through: Day) -> Self {
        Self { through: through.min(self.through), ..self }
    }

    /// Whether the first order seen on this day may be another than the customer's first.
    #[must_use]
    pub fn is_burn_in(&self, first: Day) -> bool {
        let burn_in = i32::try_from(self.burn_in).unwrap_or(i32::MAX);
        self.complete_from.is_some_and(|from| first < from.plus(burn_in))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_orders_are_not_believed_within_91_days_of_an_incomplete_start() {
        let from = Day::from_number(1_000);
        let history = History::complete_from(from, from.plus(700));
        assert!(history.is_burn_in(from.plus(-5)) && history.is_burn_in(from) && history.is_burn_in(from.plus(90)));
        assert!(!history.is_burn_in(from.plus(91)));
        assert!(!History::from_the_beginning(from).is_burn_in(from));
    }

    #[test]
    fn an_earlier_look_ends_earlier_and_never_later() {
        let history = History::from_the_beginning(Day::from_number(100));
        assert_eq!(history.as_of(Day::from_number(40)).through, Day::from_number(40));
        assert_eq!(history.as_of(Day::from_number(400)).through, Day::from_number(100));
    }
}

//! What part of a shop's life is looked at.

use crate::day::Day;
use serde::{Deserialize, Serialize};

/// The history that all summaries of one pass are made of. Summaries of different histories do not merge.
///
/// All amounts are of one currency: minor units where they come in, major units in reports. A shop with orders in two
/// currencies has a history for each: the caller splits the orders, and nothing here can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct History {
    /// The last complete day in the shop's zone. Nothing later is looked at.
    pub through: Day,
    /// The first day from which on every order is known, if the shop existed before it. `None` if the history starts with the
    /// shop.
    pub complete_from: Option<Day>,
    /// For this many days from `complete_from` on, the first order seen of a customer may not be their first.
    pub burn_in: u32,
    /// Decimal places of the currency's minor unit: 2 for EUR, 0 for JPY.
    pub decimal_places: u8,
}

impl History {
    /// Days at the start of an incomplete history in which first orders are not believed, unless the shop says otherwise.
    pub const DEFAULT_BURN_IN: u32 = 91;

    /// A history that starts with the shop.
    #[must_use]
    pub const fn from_the_beginning(through: Day) -> Self {
        Self { through, complete_from: None, burn_in: 0, decimal_places: 2 }
    }

    /// A history that starts in the middle of the shop's life, with the default burn-in.
    #[must_use]
    pub const fn complete_from(from: Day, through: Day) -> Self {
        Self { through, complete_from: Some(from), burn_in: Self::DEFAULT_BURN_IN, decimal_places: 2 }
    }

    /// The same history, of a currency with this many decimal places.
    #[must_use]
    pub const fn with_decimal_places(self, decimal_places: u8) -> Self {
        Self { decimal_places, ..self }
    }

    /// What one minor unit is in major units: 0.01 for EUR.
    #[must_use]
    pub fn minor_unit(&self) -> f64 {
        10.0_f64.powi(-i32::from(self.decimal_places))
    }

    /// A sum of minor units in major units.
    #[must_use]
    pub fn major(&self, minor: i128) -> f64 {
        // Divided, not multiplied: an amount comes out as the float nearest to it.
        crate::statistics::float_sum(minor) / 10.0_f64.powi(i32::from(self.decimal_places))
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
    fn amounts_are_said_in_major_units() {
        let history = History::from_the_beginning(Day::from_number(0));
        assert_eq!(history.major(24_409_194), 244_091.94);
        assert_eq!(history.with_decimal_places(0).major(-5), -5.0);
        assert_eq!(history.minor_unit(), 0.01);
    }

    #[test]
    fn an_earlier_look_ends_earlier_and_never_later() {
        let history = History::from_the_beginning(Day::from_number(100));
        assert_eq!(history.as_of(Day::from_number(40)).through, Day::from_number(40));
        assert_eq!(history.as_of(Day::from_number(400)).through, Day::from_number(100));
    }
}

//! Exact decimal numbers.

use rekindle_lifecycle::money::Currency;
use std::fmt;

/// Most digits after the decimal mark, and most digits in all.
const MAX_PLACES: u32 = 12;
const MAX_DIGITS: usize = 24;

/// A decimal number. Sums and products are exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Decimal {
    units: i128,
    places: u32,
}

impl Decimal {
    pub(crate) const ZERO: Self = Self { units: 0, places: 0 };
    pub(crate) const ONE: Self = Self { units: 1, places: 0 };

    /// A number of its digits before and after the mark; `None` if it has none, or too many.
    pub(crate) fn from_digits(whole: &str, fraction: &str) -> Option<Self> {
        let fraction = if fraction.len() > MAX_PLACES as usize { fraction.trim_end_matches('0') } else { fraction };
        let places = u32::try_from(fraction.len()).ok().filter(|places| *places <= MAX_PLACES)?;
        let digits = format!("{whole}{fraction}");
        let is_number = !digits.is_empty() && digits.len() <= MAX_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
        Some(Self { units: digits.parse().ok().filter(|_| is_number)?, places })
    }

    /// A number as programs write it: digits with a point.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        Self::from_digits(whole, fraction).map(|number| Self { units: number.units * sign, ..number })
    }

    pub(crate) fn is_negative(self) -> bool {
        self.units < 0
    }

    pub(crate) fn is_zero(self) -> bool {
        self.units == 0
    }

    pub(crate) fn negated(self) -> Self {
        Self { units: -self.units, ..self }
    }

    pub(crate) fn abs(self) -> Self {
        Self { units: self.units.abs(), ..self }
    }

    /// The sum; `None` if it is too large.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let units = self.at(places)?.checked_add(other.at(places)?)?;
        Some(Self { units, places })
    }

    /// The product; `None` if it is too large.
    pub(crate) fn times(self, other: Self) -> Option<Self> {
        Some(Self { units: self.units.checked_mul(other.units)?, places: self.places + other.places }.shortened())
    }

    /// The quotient, if it has no more than `places` places.
    pub(crate) fn divided_exactly(self, by: Self, places: u32) -> Option<Self> {
        let divisor = by.units.checked_mul(10_i128.checked_pow(self.places)?).filter(|divisor| *divisor != 0)?;
        let dividend = self.units.checked_mul(10_i128.checked_pow(places.checked_add(by.places)?)?)?;
        (dividend % divisor == 0).then(|| Self { units: dividend / divisor, places }.shortened())
    }

    /// The number in the places of a currency, and whether that rounded it (half away from zero).
    pub(crate) fn rounded_to(self, currency: Currency) -> (Self, bool) {
        let places = u32::try_from(currency.decimal_places()).unwrap_or(2);
        let shortened = self.shortened();
        if shortened.places <= places {
            return (Self { units: shortened.at(places).unwrap_or(shortened.units), places }, false);
        }
        let unit = 10_i128.pow(shortened.places - places);
        let half = if shortened.units < 0 { -(unit / 2) } else { unit / 2 };
        (Self { units: (shortened.units + half) / unit, places }, true)
    }

    /// How many places it has without the zeros at its end.
    pub(crate) fn needed_places(self) -> usize {
        self.shortened().places as usize
    }

    /// Its units at another number of places, which is not smaller.
    fn at(self, places: u32) -> Option<i128> {
        self.units.checked_mul(10_i128.checked_pow(places.checked_sub(self.places)?)?)
    }

    fn shortened(mut self) -> Self {
        while self.places > 0 && self.units % 10 == 0 {
            self.units /= 10;
            self.places -= 1;
        }
        self
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let (digits, places) = (self.units.unsigned_abs(), self.places as usize);
        if places == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).expect(text)
    }

    #[test]
    fn sums_and_products_are_exact() {
        assert_eq!(number("0.1").plus(number("0.25")).expect("a sum").to_string(), "0.35");
        assert_eq!(number("-2.55").times(number("6")).expect("a product").to_string(), "-15.3");
        assert_eq!(number("2.10").plus(number("-2.1")), Some(Decimal { units: 0, places: 2 }));
        assert!(number("99999999999999999999").times(number("99999999999999999999")).is_none());
        assert_eq!(number("10").divided_exactly(number("4"), 2).expect("exact").to_string(), "2.5");
        assert_eq!(number("10").divided_exactly(number("3"), 2), None);
        assert_eq!(number("10").divided_exactly(Decimal::ZERO, 2), None);
    }

    #[test]
    fn a_number_is_rounded_to_the_places_of_a_currency_and_that_is_said() {
        let [eur, jpy] = ["EUR", "JPY"].map(|code| Currency::parse(code).expect(code));
        let rounded = |text: &str, currency| {
            let (number, is_rounded) = number(text).rounded_to(currency);
            (number.to_string(), is_rounded)
        };
        assert_eq!(rounded("12.5", eur), ("12.50".to_owned(), false));
        assert_eq!(rounded("12.500", eur), ("12.50".to_owned(), false));
        assert_eq!(rounded("0.005", eur), ("0.01".to_owned(), true));
        assert_eq!(rounded("-0.005", eur), ("-0.01".to_owned(), true));
        assert_eq!(rounded("1200.00", jpy), ("1200".to_owned(), false));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", ".", "-", "1e3", "1,5", "1.2.3", "٣", "9999999999999999999999999"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}

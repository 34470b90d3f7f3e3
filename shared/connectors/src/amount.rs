//! Exact decimal amounts.

use iso_currency::Currency;
use serde_json::{Number, Value};
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

/// An amount in major units with nine decimal places. All that a shop system writes fits exactly, and sums are sums of integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Amount(i128);

const PLACES: usize = 9;
const ONE: i128 = 1_000_000_000;
/// The largest amount that is read, in major units. Sums of a million of them fit.
const MAX_MAJOR: i128 = 1_000_000_000_000;

impl Amount {
    pub(crate) const ZERO: Self = Self(0);

    /// Reads a plain decimal: `-12.50`. Digits beyond the ninth place are rounded.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && decimals.is_empty()) || !plain(whole) || !plain(decimals) || whole.len() > 30 {
            return None;
        }
        let kept: String = decimals.chars().chain("0".repeat(PLACES).chars()).take(PLACES).collect();
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        if whole > MAX_MAJOR {
            return None;
        }
        let rounds_up = decimals.as_bytes().get(PLACES).is_some_and(|digit| *digit >= b'5');
        let value = whole * ONE + kept.parse::<i128>().ok()? + i128::from(rounds_up);
        Some(Self(if negative { -value } else { value }))
    }

    /// Reads an amount as JSON has it: a number, or a text with a plain decimal.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Self::from_number(number),
            Value::String(text) => Self::parse(text),
            _ => None,
        }
    }

    fn from_number(number: &Number) -> Option<Self> {
        if number.is_f64() {
            // The shortest decimal that is this number is what the sender meant.
            return Self::parse(&format!("{}", number.as_f64().filter(|value| value.is_finite())?));
        }
        Self::parse(&number.to_string())
    }

    /// An amount in minor units with a number of places: 1250 with two is 12.50.
    pub(crate) fn from_minor(minor: i64, places: u32) -> Option<Self> {
        let unit = 10_i128.checked_pow(u32::try_from(PLACES).ok()?.checked_sub(places)?)?;
        let value = i128::from(minor) * unit;
        (value.abs() <= MAX_MAJOR * ONE).then_some(Self(value))
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn is_negative(self) -> bool {
        self.0 < 0
    }

    pub(crate) fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// `self × to / from`, for conversions by the quotient of two amounts.
    pub(crate) fn scaled(self, to: Self, from: Self) -> Option<Self> {
        if from.is_zero() {
            return None;
        }
        Some(Self(divided(self.0.checked_mul(to.0)?, from.0)))
    }

    /// A part of it, for unit prices. The divisor is an amount too, because quantities have decimals in some shops.
    pub(crate) fn per(self, quantity: Self) -> Option<Self> {
        self.scaled(Self(ONE), quantity)
    }

    /// A decimal with exactly this number of places, rounded half away from zero.
    pub(crate) fn to_text(self, places: usize) -> String {
        let places = places.min(PLACES);
        let unit = 10_i128.pow(u32::try_from(PLACES - places).unwrap_or(0));
        let minor = divided(self.0, unit);
        let sign = if minor < 0 { "-" } else { "" };
        let scale = 10_i128.pow(u32::try_from(places).unwrap_or(0));
        let (whole, part) = (minor.abs() / scale, minor.abs() % scale);
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0places$}") }
    }

    /// The shortest decimal: `2` or `0.5`.
    pub(crate) fn to_shortest(self) -> String {
        let text = self.to_text(PLACES);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// Integer division, rounded half away from zero.
fn divided(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value / by, value % by);
    let away = if (value < 0) == (by < 0) { 1 } else { -1 };
    if rest.unsigned_abs() * 2 >= by.unsigned_abs() && rest != 0 { quotient + away } else { quotient }
}

/// How many decimal places amounts of a currency have; two for one that is not known.
pub(crate) fn places_of(currency: Option<&str>) -> usize {
    let known = currency.and_then(|code| Currency::from_code(&code.trim().to_ascii_uppercase()));
    known.and_then(|currency| currency.exponent()).map_or(2, usize::from)
}

/// The code in upper case, if it is a currency of ISO 4217.
pub(crate) fn currency_code(text: &str) -> Option<String> {
    let upper = text.trim().to_ascii_uppercase();
    Currency::from_code(&upper).map(|_| upper)
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn plain_decimals_are_read_exactly_and_nothing_else_is() {
        for (text, wanted) in
            [("25.90", "25.90"), ("0", "0.00"), ("-10.00", "-10.00"), (" 7 ", "7.00"), (".5", "0.50"), ("12.", "12.00")]
        {
            assert_eq!(Amount::parse(text).expect(text).to_text(2), wanted);
        }
        for text in ["", "-", ".", "1,50", "1e3", "12.5.0", "€5", "--1", "99999999999999999999", "1 000"] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_json_lose_their_binary_noise() {
        assert_eq!(Amount::from_json(&json!(107.851_239_669_421_5)).expect("an amount").to_text(2), "107.85");
        assert_eq!(Amount::from_json(&json!(0.1)).expect("an amount").to_shortest(), "0.1");
        assert_eq!(Amount::from_json(&json!(600)).expect("an amount").to_text(2), "600.00");
        assert_eq!(Amount::from_json(&json!(1e300)), None);
        assert_eq!(Amount::from_json(&json!([1])), None);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (text, wanted) in [("2.345", "2.35"), ("-2.345", "-2.35"), ("2.344", "2.34"), ("0.5", "0.50")] {
            assert_eq!(Amount::parse(text).expect(text).to_text(2), wanted);
        }
        assert_eq!(Amount::parse("1.5").expect("an amount").to_text(0), "2");
    }

    proptest! {
        #[test]
        fn sums_are_those_of_minor_units(minors in proptest::collection::vec(-1_000_000_000_i64..1_000_000_000, 0..40)) {
            let sum: Amount = minors.iter().map(|minor| Amount::from_minor(*minor, 2).expect("an amount")).sum();
            prop_assert_eq!(sum, Amount::from_minor(minors.iter().sum(), 2).expect("an amount"));
        }

        #[test]
        fn what_is_written_reads_the_same(minor in -1_000_000_000_000_i64..1_000_000_000_000, places in 0_u32..4) {
            let amount = Amount::from_minor(minor, places).expect("an amount");
            prop_assert_eq!(Amount::parse(&amount.to_text(places as usize)), Some(amount));
            prop_assert_eq!(Amount::parse(&amount.to_shortest()), Some(amount));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = Amount::parse(&text);
        }
    }
}

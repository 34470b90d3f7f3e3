//! Money as integer minor units of one ISO 4217 currency. Never a float.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 currency, for example `EUR`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// An amount in minor units (cents, pence, yen) of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount in minor units.
    #[serde(rename = "m")]
    pub minor: i64,
    /// The currency, which defines the minor unit.
    #[serde(rename = "c")]
    pub currency: Currency,
}

/// Why a text is not money. The message is the predicate of a sentence about a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a currency of ISO 4217.
    #[error("is {0:?}, which is not an ISO 4217 currency code such as \"EUR\"")]
    UnknownCurrency(String),
    /// Not a decimal number.
    #[error("is {0:?}, which is not a decimal amount such as 12.50")]
    NotANumber(String),
    /// More decimal places than the currency has.
    #[error("has {found} decimal places, but {currency} has {allowed}")]
    TooPrecise {
        /// Places found.
        found: usize,
        /// Places the currency has.
        allowed: usize,
        /// The currency's code.
        currency: Currency,
    },
    /// Below zero.
    #[error("must not be negative")]
    Negative,
    /// Above a hundred million million minor units.
    #[error("is larger than any order can be")]
    TooLarge,
}

impl Currency {
    /// The US dollar: what an amount is in if neither it nor the shop names a currency.
    pub const US_DOLLAR: Self = Self(*b"USD");

    /// Accepts an ISO 4217 code, in any case.
    ///
    /// # Errors
    /// The code is not in ISO 4217.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        let upper = code.trim().to_ascii_uppercase();
        let known = iso_currency::Currency::from_code(&upper);
        match (known, <[u8; 3]>::try_from(upper.as_bytes())) {
            (Some(_), Ok(bytes)) => Ok(Self(bytes)),
            _ => Err(MoneyError::UnknownCurrency(code.chars().take(16).collect())),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Decimal places of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn decimal_places(&self) -> usize {
        let known = iso_currency::Currency::from_code(self.code());
        known.and_then(|currency| currency.exponent()).map_or(2, usize::from)
    }
}

impl Money {
    /// Largest amount accepted, in minor units.
    pub const LIMIT: i64 = 100_000_000_000_000;

    /// Reads a decimal amount in major units, exactly: `"12.5"` EUR is 1250. Trailing zeros beyond the
    /// currency's places are accepted, other digits are not: an amount is never rounded.
    ///
    /// # Errors
    /// Says what is wrong with the amount.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let text = amount.trim();
        let not_a_number = || MoneyError::NotANumber(amount.chars().take(32).collect());
        if let Some(rest) = text.strip_prefix('-') {
            return match Self::parse(rest, currency) {
                Ok(zero) if zero.minor == 0 => Ok(zero),
                Ok(_) => Err(MoneyError::Negative),
                Err(error) => Err(error),
            };
        }
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && decimals.is_empty()) || !digits(whole) || !digits(decimals) {
            return Err(not_a_number());
        }
        let decimals = decimals.trim_end_matches('0');
        let places = currency.decimal_places();
        if decimals.len() > places {
            return Err(MoneyError::TooPrecise { found: decimals.len(), allowed: places, currency });
        }
        // Only digits are left, so only a number that is too large cannot be read. The zero keeps them from being none.
        let minor = format!("0{whole}{decimals:0<places$}").parse().map_err(|_| MoneyError::TooLarge)?;
        if minor > Self::LIMIT {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self { minor, currency })
    }

    /// The same number of major units in another currency: 12.50 of one is 12.50 of the other, and a currency without
    /// minor units rounds it. This is no conversion: it is for an amount of which it turned out what its currency is.
    #[must_use]
    pub fn relabelled(self, currency: Currency) -> Self {
        let unit = |currency: Currency| 10_i64.pow(u32::try_from(currency.decimal_places()).unwrap_or(2));
        let (from, to) = (unit(self.currency), unit(currency));
        if from == to {
            return Self { currency, ..self };
        }
        Self { minor: self.minor.saturating_mul(to).saturating_add(from / 2) / from, currency }
    }

    /// Reads a number as JSON has it. A number in JSON may have been a binary fraction on the way, so
    /// digits beyond the ninth significant decimal place are rounding noise and are rounded away here,
    /// and only here.
    ///
    /// # Errors
    /// As [`Money::parse`].
    pub fn from_json_number(number: &serde_json::Number, currency: Currency) -> Result<Self, MoneyError> {
        if !number.is_f64() {
            return Self::parse(&number.to_string(), currency);
        }
        let value = number.as_f64().unwrap_or(f64::NAN);
        let places = currency.decimal_places();
        let rounded = format!("{value:.places$}");
        let error = (rounded.parse::<f64>().unwrap_or(f64::NAN) - value).abs();
        if error > 1e-9 * value.abs().max(1.0) {
            return Self::parse(&format!("{value}"), currency);
        }
        Self::parse(&rounded, currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.currency.decimal_places();
        if places == 0 {
            return write!(f, "{} {}", self.minor, self.currency);
        }
        let unit = 10_i64.pow(u32::try_from(places).unwrap_or(2));
        let (whole, part) = (self.minor / unit, (self.minor % unit).abs());
        write!(f, "{whole}.{part:0places$} {}", self.currency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        Self::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(text: &str) -> Result<i64, String> {
        let currency = Currency::parse("eur").expect("EUR exists");
        Money::parse(text, currency).map(|money| money.minor).map_err(|error| error.to_string())
    }

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        for (text, minor) in
            [("12.50", 1250), ("12.5", 1250), ("0", 0), (".5", 50), ("7.", 700), ("-0.00", 0), ("1.990000", 199)]
        {
            assert_eq!(eur(text), Ok(minor), "{text}");
        }
        for text in ["", ".", "abc", "1,5", "1e3", "NaN", "1.2.3", "١٢"] {
            assert!(eur(text).expect_err(text).contains("not a decimal amount"), "{text}");
        }
        assert!(eur("1.005").expect_err("three places").contains("has 3 decimal places, but EUR has 2"));
        assert!(eur("-5").expect_err("negative").contains("negative"));
        assert!(eur("99999999999999999999").expect_err("huge").contains("larger"));
    }

    #[test]
    fn each_currency_has_its_own_minor_unit() {
        let parse = |amount, code| Money::parse(amount, Currency::parse(code).expect(code));
        assert_eq!(parse("500", "JPY").map(|money| money.minor), Ok(500));
        assert!(parse("500.5", "JPY").is_err());
        assert_eq!(parse("1.234", "KWD").map(|money| money.to_string()), Ok("1.234 KWD".to_owned()));
        assert!(Currency::parse("XYZ").is_err());
        assert!(Currency::parse("€").is_err());
    }

    #[test]
    fn a_json_number_loses_only_binary_noise() {
        let usd = Currency::parse("USD").expect("USD exists");
        let read = |json: &str| Money::from_json_number(&serde_json::from_str(json).expect(json), usd);
        assert_eq!(read("29.33").map(|money| money.minor), Ok(2933));
        assert_eq!(read("0.30000000000000004").map(|money| money.minor), Ok(30));
        assert_eq!(read("5").map(|money| money.minor), Ok(500));
        assert!(read("1.005").is_err());
        // The ninth decimal place of amounts below one, the ninth significant digit of larger amounts.
        assert_eq!(read("0.000000001").map(|money| money.minor), Ok(0));
        assert!(read("0.00000001").is_err());
        assert_eq!(read("123456.7000001").map(|money| money.minor), Ok(12_345_670));
        assert!(read("123456.701").is_err());
    }

    #[test]
    fn an_impossibly_large_amount_is_refused_in_every_notation() {
        let usd = Currency::parse("USD").expect("USD exists");
        let read = |json: &str| Money::from_json_number(&serde_json::from_str(json).expect(json), usd);
        for text in ["1000000000000.01", "1e300", "18446744073709551615", "99999999999999999999999"] {
            assert_eq!(read(text), Err(MoneyError::TooLarge), "{text}");
        }
        for text in ["1000000000000", "1000000000000.0", "1e12"] {
            assert_eq!(read(text).map(|money| money.minor), Ok(Money::LIMIT), "{text}");
        }
        assert_eq!(eur("1000000000000.00"), Ok(Money::LIMIT));
        assert!(eur("1000000000000.01").expect_err("one cent more").contains("larger"));
        assert_eq!(read("-5"), Err(MoneyError::Negative));
        assert_eq!(read("-5.5"), Err(MoneyError::Negative));
    }

    #[test]
    fn money_is_written_with_the_places_and_the_code_of_its_currency() {
        let shown = |minor, code| Money { minor, currency: Currency::parse(code).expect(code) }.to_string();
        assert_eq!(shown(1_250, "EUR"), "12.50 EUR");
        assert_eq!(shown(5, "EUR"), "0.05 EUR");
        assert_eq!(shown(-1_205, "EUR"), "-12.05 EUR");
        assert_eq!(shown(500, "JPY"), "500 JPY");
        assert_eq!(format!("{:?}", Currency::parse("usd")), "Ok(USD)");
        assert_eq!(String::from(Currency::parse("usd").expect("USD exists")), "USD");
    }
}

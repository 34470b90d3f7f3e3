//! Amounts of money as systems write them.
//!
//! A number of JSON is read as it is. A text is read if it can mean one amount only: `25,90` and `1.234,50` can, while `1.500`
//! may be one and a half or fifteen hundred. Decimal places beyond the currency's are rounded, which the result says.

use rekindle_lifecycle::money::{Currency, Money, MoneyError};
use serde_json::{Map, Value};

/// An amount as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    /// In minor units, without its sign.
    pub(crate) minor: i64,
    pub(crate) is_negative: bool,
    pub(crate) is_rounded: bool,
}

/// Reads an amount in a currency: a number, a text, or an object that holds one beside its currency. The error is the predicate
/// of a sentence.
pub(super) fn read(value: &Value, currency: Currency) -> Result<Amount, String> {
    match value {
        Value::Number(number) => {
            let plain = |number: &serde_json::Number| Money::from_json_number(number, currency);
            match plain(number) {
                Ok(money) => Ok(exact(money.minor, false)),
                // Binary noise is no decimal place, whatever the sign.
                Err(MoneyError::Negative) => {
                    let positive = number.as_f64().and_then(|number| serde_json::Number::from_f64(-number));
                    match positive.map(|number| plain(&number)) {
                        Some(Ok(money)) => Ok(exact(money.minor, true)),
                        _ => decimal(&number.to_string(), currency),
                    }
                }
                Err(MoneyError::TooPrecise { .. }) => {
                    decimal(&format!("{}", number.as_f64().unwrap_or(f64::NAN)), currency)
                }
                Err(error) => Err(error.to_string()),
            }
        }
        Value::String(text) => decimal(&number_of(text, currency)?, currency),
        Value::Object(parts) => match amount_within(parts) {
            Some(amount) if !amount.is_object() => read(amount, currency),
            _ => Err("is an object; it should be a number such as 12.50".to_owned()),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) => {
            Err("is not an amount; it should be a number such as 12.50".to_owned())
        }
    }
}

/// The currency that an amount names itself: `25.90 EUR`, `€25.90`, or beside it in an object.
pub(super) fn currency_of(value: &Value) -> Option<Currency> {
    match value {
        Value::String(text) => named_currency(text),
        Value::Object(parts) => {
            let names = ["currency", "currency_code", "currencyCode"];
            let of = |parts: &Map<String, Value>| {
                names.iter().find_map(|name| Currency::parse(parts.get(*name)?.as_str()?).ok())
            };
            of(parts).or_else(|| of(nested(parts)?))
        }
        _ => None,
    }
}

/// The amount of an object such as `{"amount": "25.90", "currency": "EUR"}`, or of one within it that counts in the shop's
/// currency or with the tax.
fn amount_within(parts: &Map<String, Value>) -> Option<&Value> {
    let plain = |parts: &'_ Map<String, Value>| ["amount", "value"].into_iter().find(|name| parts.contains_key(*name));
    match plain(parts) {
        Some(name) => parts.get(name),
        None => {
            let inner = nested(parts)?;
            inner.get(plain(inner)?)
        }
    }
}

fn nested(parts: &Map<String, Value>) -> Option<&Map<String, Value>> {
    ["shop_money", "shopMoney", "gross"].into_iter().find_map(|name| parts.get(name)?.as_object())
}

fn exact(minor: i64, is_negative: bool) -> Amount {
    Amount { minor, is_negative: is_negative && minor != 0, is_rounded: false }
}

/// Reads plain decimal digits with an optional sign, rounding half up.
fn decimal(number: &str, currency: Currency) -> Result<Amount, String> {
    let (digits, is_negative) = match number.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (number, false),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let places = currency.decimal_places();
    let decimals = decimals.trim_end_matches('0');
    let (kept, cut) = decimals.split_at(decimals.len().min(places));
    let amount = format!("{whole}.{kept}");
    let money = Money::parse(if amount == "." { "" } else { &amount }, currency).map_err(|error| match error {
        MoneyError::NotANumber(_) => not_a_number(number),
        other => other.to_string(),
    })?;
    if !cut.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_a_number(number));
    }
    let up = cut.as_bytes().first().is_some_and(|digit| *digit >= b'5');
    let minor = money.minor + i64::from(up);
    Ok(Amount { minor, is_negative: is_negative && minor != 0, is_rounded: !cut.is_empty() })
}

fn not_a_number(text: &str) -> String {
    MoneyError::NotANumber(text.chars().take(32).collect()).to_string()
}

/// The number in a text, with a point before its decimals and nothing between its thousands.
fn number_of(text: &str, currency: Currency) -> Result<String, String> {
    let not_a_number = || not_a_number(text);
    let (number, is_negative) = without_currency(text).ok_or_else(not_a_number)?;
    let number: String = number.chars().map(|c| if is_thousands_mark(c) { '\'' } else { c }).collect();
    if !number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'\'')) {
        return Err(not_a_number());
    }
    let mark = decimal_mark(&number, currency)
        .map_err(|()| format!("is {text:?}, which can be read as two different amounts"))?;
    let (whole, decimals) = match mark {
        Some(mark) => number.rsplit_once(mark).unwrap_or((&number, "")),
        None => (number.as_str(), ""),
    };
    let groups: Vec<&str> = whole.split(['.', ',', '\'']).collect();
    let are_thousands =
        groups.len() == 1 || (groups[1..].iter().all(|group| group.len() == 3) && (1..=3).contains(&groups[0].len()));
    let marks: String = whole.chars().filter(|c| !c.is_ascii_digit()).collect();
    let is_one_mark = marks.chars().all(|mark| marks.starts_with(mark));
    if !are_thousands || !is_one_mark || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_a_number());
    }
    if groups.concat().is_empty() && decimals.is_empty() {
        return Err(not_a_number());
    }
    Ok(format!("{}{}.{decimals}", if is_negative { "-" } else { "" }, groups.concat()))
}

/// Spaces and apostrophes only ever stand between thousands.
fn is_thousands_mark(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}' | '_')
}

/// The mark before the decimals, if there are any; an error if that cannot be told.
fn decimal_mark(number: &str, currency: Currency) -> Result<Option<char>, ()> {
    let count = |mark: char| number.matches(mark).count();
    match (count('.'), count(',')) {
        (0, 0) => Ok(None),
        (points, commas) if points > 0 && commas > 0 => Ok(number.chars().rev().find(|c| matches!(c, '.' | ','))),
        (1, 0) => single_mark(number, '.', currency),
        (0, 1) => single_mark(number, ',', currency),
        // Several of one kind stand between thousands.
        _ => Ok(None),
    }
}

fn single_mark(number: &str, mark: char, currency: Currency) -> Result<Option<char>, ()> {
    let (whole, decimals) = number.split_once(mark).unwrap_or((number, ""));
    // Three digits may be thousands, if what is before them is a group too.
    let may_be_thousands = decimals.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    match currency.decimal_places() {
        _ if !may_be_thousands || whole.contains('\'') => Ok(Some(mark)),
        0 => Ok(None),
        3 if mark == '.' => Ok(Some(mark)),
        _ => Err(()),
    }
}

/// Signs that stand for one currency only.
const SIGNS: [(&str, &str); 12] = [
    ("€", "EUR"),
    ("£", "GBP"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("₹", "INR"),
    ("₺", "TRY"),
    ("₩", "KRW"),
    ("₪", "ILS"),
    ("₫", "VND"),
    ("₦", "NGN"),
    ("zł", "PLN"),
    ("US$", "USD"),
];

/// The number in a text without the currency before or behind it, and whether it is negative.
fn without_currency(text: &str) -> Option<(&str, bool)> {
    let text = text.trim();
    let (inner, in_brackets) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let is_number = |c: char| c.is_ascii_digit();
    let first = inner.find(is_number)?;
    // A mark may lead: `.50`.
    let start = if inner[..first].ends_with(['.', ',']) { first - 1 } else { first };
    let end = inner.rfind(|c: char| is_number(c) || matches!(c, '.' | ','))? + 1;
    let (before, number, behind) = (&inner[..start], &inner[start..end], &inner[end..]);
    let minus = |part: &str| part.chars().filter(|c| matches!(c, '-' | '\u{2212}')).count();
    let currency =
        |part: &str| part.trim_matches(|c: char| matches!(c, '-' | '\u{2212}' | '+') || c.is_whitespace()).to_owned();
    let (before_name, behind_name) = (currency(before), currency(behind));
    let is_known = |name: &str| name.is_empty() || sign(name).is_some() || name == "$" || name == "¥" || name == "kr";
    let one_at_most = before_name.is_empty() || behind_name.is_empty();
    if !is_known(&before_name) || !is_known(&behind_name) || !one_at_most || minus(before) + minus(behind) > 1 {
        return None;
    }
    Some((number, in_brackets || minus(before) + minus(behind) == 1))
}

fn named_currency(text: &str) -> Option<Currency> {
    let name: String = text.chars().filter(|c| c.is_alphabetic() || is_sign(*c)).collect();
    sign(&name)
}

fn is_sign(c: char) -> bool {
    c == '$' || SIGNS.iter().any(|(sign, _)| sign.starts_with(c))
}

fn sign(name: &str) -> Option<Currency> {
    let code = SIGNS.iter().find(|(sign, _)| *sign == name).map_or(name, |(_, code)| *code);
    Currency::parse(code).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn minor(value: &Value, code: &str) -> Option<i64> {
        let amount = read(value, Currency::parse(code).expect(code)).ok()?;
        Some(if amount.is_negative { -amount.minor } else { amount.minor })
    }

    #[test]
    fn an_amount_that_can_mean_one_thing_only_is_read_and_any_other_is_not() {
        for (text, code, expected) in [
            ("25.90", "EUR", Some(2_590)),
            ("25,90", "EUR", Some(2_590)),
            ("25,9", "EUR", Some(2_590)),
            ("1.234,50", "EUR", Some(123_450)),
            ("1,234.50", "USD", Some(123_450)),
            ("1 234,50", "EUR", Some(123_450)),
            ("1\u{a0}234,50 €", "EUR", Some(123_450)),
            ("1'234.50", "CHF", Some(123_450)),
            ("1.234.567", "EUR", Some(123_456_700)),
            ("12,345,678.9", "USD", Some(1_234_567_890)),
            ("$1,234.50", "USD", Some(123_450)),
            ("25.90 EUR", "EUR", Some(2_590)),
            ("EUR 25.90", "EUR", Some(2_590)),
            ("-50", "EUR", Some(-5_000)),
            ("-$50.00", "USD", Some(-5_000)),
            ("50.00-", "EUR", Some(-5_000)),
            ("(50.00)", "USD", Some(-5_000)),
            ("-0.00", "EUR", Some(0)),
            (".5", "EUR", Some(50)),
            ("7.", "EUR", Some(700)),
            ("29.9988", "EUR", Some(3_000)),
            ("0.995", "EUR", Some(100)),
            ("1500.000", "EUR", Some(150_000)),
            ("1.500", "EUR", None),
            ("1,500", "EUR", None),
            ("29.998", "EUR", None),
            ("1.500", "KWD", Some(1_500)),
            ("1,500", "KWD", None),
            ("1,500", "JPY", Some(1_500)),
            ("1.500", "JPY", Some(1_500)),
            ("1 500", "EUR", Some(150_000)),
            ("1.23.45", "EUR", None),
            ("1,23,456", "EUR", None),
            ("12 34", "EUR", None),
            ("1.234'567", "EUR", None),
            ("ten", "EUR", None),
            ("10 apples", "EUR", None),
            ("1e3", "EUR", None),
            ("", "EUR", None),
            (".", "EUR", None),
            ("--5", "EUR", None),
            ("99999999999999999999", "EUR", None),
        ] {
            assert_eq!(minor(&json!(text), code), expected, "{text:?} {code}");
        }
    }

    #[test]
    fn numbers_of_json_are_rounded_to_the_currency_and_never_taken_for_thousands() {
        let eur = Currency::parse("EUR").expect("EUR exists");
        let read = |value: Value| read(&value, eur).map(|amount| (amount.minor, amount.is_negative, amount.is_rounded));
        assert_eq!(read(json!(25.9)), Ok((2_590, false, false)));
        assert_eq!(read(json!(1.5)), Ok((150, false, false)));
        assert_eq!(read(json!(29.9988)), Ok((3_000, false, true)));
        assert_eq!(read(json!(0.300_000_000_000_000_04)), Ok((30, false, false)));
        assert_eq!(read(json!(-50)), Ok((5_000, true, false)));
        assert_eq!(read(json!(-29.9988)), Ok((3_000, true, true)));
        assert!(read(json!(1e300)).is_err());
        for none in [json!(null), json!(true), json!([1]), json!({}), json!({"amount": {"amount": 1}})] {
            assert!(read(none.clone()).is_err(), "{none}");
        }
    }

    #[test]
    fn an_object_or_a_text_may_name_its_own_currency() {
        for (value, code) in [
            (json!({"amount": "25.90", "currency": "USD"}), "USD"),
            (json!({"shop_money": {"amount": "25.90", "currency_code": "USD"}, "presentment_money": {}}), "USD"),
            (json!({"gross": {"amount": 25.9, "currency": "USD"}}), "USD"),
            (json!("€25.90"), "EUR"),
            (json!("25.90 pln"), "PLN"),
            (json!("25,90 zł"), "PLN"),
        ] {
            let currency = Currency::parse(code).expect(code);
            assert_eq!(currency_of(&value), Some(currency), "{value}");
            assert_eq!(minor(&value, code), Some(2_590), "{value}");
        }
        for value in [json!("25.90"), json!("$25.90"), json!(25.9), json!({"amount": 1})] {
            assert_eq!(currency_of(&value), None, "{value}");
        }
    }
}

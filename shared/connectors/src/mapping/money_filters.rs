//! Filters of amounts. All calculate with exact decimals.

use super::values::{elements, is_nothing, text_of, wrong};
use crate::amount::{Amount, currency_code, places_of};
use crate::stripe::places as stripe_places;
use minijinja::value::Value;
use minijinja::{Environment, Error};

/// Most elements of a sum.
const MAX_SUMMANDS: usize = 10_000;

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("currency", |value: &Value| {
        text_of(value).and_then(|code| currency_code(&code)).map(Value::from).unwrap_or_default()
    });
    env.add_filter("money", |value: &Value, currency: Option<Value>| {
        each(value, |amount| Some(amount.to_text(places_of(code(currency.as_ref()).as_deref()))))
    });
    env.add_filter("minor", |value: &Value, currency: &Value| {
        let code =
            code(Some(currency)).ok_or_else(|| wrong("has no currency, which says how many decimal places it has"))?;
        minor(value, u32::try_from(places_of(Some(&code))).unwrap_or(2), &code)
    });
    env.add_filter("stripe_minor", |value: &Value, currency: &Value| {
        let code =
            code(Some(currency)).ok_or_else(|| wrong("has no currency, which says how many decimal places it has"))?;
        minor(value, stripe_places(&code), &code)
    });
    env.add_filter("amount", written);
    env.add_filter("abs", |value: &Value| each(value, |amount| Some(amount.abs().to_shortest())));
    env.add_filter("positive", |value: &Value| {
        each(value, |amount| (amount > Amount::ZERO).then(|| amount.to_shortest()))
    });
    env.add_filter("plus", |value: &Value, other: &Value| two(value, other, |one, two| one + two));
    env.add_filter("minus", |value: &Value, other: &Value| two(value, other, |one, two| one - two));
    env.add_filter("per", |value: &Value, quantity: &Value, currency: Option<Value>| {
        let places = places_of(code(currency.as_ref()).as_deref());
        let Some(quantity) = read(quantity)? else { return Ok(Value::UNDEFINED) };
        each(value, |amount| amount.per(quantity).map(|each| each.to_text(places)))
    });
    env.add_filter("sum", sum);
}

fn code(value: Option<&Value>) -> Option<String> {
    value.and_then(text_of).and_then(|text| currency_code(&text))
}

/// The amount; nothing if there is none.
fn read(value: &Value) -> Result<Option<Amount>, Error> {
    if is_nothing(value) {
        return Ok(None);
    }
    let amount = text_of(value).and_then(|text| Amount::parse(&text));
    amount.map(Some).ok_or_else(|| wrong("is not a decimal amount such as 12.50"))
}

fn each(value: &Value, change: impl Fn(Amount) -> Option<String>) -> Result<Value, Error> {
    Ok(read(value)?.and_then(change).map(Value::from).unwrap_or_default())
}

fn two(value: &Value, other: &Value, change: impl Fn(Amount, Amount) -> Amount) -> Result<Value, Error> {
    let pair = read(value)?.zip(read(other)?);
    Ok(pair.map(|(one, two)| Value::from(change(one, two).to_shortest())).unwrap_or_default())
}

fn minor(value: &Value, places: u32, code: &str) -> Result<Value, Error> {
    if is_nothing(value) {
        return Ok(Value::UNDEFINED);
    }
    let minor = text_of(value).and_then(|text| text.parse::<i64>().ok());
    let amount = minor.and_then(|minor| Amount::from_minor(minor, places));
    let amount = amount.ok_or_else(|| wrong("is not an integer of minor units"))?;
    Ok(Value::from(amount.to_text(places_of(Some(code)))))
}

/// An amount as people write it. The other marks stand between thousands, and only there.
fn written(value: &Value, mark: &str) -> Result<Value, Error> {
    if is_nothing(value) {
        return Ok(Value::UNDEFINED);
    }
    let refused = || wrong(format!("is not an amount with {mark:?} before its decimals"));
    if !matches!(mark, "." | ",") {
        return Err(wrong("is read with a decimal mark that is neither . nor ,"));
    }
    let text = text_of(value).ok_or_else(refused)?;
    let bare: String =
        text.chars().filter(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-' | '\'')).collect();
    let (whole, decimals) = bare.rsplit_once(mark).unwrap_or((bare.as_str(), ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |rest| ("-", rest));
    let groups: Vec<&str> = whole.split([',', '.', '\'']).collect();
    let are_thousands = groups.iter().skip(1).all(|group| group.len() == 3)
        && (groups.len() == 1 || (1..=3).contains(&groups[0].len()))
        && !whole.contains(mark);
    if !are_thousands || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(refused());
    }
    let plain = format!("{sign}{}.{decimals}", groups.concat());
    let amount = Amount::parse(&plain).ok_or_else(refused)?;
    Ok(Value::from(amount.to_shortest()))
}

fn sum(value: &Value, member: Option<&str>) -> Result<Value, Error> {
    let mut total = Amount::ZERO;
    for element in elements(value).take(MAX_SUMMANDS) {
        let summand = match member {
            Some(name) => element.get_attr(name).unwrap_or_default(),
            None => element,
        };
        total = total + read(&summand)?.unwrap_or_default();
    }
    Ok(Value::from(total.to_shortest()))
}

//! Filters of expressions. Each works within bounds on whatever it is given.

use super::values::{MAX_TEXT_LEN, cut, elements, is_nothing, text_of, wrong};
use super::{money_filters, time_filter};
use crate::fields::id_of_text;
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error};

/// Longest list that a filter makes.
const MAX_LIST_LEN: usize = 1_000;

/// What a filter is called, and what it does, for people who write mappings.
pub const FILTERS: &[(&str, &str)] = &[
    ("text", "a text or a number as text, trimmed; nothing if it is empty"),
    ("id", "an id with all its digits, without gid://…/; nothing if it is empty or 0"),
    ("lower", "in lower case"),
    ("upper", "in upper case"),
    ("trim", "without spaces around it"),
    ("digits", "its digits alone"),
    ("plain", "with &ndash; and the like decoded"),
    ("default", "default(other): the other if there is nothing"),
    ("replace", "replace(from, to)"),
    ("split", "split(mark): the parts, trimmed"),
    ("join", "join(mark): texts as one"),
    ("first", "the first element"),
    ("last", "the last element"),
    ("length", "how many elements or letters"),
    (
        "entry",
        "entry(key, name, value): of a list of fields the value of the one of that name: meta_data|entry('key', 'lang', 'value')",
    ),
    ("where", "where(member, value): the elements that have it"),
    ("pluck", "pluck(member, …): of every element the first of these members that is there"),
    ("query", "query(name): a parameter of an address"),
    ("currency", "a currency's code in upper case; nothing if it is none"),
    ("money", "money(currency): a plain decimal or a number as an amount"),
    ("minor", "minor(currency): an amount in minor units: 1250 is 12.50"),
    ("stripe_minor", "stripe_minor(currency): the same, with the decimal places that Stripe has"),
    ("amount", "amount(mark): an amount as people write it, with this decimal mark: '1.234,50'|amount(',')"),
    ("abs", "an amount without its sign"),
    ("plus", "plus(other): the sum of two amounts"),
    ("minus", "minus(other): their difference"),
    ("per", "per(quantity, currency): what one costs"),
    ("sum", "sum(member): of a list of amounts, or of a member of each element"),
    ("positive", "an amount above zero; nothing otherwise"),
    (
        "time",
        "time(format, zone): an instant. Formats: none for ISO with offset, 'utc', 'seconds', 'milliseconds', 'rfc2822', or one of strptime",
    ),
];

/// Whether a filter goes through lists, which may be as long as the body.
pub(super) fn goes_through_lists(name: &str) -> bool {
    matches!(name, "join" | "entry" | "where" | "pluck" | "sum" | "length" | "last" | "first")
}

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("text", text);
    env.add_filter("id", id);
    env.add_filter("lower", |value: &Value| changed(value, |text| text.to_lowercase()));
    env.add_filter("upper", |value: &Value| changed(value, |text| text.to_uppercase()));
    env.add_filter("trim", |value: &Value| changed(value, |text| text.trim().to_owned()));
    env.add_filter("digits", |value: &Value| {
        changed(value, |text| text.chars().filter(char::is_ascii_digit).collect())
    });
    env.add_filter("plain", |value: &Value| {
        changed(value, |text| html_escape::decode_html_entities(text).into_owned())
    });
    env.add_filter("default", |value: &Value, other: Value| if is_nothing(value) { other } else { value.clone() });
    env.add_filter("replace", replace);
    env.add_filter("split", split);
    env.add_filter("join", join);
    env.add_filter("first", |value: &Value| elements(value).next().unwrap_or_default());
    env.add_filter("last", |value: &Value| elements(value).last().unwrap_or_default());
    env.add_filter("length", length);
    env.add_filter("entry", entry);
    env.add_filter("where", find_all);
    env.add_filter("pluck", pluck);
    env.add_filter("query", query);
    money_filters::add_to(env);
    env.add_filter("time", time_filter::time);
}

fn text(value: &Value) -> Result<Value, Error> {
    if is_nothing(value) {
        return Ok(Value::UNDEFINED);
    }
    text_of(value).map(Value::from).ok_or_else(|| wrong("is neither a text nor a number"))
}

fn id(value: &Value) -> Result<Value, Error> {
    if is_nothing(value) {
        return Ok(Value::UNDEFINED);
    }
    if value.kind() == ValueKind::Number && !value.is_integer() {
        return Err(wrong("is a number with decimals, which has lost digits of the id"));
    }
    let id = text_of(value).map(|text| id_of_text(&text)).ok_or_else(|| wrong("is neither a text nor a number"))?;
    let is_id = !id.is_empty() && id.len() <= 100 && id.parse::<i128>().map_or(true, |number| number > 0);
    Ok(if is_id { Value::from(id) } else { Value::UNDEFINED })
}

/// A text after a change; anything else as it is.
fn changed(value: &Value, change: impl Fn(&str) -> String) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| Value::from(cut(&change(text))))
}

fn replace(value: &Value, from: &str, to: &str) -> Result<Value, Error> {
    let Some(text) = value.as_str() else { return Ok(value.clone()) };
    if from.is_empty() {
        return Err(wrong("replaces nothing by something"));
    }
    let grown = text.matches(from).count().saturating_mul(to.len());
    if grown.saturating_add(text.len()) > MAX_TEXT_LEN {
        return Err(wrong(format!("would become longer than {MAX_TEXT_LEN} bytes")));
    }
    Ok(Value::from(text.replace(from, to)))
}

fn split(value: &Value, mark: &str) -> Result<Value, Error> {
    if is_nothing(value) {
        return Ok(Value::UNDEFINED);
    }
    let text = text_of(value).ok_or_else(|| wrong("is neither a text nor a number"))?;
    if mark.is_empty() {
        return Err(wrong("is split at nothing"));
    }
    Ok(text.split(mark).take(MAX_LIST_LEN).map(|part| Value::from(part.trim())).collect())
}

fn join(value: &Value, mark: &str) -> Value {
    let mut joined = String::new();
    for part in elements(value).filter_map(|element| text_of(&element)) {
        if joined.len() + part.len() + mark.len() > MAX_TEXT_LEN {
            break;
        }
        if !joined.is_empty() {
            joined.push_str(mark);
        }
        joined.push_str(&part);
    }
    if joined.is_empty() { Value::UNDEFINED } else { Value::from(joined) }
}

fn length(value: &Value) -> usize {
    value.as_str().map_or_else(|| value.len().unwrap_or(0), |text| text.chars().count())
}

/// A member of an object; nothing of anything else.
fn member(value: &Value, name: &str) -> Value {
    if value.kind() == ValueKind::Map { value.get_attr(name).unwrap_or_default() } else { Value::UNDEFINED }
}

fn entry(value: &Value, key: &str, name: &str, content: &str) -> Value {
    let is_it = |element: &Value| member(element, key).as_str() == Some(name);
    elements(value).find(is_it).map(|element| member(&element, content)).unwrap_or_default()
}

fn find_all(value: &Value, name: &str, wanted: &Value) -> Value {
    let is_scalar = matches!(wanted.kind(), ValueKind::String | ValueKind::Number | ValueKind::Bool);
    let found = elements(value).filter(|element| is_scalar && member(element, name) == *wanted);
    found.take(MAX_LIST_LEN).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is minijinja's")]
fn pluck(value: &Value, names: minijinja::value::Rest<String>) -> Value {
    let first = |element: Value| names.iter().map(|name| member(&element, name)).find(|found| !is_nothing(found));
    elements(value).filter_map(first).take(MAX_LIST_LEN).collect()
}

fn query(value: &Value, name: &str) -> Value {
    let Some((_, query)) = value.as_str().and_then(|address| address.split_once('?')) else { return Value::UNDEFINED };
    let query = query.split('#').next().unwrap_or_default();
    let found = form_urlencoded::parse(query.as_bytes()).find(|(own, text)| own == name && !text.trim().is_empty());
    found.map(|(_, text)| Value::from(text.trim())).unwrap_or_default()
}

//! The properties of an event, within bounds.

use crate::fields::is_spelling_of;
use crate::lenient::LenientReader;
use crate::limits;
use rekindle_lifecycle::facts::LeftOutReason;
use serde_json::{Map, Number, Value};

/// How much is kept of an event's properties, in bytes of JSON.
const MAX_BYTES: usize = 4 * 1024;
/// Longest text, in characters; a longer one is cut.
const MAX_TEXT_LEN: usize = 1_024;
/// Longest list; of a longer one the first elements are kept.
const MAX_LIST_LEN: usize = 64;

/// The properties without those that `is_read` names, without nulls, and cut to what is kept: texts and lists to their
/// beginnings, and then the longest properties left out one by one. The same properties are always cut alike; a warning names
/// each that is not whole.
pub(crate) fn bounded(
    properties: Option<&Map<String, Value>>,
    path: &str,
    is_read: &[&str],
    reader: &mut LenientReader,
) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in properties.into_iter().flatten() {
        if is_read.iter().any(|read| is_spelling_of(name, read)) {
            continue;
        }
        let mut is_cut = false;
        if let Some(value) = cut(value, &mut is_cut) {
            if is_cut {
                warn(path, name, "is longer than what is kept; it was cut", reader);
            }
            kept.insert(name.clone(), value);
        }
    }
    let mut lengths: Vec<(usize, String)> = Vec::new();
    let mut total = limits::length(&Value::Object(kept.clone())).unwrap_or(0);
    if total > MAX_BYTES {
        // A name, a value, and the signs around them.
        let length = |(name, value): (&String, &Value)| {
            let length = limits::length(value).unwrap_or(0) + limits::length(&Value::String(name.clone())).unwrap_or(0);
            (length + 2, name.clone())
        };
        lengths = kept.iter().map(length).collect();
        lengths.sort_unstable();
    }
    while total > MAX_BYTES
        && let Some((length, name)) = lengths.pop()
    {
        kept.shift_remove(&name);
        total = total.saturating_sub(length);
        warn(path, &name, "is left out: the properties are longer than what is kept", reader);
    }
    kept
}

fn warn(path: &str, name: &str, reason: &str, reader: &mut LenientReader) {
    let name: String = name.chars().take(limits::MAX_NAME_LEN).collect();
    let path = format!("{path}.{name}");
    reader.note(&path, LeftOutReason::TooLong, &Value::Null);
    reader.warn(path, reason);
}

/// The value without nulls and what is too long in it; nothing of a null.
fn cut(value: &Value, is_cut: &mut bool) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some(value.clone()),
        Value::Number(number) => Some(stable(number)),
        Value::String(text) => {
            let mut chars = text.chars();
            let beginning: String = chars.by_ref().take(MAX_TEXT_LEN).collect();
            *is_cut |= chars.next().is_some();
            Some(Value::String(beginning))
        }
        Value::Array(list) => {
            *is_cut |= list.len() > MAX_LIST_LEN;
            // A null keeps its place among the others.
            let elements = list.iter().take(MAX_LIST_LEN).map(|element| cut(element, is_cut).unwrap_or(Value::Null));
            Some(Value::Array(elements.collect()))
        }
        Value::Object(members) => {
            let kept = members.iter().filter_map(|(name, member)| Some((name.clone(), cut(member, is_cut)?)));
            Some(Value::Object(kept.collect()))
        }
    }
}

/// A number that is the same number after it was written and read, or else its text: the text of a fact is its identity.
fn stable(number: &Number) -> Value {
    let text = number.to_string();
    match serde_json::from_str::<Number>(&text) {
        Ok(read) if read == *number && read.to_string() == text => Value::Number(number.clone()),
        _ => Value::String(text),
    }
}

//! What expressions see of a delivery.

use super::values::cut;
use crate::delivery::Headers;
use minijinja::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// JSON as a value of expressions. Numbers keep all their digits; very long texts are cut.
pub(super) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(truth) => Value::from(*truth),
        Json::Number(number) => {
            if let Some(integer) = number.as_i64() {
                Value::from(integer)
            } else if let Some(integer) = number.as_u64() {
                Value::from(integer)
            } else {
                Value::from(number.as_f64().unwrap_or_default())
            }
        }
        Json::String(text) => Value::from(cut(text)),
        Json::Array(elements) => elements.iter().map(value).collect(),
        Json::Object(members) => {
            let members = members.iter().map(|(name, member)| (cut(name).to_owned(), value(member)));
            Value::from(members.collect::<BTreeMap<String, Value>>())
        }
    }
}

/// The headers by their names in lower case.
pub(super) fn headers(headers: &Headers) -> Value {
    let map: BTreeMap<String, Value> =
        headers.iter().map(|(name, text)| (name.to_lowercase(), Value::from(cut(text)))).collect();
    Value::from(map)
}

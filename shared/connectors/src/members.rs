//! Members of JSON objects.

use serde_json::{Map, Value};

/// Puts a value that is there.
pub(crate) fn put(map: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
}

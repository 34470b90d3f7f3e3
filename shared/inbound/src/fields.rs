//! Fields of JSON from outside: every error names the field by its path.

use crate::rejection::Rejection;
use serde_json::{Map, Value};

/// An object and its path in the event. A field that is `null` or an empty text counts as absent, because that is how senders
/// write what they do not know.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'v> {
    map: Option<&'v Map<String, Value>>,
    path: &'static str,
}

/// A field that is present.
#[derive(Debug, Clone)]
pub(crate) struct Field<'v> {
    pub(crate) path: String,
    pub(crate) value: &'v Value,
}

impl<'v> Fields<'v> {
    /// An object without fields.
    pub const EMPTY: Self = Self { map: None, path: "" };

    /// The fields of the value at `path`.
    ///
    /// # Errors
    /// The value is not an object.
    pub fn from_value(value: &'v Value, path: &'static str) -> Result<Self, Rejection> {
        match value {
            Value::Object(map) => Ok(Self { map: Some(map), path }),
            other => Err(Rejection::wrong_type(path, other, "an object")),
        }
    }

    /// The fields of an object in this object; no fields if it is absent. `path` is its path from the
    /// event.
    pub(crate) fn object(&self, name: &str, path: &'static str) -> Result<Self, Rejection> {
        match self.get(name) {
            Some(field) => Self::from_value(field.value, path),
            None => Ok(Self { map: None, path }),
        }
    }

    /// The object as a value; none if it is absent or has no fields.
    #[must_use]
    pub fn to_value(&self) -> Option<Value> {
        self.map.filter(|map| !map.is_empty()).map(|map| Value::Object(map.clone()))
    }

    /// The object; none if it is absent.
    pub(crate) fn map(&self) -> Option<&'v Map<String, Value>> {
        self.map
    }

    /// A field.
    pub(crate) fn get(&self, name: &str) -> Option<Field<'v>> {
        let value = self.map?.get(name).filter(|value| !is_blank(value))?;
        Some(Field { path: self.path_of(name), value })
    }

    /// The first of several names that is present, however it is spelled: upper and lower case, `_`, `-`, `$` and spaces do not
    /// matter. The names are given in small letters without them.
    pub(crate) fn find(&self, names: &[&str]) -> Option<Field<'v>> {
        let map = self.map?;
        names.iter().find_map(|name| {
            let (key, value) = map.iter().find(|(key, value)| is_spelling_of(key, name) && !is_blank(value))?;
            Some(Field { path: self.path_of(key), value })
        })
    }

    /// The first of several names that is present.
    pub(crate) fn first(&self, names: &[&str]) -> Option<Field<'v>> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The path of a field, whether it is present or not.
    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

impl Field<'_> {
    /// A text.
    pub(crate) fn text(&self) -> Result<&str, Rejection> {
        self.value.as_str().ok_or_else(|| self.wrong_type("a string"))
    }

    /// An identity: a text, or a whole number as many shops have.
    pub(crate) fn identity(&self) -> Result<String, Rejection> {
        match self.value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
            // Tables of numbers write a whole one as `1001.0`.
            Value::Number(number) if number.as_f64().is_some_and(|id| id.fract() == 0.0 && id.abs() < 1e15) => {
                Ok(format!("{}", number.as_f64().unwrap_or_default()))
            }
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// A rejection of this field.
    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Rejection {
        Rejection::new(self.path.clone(), reason)
    }

    pub(crate) fn wrong_type(&self, expected: &str) -> Rejection {
        Rejection::wrong_type(self.path.clone(), self.value, expected)
    }
}

/// Whether a value is how senders write that they know nothing.
pub(crate) fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Whether a key is a spelling of a name in small letters.
pub(crate) fn is_spelling_of(key: &str, name: &str) -> bool {
    let mut letters = key.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b'$' | b' '));
    name.bytes().all(|byte| letters.next().is_some_and(|letter| letter.to_ascii_lowercase() == byte))
        && letters.next().is_none()
}

/// A text without its control characters, trimmed, and cut to `max_chars` characters. `None` if it is empty then.
pub(crate) fn clean(text: &str, max_chars: usize) -> Option<String> {
    let kept: String = text.chars().filter(|c| !c.is_control()).collect();
    let cut: String = kept.trim().chars().take(max_chars).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

//! Reading fields of JSON that strangers wrote: every error names the field by its path.

use serde_json::{Map, Value};

/// Why an event, or a whole call, was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// Path of the field, such as `properties.total`; empty if it is the event itself.
    pub(crate) field: String,
    /// Predicate of a sentence about the field.
    pub(crate) reason: String,
    /// Whether there is simply too much of it.
    pub(crate) too_large: bool,
}

impl Rejection {
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into(), too_large: false }
    }

    /// A field has a value of the wrong type.
    pub(crate) fn wrong_type(field: impl Into<String>, value: &Value, expected: &str) -> Self {
        Self::new(field, format!("is {}; it should be {expected}", kind(value)))
    }
}

/// An object and where it stands. A field that is `null` counts as absent, as libraries write `null`
/// for what they do not know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'v> {
    map: Option<&'v Map<String, Value>>,
    path: &'static str,
}

/// A field that is there.
#[derive(Debug, Clone)]
pub(crate) struct Field<'v> {
    pub(crate) path: String,
    pub(crate) value: &'v Value,
}

impl<'v> Fields<'v> {
    /// An object without fields.
    pub(crate) const EMPTY: Self = Self { map: None, path: "" };

    /// The fields of a value that should be an object.
    pub(crate) fn of(value: &'v Value, path: &'static str) -> Result<Self, Rejection> {
        match value {
            Value::Object(map) => Ok(Self { map: Some(map), path }),
            other => Err(Rejection::wrong_type(path, other, "an object")),
        }
    }

    /// The fields of an object in this object; no fields if it is absent. `path` is its path from the
    /// event.
    pub(crate) fn object(&self, name: &str, path: &'static str) -> Result<Self, Rejection> {
        match self.get(name) {
            Some(field) => Self::of(field.value, path),
            None => Ok(Self { map: None, path }),
        }
    }

    /// A field.
    pub(crate) fn get(&self, name: &str) -> Option<Field<'v>> {
        let value = self.map?.get(name).filter(|value| !value.is_null())?;
        Some(Field { path: self.path_of(name), value })
    }

    /// The first of several names that is there.
    pub(crate) fn first(&self, names: &[&str]) -> Option<Field<'v>> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The path of a field, whether it is there or not.
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
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self) -> Result<bool, Rejection> {
        self.value.as_bool().ok_or_else(|| self.wrong_type("true or false"))
    }

    /// A rejection of this field.
    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Rejection {
        Rejection::new(self.path.clone(), reason)
    }

    pub(crate) fn wrong_type(&self, expected: &str) -> Rejection {
        Rejection::wrong_type(self.path.clone(), self.value, expected)
    }
}

/// A text for people without its control characters, trimmed, and cut to so many characters. `None`
/// if nothing is left.
pub(crate) fn clean(text: &str, longest: usize) -> Option<String> {
    let kept: String = text.chars().filter(|c| !c.is_control()).collect();
    let cut: String = kept.trim().chars().take(longest).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

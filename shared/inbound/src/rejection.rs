//! Why an event is refused.

use serde_json::Value;

/// Why an event, or a whole call, is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Path of the field, such as `properties.total`; empty if it is the event itself.
    pub field: String,
    /// Predicate of a sentence about the field.
    pub reason: String,
    /// Whether the reason is its size.
    pub too_large: bool,
}

impl Rejection {
    /// A field and the predicate of a sentence about it.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into(), too_large: false }
    }

    /// A field has a value of the wrong type.
    pub fn wrong_type(field: impl Into<String>, value: &Value, expected: &str) -> Self {
        Self::new(field, format!("is {}; it should be {expected}", json_kind(value)))
    }
}

fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

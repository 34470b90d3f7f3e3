//! Why an event is refused.

use crate::rejection_kind::RejectionKind;
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
    /// What kind of reason it is.
    pub kind: RejectionKind,
}

impl Rejection {
    /// A field and the predicate of a sentence about it.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into(), too_large: false, kind: RejectionKind::Invalid }
    }

    /// The same, with the kind of the reason.
    #[must_use]
    pub fn of_kind(self, kind: RejectionKind) -> Self {
        Self { kind, ..self }
    }

    /// Something is longer than it may be.
    pub fn too_large(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { too_large: true, ..Self::new(field, reason).of_kind(RejectionKind::TooLarge) }
    }

    /// A field has a value of the wrong type.
    pub fn wrong_type(field: impl Into<String>, value: &Value, expected: &str) -> Self {
        Self::new(field, format!("is {}; it should be {expected}", json_kind(value))).of_kind(RejectionKind::WrongType)
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

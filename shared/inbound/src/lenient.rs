//! Fields that may be wrong without harm to the event.

use crate::fields::Field;
use crate::rejection::Rejection;
use rekindle_lifecycle::facts::{LeftOut, LeftOutReason};
use serde_json::Value;

/// Reads values that may be wrong. A wrong one is left out with a warning in the answer, and is noted for people beside the fact.
#[derive(Debug, Default)]
pub(crate) struct LenientReader {
    pub(crate) warnings: Vec<Rejection>,
    pub(crate) left_out: Vec<LeftOut>,
}

impl LenientReader {
    /// The value of a text field. Of another type, or if `parse` finds nothing, it is left out.
    pub(crate) fn text<T>(
        &mut self,
        field: Option<Field<'_>>,
        reason: LeftOutReason,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let field = field?;
        let Ok(text) = field.text() else {
            self.warnings.push(field.wrong_type("a string"));
            self.note(&field.path, LeftOutReason::WrongType, field.value);
            return None;
        };
        // An empty text is how many systems write that they know nothing.
        if text.trim().is_empty() {
            return None;
        }
        let value = parse(text);
        if value.is_none() {
            self.leave_out(&field.path, reason, field.value);
        }
        value
    }

    /// Warns of a field: something about it is not as the sender may expect.
    pub(crate) fn warn(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        self.warnings.push(Rejection::new(field, reason));
    }

    /// Leaves out a value.
    pub(crate) fn leave_out(&mut self, path: &str, reason: LeftOutReason, value: &Value) {
        self.warnings.push(Rejection::new(path, reason.sentence()));
        self.note(path, reason, value);
    }

    /// Notes a value of which the answer already warns.
    pub(crate) fn note(&mut self, field: &str, reason: LeftOutReason, value: &Value) {
        let value = match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let value = value.map(|text| text.chars().take(LeftOut::MAX_VALUE_LEN).collect());
        if self.left_out.len() < LeftOut::MAX_PER_FACT {
            self.left_out.push(LeftOut { field: field.to_owned(), reason, value });
        }
    }
}

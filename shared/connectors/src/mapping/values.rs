//! Values of expressions, within bounds.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

/// Longest text, in bytes.
pub(super) const MAX_TEXT_LEN: usize = 16 * 1024;
pub(super) fn wrong(reason: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason.into())
}

/// Whether it says nothing: it is absent, null, or an empty text.
pub(super) fn is_nothing(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// A text, or a number as text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value.kind() {
        ValueKind::String => value.as_str().map(|text| text.trim().to_owned()),
        ValueKind::Number => Some(number_text(value)),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

fn number_text(value: &Value) -> String {
    match (i128::try_from(value.clone()), f64::try_from(value.clone())) {
        (Ok(integer), _) if value.is_integer() => integer.to_string(),
        (_, Ok(number)) => format!("{number}"),
        _ => value.to_string(),
    }
}

/// The elements of a list; none of anything else.
pub(super) fn elements(value: &Value) -> Box<dyn Iterator<Item = Value>> {
    match (value.kind(), value.try_iter()) {
        (ValueKind::Seq, Ok(elements)) => Box::new(elements.collect::<Vec<_>>().into_iter()),
        _ => Box::new(std::iter::empty()),
    }
}

/// The beginning of a text.
pub(super) fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT_LEN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

//! How values are written into attributes.

use aws_sdk_dynamodb::types::AttributeValue;

/// A number.
#[expect(clippy::needless_pass_by_value, reason = "numbers are copied")]
pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A value as JSON in a string.
pub(crate) fn json(value: &impl serde::Serialize) -> AttributeValue {
    AttributeValue::S(serde_json::to_string(value).expect("only what JSON can hold is stored"))
}

//! Writes that name the version they saw, and their result.

use super::attributes::number;
use aws_sdk_dynamodb::types::builders::PutBuilder;

/// The result of a guarded write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// It was written.
    Written,
    /// The customer changed since it was read: read it again.
    CustomerChanged,
    /// The message changed since it was read, or it exists already: read it again.
    MessageChanged,
}

/// The put with the condition that the item is as it was read: `attribute` holds the number `seen`, or there is no such
/// item if that is 0.
pub(crate) fn unless_changed(put: PutBuilder, attribute: &str, seen: u64) -> PutBuilder {
    if seen == 0 {
        return put.condition_expression("attribute_not_exists(pk)");
    }
    let placeholder = format!("#{attribute}");
    put.condition_expression(format!("{placeholder} = :seen"))
        .expression_attribute_names(placeholder, attribute)
        .expression_attribute_values(":seen", number(seen))
}

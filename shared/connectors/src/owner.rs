//! Whose event it is.

use serde_json::Value;

/// Whose event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'e> {
    /// The event says it.
    Named,
    /// The customer who placed this order.
    OfOrder(&'e str),
    /// Nobody.
    Nobody,
}

/// Says whose event it is. Refunds and deletions of some systems name an order only.
#[must_use]
pub fn owner(event: &Value) -> Owner<'_> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let named =
        ["/userId", "/anonymousId", "/context/traits/email", "/context/traits/phone", "/traits/email", "/traits/phone"];
    if named.iter().any(|pointer| text(pointer).is_some()) {
        return Owner::Named;
    }
    text("/properties/order_id").map_or(Owner::Nobody, Owner::OfOrder)
}

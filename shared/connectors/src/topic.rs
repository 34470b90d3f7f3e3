//! What a delivery says it is about, by its headers.

use crate::delivery::{Delivery, Headers};
use serde_json::Value;

/// Deepest nesting of a body that is read.
pub(crate) const MAX_DEPTH: usize = 64;

/// The topic of a Shopify delivery as `orders/create`, from the headers of webhooks or those of the newer events.
pub(crate) fn shopify(headers: &Headers) -> Option<String> {
    if let Some(topic) = headers.get("X-Shopify-Topic") {
        return Some(topic.to_lowercase());
    }
    let topic = headers.get("shopify-topic")?;
    let Some(action) = headers.get("shopify-action") else { return Some(topic.to_lowercase()) };
    // `InventoryLevel` and `update` are `inventory_levels/update`.
    let mut name = String::new();
    for letter in topic.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    if !name.ends_with('s') {
        name.push('s');
    }
    Some(format!("{name}/{}", action.to_lowercase()))
}

/// The body as JSON.
pub(crate) fn body(delivery: &Delivery<'_>) -> Result<Value, String> {
    if delivery.body.len() > crate::MAX_BODY_BYTES {
        return Err(format!("has {} bytes; at most {} are read", delivery.body.len(), crate::MAX_BODY_BYTES));
    }
    let value: Value = serde_json::from_slice(delivery.body)
        .map_err(|error| format!("is not JSON (line {}, column {})", error.line(), error.column()))?;
    if depth(&value) > MAX_DEPTH {
        return Err(format!("is nested deeper than {MAX_DEPTH} levels"));
    }
    Ok(value)
}

/// The parser allows 128 levels, so this ends.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

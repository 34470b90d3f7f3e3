//! The event that a shop would have posted for a row.

use super::row::{OrderRow, OrderState};
use serde_json::{Map, Value, json};

/// Columns that tell who the customer is, and the trait each becomes.
const TRAITS: [&str; 8] = [
    "email",
    "phone",
    "first_name",
    "language",
    "locale",
    "timezone",
    "email_marketing_consent",
    "sms_marketing_consent",
];

/// The event to post for a row, in the form of Segment's HTTP API. The same row always makes the same
/// event, with the same message id, so posting it again changes nothing.
#[must_use]
pub fn of(row: &OrderRow) -> Value {
    let name = match row.state {
        OrderState::Pending => "Order Placed",
        OrderState::Completed => "Order Completed",
        OrderState::Cancelled => "Order Cancelled",
        OrderState::Refunded => "Order Refunded",
    };
    let mut properties = Map::new();
    properties.insert("order_id".to_owned(), json!(row.order_id.as_str()));
    let places = row.amount.currency.decimal_places();
    let amount = row.amount.to_string();
    let amount = amount.split(' ').next().unwrap_or_default();
    if row.state != OrderState::Cancelled {
        // As text, so that no binary fraction comes in on the way.
        properties.insert("total".to_owned(), json!(amount));
    }
    debug_assert!(places == 0 || amount.contains('.'), "an amount has its minor unit");
    properties.insert("currency".to_owned(), json!(row.amount.currency.code()));
    let mut traits = Map::new();
    for (name, value) in &row.extra {
        if TRAITS.contains(&name.as_str()) {
            traits.insert(name.clone(), as_trait(name, value));
        } else {
            properties.insert(name.clone(), value.clone());
        }
    }
    let mut event = json!({
        "type": "track",
        "event": name,
        "userId": row.customer_id.as_str(),
        "messageId": message_id(row),
        "timestamp": row.ordered_at.to_string(),
        "properties": properties,
    });
    if !traits.is_empty() {
        event["context"] = json!({ "traits": traits });
    }
    event
}

/// Short whatever the length of the order's id.
fn message_id(row: &OrderRow) -> String {
    let state = format!("{:?}", row.state);
    let digest = rekindle_lifecycle::id::short_digest(&["history", row.order_id.as_str(), &state], 20);
    format!("history-{digest}")
}

/// CSV knows no booleans.
fn as_trait(name: &str, value: &Value) -> Value {
    let text = value.as_str().map(str::to_lowercase);
    match (name.ends_with("_consent"), text.as_deref()) {
        (true, Some("true" | "yes" | "1")) => Value::Bool(true),
        (true, Some("false" | "no" | "0")) => Value::Bool(false),
        _ => value.clone(),
    }
}

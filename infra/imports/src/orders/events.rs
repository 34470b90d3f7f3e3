//! The events that a shop posts for an order.

use super::order::Order;
use crate::values::OrderState;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The events for an order, in the form of Segment's HTTP API. The same order always makes the same events with the same
/// message ids, so posting them again changes nothing. With `corrected_at` the order is a later version of one that was posted
/// before: its amounts replace those.
pub(crate) fn of_order(order: &Order, corrected_at: Option<Timestamp>) -> Vec<Value> {
    let place = order.ordered_at;
    let paid = || match corrected_at {
        Some(at) => event(order, "Order Updated", at.max(place), Total::Amount, corrected_at),
        None => event(order, "Order Completed", place, Total::Amount, None),
    };
    let returned_at = order.refunded_at.or(order.cancelled_at).unwrap_or(place).max(place);
    let refund = || event(order, "Order Refunded", returned_at, Total::Refund, None);
    if order.is_credit_note {
        return vec![event(order, "Order Refunded", place, Total::Amount, None)];
    }
    match order.state {
        OrderState::Pending => vec![event(order, "Order Placed", place, Total::Amount, None)],
        OrderState::Cancelled => {
            let at = order.cancelled_at.unwrap_or(place).max(place);
            vec![event(order, "Order Cancelled", at, Total::None, None)]
        }
        OrderState::Refunded => vec![paid(), refund()],
        OrderState::Completed | OrderState::PartlyRefunded if order.refunded.is_some() => vec![paid(), refund()],
        OrderState::Completed | OrderState::PartlyRefunded => vec![paid()],
    }
}

/// Which amount an event has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Total {
    Amount,
    Refund,
    None,
}

fn event(order: &Order, name: &str, at: Timestamp, total: Total, corrected_at: Option<Timestamp>) -> Value {
    let mut properties = Map::new();
    properties.insert("order_id".to_owned(), json!(order.order_id.as_str()));
    let is_refund = name == "Order Refunded";
    if is_refund {
        properties.insert("refund_id".to_owned(), json!(format!("import-{}", order.order_id)));
    }
    let amount = match total {
        Total::Amount => Some(&order.amount),
        // All of it, if the file does not say how much.
        Total::Refund => order.refunded.as_ref().or(Some(&order.amount)).filter(|amount| !is_zero(amount)),
        Total::None => None,
    };
    if let Some(amount) = amount {
        // As text, so that it is not rounded to a binary fraction.
        properties.insert("total".to_owned(), json!(amount));
    }
    if let Some(currency) = order.currency {
        properties.insert("currency".to_owned(), json!(currency.code()));
    }
    if at != order.ordered_at && !is_refund {
        properties.insert("ordered_at".to_owned(), json!(order.ordered_at.to_string()));
    }
    if total == Total::Amount && !is_refund {
        properties.extend(order.facts.clone());
        if !order.products.is_empty() {
            properties.insert("products".to_owned(), json!(order.products));
        }
    }
    for (name, value) in &order.others {
        // A column may have the name of a property above, which takes precedence.
        properties.entry(name.as_str()).or_insert_with(|| value.clone());
    }
    let mut event = json!({
        "type": "track",
        "event": name,
        "messageId": message_id(order, name, corrected_at),
        "timestamp": at.to_string(),
        "properties": properties,
    });
    if let Some(id) = &order.customer_id {
        event["userId"] = json!(id.as_str());
    }
    if !order.traits.is_empty() {
        event["context"] = json!({ "traits": order.traits });
    }
    event
}

fn is_zero(amount: &str) -> bool {
    amount.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

/// A message id, which is short even if the order's id is long.
fn message_id(order: &Order, name: &str, corrected_at: Option<Timestamp>) -> String {
    // The words are older than the names of the events.
    let state = match name {
        "Order Placed" => "Pending".to_owned(),
        "Order Completed" => "Completed".to_owned(),
        "Order Cancelled" => "Cancelled".to_owned(),
        "Order Refunded" => "Refunded".to_owned(),
        other => format!("{other} {}", corrected_at.map(|at| at.as_millisecond()).unwrap_or_default()),
    };
    let digest = rekindle_lifecycle::id::short_digest(&["history", order.order_id.as_str(), &state], 20);
    format!("history-{digest}")
}

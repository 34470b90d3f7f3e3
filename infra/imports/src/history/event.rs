//! The event that a shop posts for an order.

use super::row::{OrderRow, OrderState};
use serde_json::{Map, Value, json};

/// Columns about the customer, each of which becomes a trait of the same name.
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

/// The event for a row, in the form of Segment's HTTP API. The same row always makes the same event with the same message
/// id, so posting it again changes nothing.
#[must_use]
pub fn for_row(row: &OrderRow) -> Value {
    let name = match row.state {
        OrderState::Pending => "Order Placed",
        OrderState::Completed => "Order Completed",
        OrderState::Cancelled => "Order Cancelled",
        OrderState::Refunded => "Order Refunded",
    };
    let mut properties = Map::new();
    properties.insert("order_id".to_owned(), json!(row.order_id.as_str()));
    if row.state != OrderState::Cancelled {
        // As text, so that it is not rounded to a binary fraction.
        let amount = row.amount.to_string();
        properties.insert("total".to_owned(), json!(amount.trim_end_matches(row.amount.currency.code()).trim_end()));
    }
    properties.insert("currency".to_owned(), json!(row.amount.currency.code()));
    let mut traits = Map::new();
    for (name, value) in &row.extra {
        if TRAITS.contains(&name.as_str()) {
            traits.insert(name.clone(), value.clone());
        } else {
            // A column may have the name of a property above, which takes precedence.
            properties.entry(name.as_str()).or_insert_with(|| value.clone());
        }
    }
    let mut event = json!({
        "type": "track",
        "event": name,
        "messageId": message_id(row),
        "timestamp": row.ordered_at.to_string(),
        "properties": properties,
    });
    if let Some(id) = &row.customer_id {
        event["userId"] = json!(id.as_str());
    }
    if !traits.is_empty() {
        event["context"] = json!({ "traits": traits });
    }
    event
}

/// A message id, which is short even if the order's id is long.
fn message_id(row: &OrderRow) -> String {
    let state = format!("{:?}", row.state);
    let digest = rekindle_lifecycle::id::short_digest(&["history", row.order_id.as_str(), &state], 20);
    format!("history-{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(columns: &Value) -> Value {
        let mut row = json!({ "customer_id": "anna", "order_id": "o1", "ordered_at": "2026-03-01", "amount": "12.5" });
        row.as_object_mut().expect("an object").extend(columns.as_object().cloned().expect("an object"));
        for_row(&OrderRow::parse(1, row.as_object().expect("an object")).expect("a row"))
    }

    #[test]
    fn a_row_becomes_the_event_that_a_shop_posts() {
        let found = event(&json!({ "currency": "EUR", "email": "anna@example.com", "cds": "2" }));
        assert_eq!(
            found,
            json!({
                "type": "track",
                "event": "Order Completed",
                "userId": "anna",
                "messageId": found["messageId"],
                "timestamp": "2026-03-01T12:00:00Z",
                "properties": { "order_id": "o1", "total": "12.50", "currency": "EUR", "cds": "2" },
                "context": { "traits": { "email": "anna@example.com" } },
            })
        );
    }

    #[test]
    fn an_order_without_a_customer_id_is_that_of_a_guest() {
        let found = event(&json!({ "customer_id": "", "email": "anna@example.com" }));
        assert_eq!((found.get("userId"), &found["context"]["traits"]["email"]), (None, &json!("anna@example.com")));
    }

    #[test]
    fn each_status_is_an_event_of_its_own_name_and_id() {
        let events =
            ["pending", "completed", "cancelled", "refunded"].map(|status| event(&json!({ "status": status })));
        let names = events.each_ref().map(|event| event["event"].as_str().unwrap_or_default());
        assert_eq!(names, ["Order Placed", "Order Completed", "Order Cancelled", "Order Refunded"]);
        let ids: std::collections::HashSet<_> = events.iter().map(|event| event["messageId"].to_string()).collect();
        assert_eq!(ids.len(), 4);
        assert_eq!(events[2]["properties"].get("total"), None);
        assert_eq!(event(&json!({}))["messageId"], events[1]["messageId"], "the same row is the same event");
    }

    #[test]
    fn amounts_are_written_in_major_units_of_every_currency() {
        for (currency, amount, total) in [("EUR", "12.5", "12.50"), ("JPY", "1200", "1200"), ("KWD", "1.5", "1.500")] {
            let found = event(&json!({ "currency": currency, "amount": amount }));
            assert_eq!(found["properties"]["total"], total);
        }
    }

    #[test]
    fn a_column_of_the_shop_never_takes_the_place_of_the_amount() {
        let found = event(&json!({ "total": "99", "order_id ": "x", "sms_marketing_consent": "Yes" }));
        assert_eq!(found["properties"]["total"], "12.50");
        assert_eq!(found["context"]["traits"]["sms_marketing_consent"], "Yes", "the endpoint reads it");
    }
}

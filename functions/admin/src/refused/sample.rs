//! What a refused event looks like, for those who may not see people: its fields, without what they say.
//!
//! What is shown is listed by name; everything else, names of fields included, is not: any of it may be an address or a name.

use serde_json::{Map, Value, json};

/// Longest event that is shown with a list, in bytes.
const MAX_LEN: usize = 2_000;
/// Fields whose names are shown.
const FIELDS: &[&str] = &[
    "type",
    "event",
    "name",
    "userId",
    "user_id",
    "anonymousId",
    "anonymous_id",
    "messageId",
    "message_id",
    "previousId",
    "groupId",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "receivedAt",
    "channel",
    "version",
    "integrations",
    "writeKey",
    "context",
    "traits",
    "properties",
    "page",
    "campaign",
    "library",
    "device",
    "os",
    "app",
    "screen",
    "network",
    "locale",
    "timezone",
    "userAgent",
    "ip",
    "url",
    "path",
    "referrer",
    "search",
    "title",
    "email",
    "phone",
    "firstName",
    "first_name",
    "lastName",
    "last_name",
    "address",
    "birthday",
    "language",
    "order_id",
    "orderId",
    "checkout_id",
    "cart_id",
    "total",
    "revenue",
    "value",
    "subtotal",
    "shipping",
    "tax",
    "discount",
    "currency",
    "coupon",
    "affiliation",
    "products",
    "product_id",
    "sku",
    "variant",
    "category",
    "brand",
    "price",
    "quantity",
    "status",
    "consent",
    "email_marketing_consent",
    "sms_marketing_consent",
    "source",
    "medium",
    "batch",
    "customer_id",
    "id",
];
/// Fields whose text is shown if it is one of these kinds of events.
const KINDS: &[&str] = &["track", "identify", "page", "screen", "group", "alias"];

/// The beginning of an event as it was sent.
pub(super) fn whole(body: &str) -> Value {
    match body.len() {
        length if length <= MAX_LEN => json!(body),
        _ => json!(format!("{}…", &body[..body.floor_char_boundary(MAX_LEN)])),
    }
}

/// The form of an event without its content.
pub(super) fn without_people(body: &str) -> Value {
    let form = match serde_json::from_str::<Value>(body) {
        Ok(value) => form(&value),
        Err(_) => json!(format!("text that is not JSON, {} bytes", body.len())),
    };
    if form.to_string().len() <= MAX_LEN { form } else { json!(format!("JSON, {} bytes", body.len())) }
}

fn form(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(_) => json!("number"),
        Value::String(text) if text.is_empty() => json!(""),
        Value::String(text) => json!(format!("text, {} characters", text.chars().count())),
        Value::Array(items) => {
            // The others are like the first.
            let first = items.first().map(form);
            let rest = (items.len() > 1).then(|| json!(format!("and {} more", items.len() - 1)));
            first.into_iter().chain(rest).collect()
        }
        Value::Object(fields) => {
            let (mut shown, mut others) = (Map::new(), 0);
            for (name, value) in fields {
                if !FIELDS.contains(&name.as_str()) {
                    others += 1;
                } else if let Value::String(text) = value
                    && name == "type"
                    && KINDS.contains(&text.as_str())
                {
                    shown.insert(name.clone(), value.clone());
                } else {
                    shown.insert(name.clone(), form(value));
                }
            }
            if others > 0 {
                shown.insert("other fields".to_owned(), json!(others));
            }
            shown.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_shows_the_form_and_nothing_that_could_name_a_person() {
        let event = json!({
            "type": "track", "event": "Anna Miller bought", "userId": 442_071_838_750_u64, "timestamp": "anna",
            "anna@example.com": true, "traits": { "email": "anna@example.com", "Miller": { "phone": "+442071838750" } },
            "properties": { "products": [{ "sku": "Anna", "price": 1 }, { "sku": "Anna" }], "gift": false, "total": null },
        });
        let sample = without_people(&event.to_string());
        assert_eq!(
            sample,
            json!({
                "type": "track", "event": "text, 18 characters", "userId": "number", "timestamp": "text, 4 characters",
                "other fields": 1, "traits": { "email": "text, 16 characters", "other fields": 1 },
                "properties": {
                    "products": [{ "sku": "text, 4 characters", "price": "number" }, "and 1 more"],
                    "other fields": 1, "total": null,
                },
            })
        );
        assert_eq!(without_people(r#"{"type":"anna"}"#)["type"], "text, 4 characters");
        assert_eq!(without_people("anna@example.com"), "text that is not JSON, 16 bytes");
        let wide: Vec<Value> = (0..40).map(|_| event.clone()).collect();
        let wide: Value = FIELDS.iter().map(|name| ((*name).to_owned(), json!(wide))).collect::<Map<_, _>>().into();
        assert!(without_people(&wide.to_string()).to_string().len() < 100);
    }
}

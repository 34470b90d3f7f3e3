//! Deliveries that are made from the repository's own: every field absent, null, empty, of another type or written otherwise.

use crate::support::{own, read_with};
use proptest::prelude::*;
use rekindle_connectors::{CONNECTORS, ConsentChannel, ConsentField, Outcome, Reading, Settings};
use serde_json::{Value, json};

/// The deliveries, with the connector and the topic.
const DELIVERIES: [(&str, &str, &str); 10] = [
    ("shopify", "orders/paid", "shopify/orders-paid.json"),
    ("shopify", "orders/updated", "shopify/orders-paid.json"),
    ("shopify", "refunds/create", "shopify/refunds-create.json"),
    ("shopify", "customers_email_marketing_consent/update", "shopify/customers-email-consent.json"),
    ("shopify", "products/update", "shopify/products-update.json"),
    ("shopify", "inventory_levels/update", "shopify/inventory-levels-update.json"),
    ("woocommerce", "order.updated", "woocommerce/order-updated.json"),
    ("woocommerce", "order.created", "woocommerce/order-updated.json"),
    ("stripe", "", "stripe/checkout-session-completed.json"),
    ("stripe", "", "stripe/charge-refunded.json"),
];

fn read(connector: &str, topic: &str, body: &Value) -> Reading {
    let headers = [("X-Shopify-Topic", topic), ("X-WC-Webhook-Topic", topic)];
    let settings = Settings {
        checkout_box_is_consent: true,
        consent_fields: vec![ConsentField {
            key: "newsletter_box".into(),
            yes: vec!["1".into()],
            channel: ConsentChannel::Sms,
        }],
        ..Settings::default()
    };
    read_with(connector, &headers, body.to_string().as_bytes(), &settings)
}

/// The JSON pointers of all members, at any depth.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, child)| (name.clone(), child)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(place, child)| (place.to_string(), child)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let pointer = format!("{at}/{name}");
        pointers(child, &pointer, found);
        found.push(pointer);
    }
}

/// Other things that may stand in place of a value.
fn others(value: &Value) -> Vec<Value> {
    let mut others = vec![
        json!(null),
        json!(""),
        json!(" "),
        json!([]),
        json!({}),
        json!([1]),
        json!({ "a": 1 }),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("-5.00"),
        json!("1,50"),
        json!("NaN"),
        json!("x"),
        json!("ünï\u{0}cödé"),
        json!("9".repeat(40)),
        json!("x".repeat(5_000)),
        json!([[[[]]]]),
    ];
    if let Some(text) = value.as_str() {
        others.extend([json!(text.to_uppercase()), json!(format!(" {text} ")), json!(text.to_lowercase())]);
    }
    if value.is_number() {
        others.push(json!(value.to_string()));
    }
    others
}

/// Amounts of an event that are said, whether they are decimals above zero, and ids that are no texts.
fn assert_sound(reading: &Reading, changed: &str) {
    let Outcome::Events(events) = &reading.outcome else { return };
    for event in events {
        for name in ["total", "subtotal", "shipping", "tax", "discount"] {
            let Some(value) = event["properties"].get(name) else { continue };
            let text = value.as_str().unwrap_or_else(|| panic!("{name} is a text: {event}"));
            assert!(text.parse::<f64>().is_ok_and(|value| value >= 0.0), "{name} of {event}, {changed}");
            assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{name} of {event}");
        }
        for name in ["userId", "messageId"] {
            assert!(
                event.get(name).is_none_or(|id| id.as_str().is_some_and(|id| !id.is_empty() && id.len() <= 120)),
                "{name} of {event}, {changed}"
            );
        }
        if event["event"] == "Order Refunded" {
            let properties = &event["properties"];
            assert!(
                properties["total"].as_str().is_some_and(|total| total.parse::<f64>().is_ok_and(|total| total > 0.0)),
                "{event}, {changed}"
            );
            assert!(properties["refund_id"].is_string(), "{event}, {changed}");
        }
    }
}

#[test]
fn every_field_may_be_absent_or_anything_else() {
    for (connector, topic, file) in DELIVERIES {
        let body: Value = serde_json::from_slice(&own(file)).unwrap();
        let usual = read(connector, topic, &body);
        let mut all = Vec::new();
        pointers(&body, "", &mut all);
        assert!(all.len() >= 5);
        for pointer in all {
            let old = body.pointer(&pointer).unwrap().clone();
            for other in others(&old) {
                let mut body = body.clone();
                *body.pointer_mut(&pointer).unwrap() = other.clone();
                let reading = read(connector, topic, &body);
                let changed = format!(
                    "{connector} {topic} with {pointer} = {}",
                    other.to_string().chars().take(60).collect::<String>()
                );
                assert_sound(&reading, &changed);
                assert_totals_are_told(&usual, &reading, &pointer, &changed);
            }
            let mut body = body.clone();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            if let Some(object) = body.pointer_mut(parent).and_then(Value::as_object_mut) {
                object.remove(name);
            }
            let reading = read(connector, topic, &body);
            assert_sound(&reading, &format!("{connector} {topic} without {pointer}"));
            assert_totals_are_told(&usual, &reading, &pointer, &format!("{connector} {topic} without {pointer}"));
        }
    }
}

/// Totals that are neither those of the message nor absent: only fields that say amounts or currencies may change them.
fn assert_totals_are_told(usual: &Reading, reading: &Reading, pointer: &str, changed: &str) {
    let totals = |reading: &Reading| {
        let Outcome::Events(events) = &reading.outcome else { return Vec::new() };
        events
            .iter()
            .filter_map(|event| {
                Some((
                    event["event"].as_str()?.starts_with("Order Refunded"),
                    event["properties"]["total"].as_str()?.to_owned(),
                ))
            })
            .collect::<Vec<_>>()
    };
    let may_change = [
        "amount",
        "price",
        "total",
        "currency",
        "transactions",
        "refunds",
        "refund_line_items",
        "presentment",
        "money",
        "subtotal",
        "set",
        "data",
        "object",
        "previous_attributes",
    ];
    let name = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
    if may_change.iter().any(|word| name.contains(word)) || matches!(name, "kind" | "status" | "test") {
        return;
    }
    let usual = totals(usual);
    for total in totals(reading) {
        assert!(usual.contains(&total), "{total:?} is none of {usual:?}: {changed}");
    }
}

fn values() -> impl Strategy<Value = Value> {
    let names = proptest::sample::select(vec![
        "id",
        "customer",
        "currency",
        "total_price",
        "refunds",
        "refund_line_items",
        "transactions",
        "line_items",
        "quantity",
        "price",
        "amount",
        "status",
        "financial_status",
        "total",
        "billing",
        "email",
        "meta_data",
        "key",
        "value",
        "data",
        "object",
        "type",
        "livemode",
        "payment_intent",
        "order_id",
        "kind",
        "created",
        "total_price_set",
        "shop_money",
        "presentment_money",
        "variants",
        "consent",
        "state",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,10}".prop_map(Value::from),
        "[0-9]{1,6}(\\.[0-9]{0,3})?".prop_map(Value::from),
        proptest::sample::select(vec![
            "paid",
            "EUR",
            "refund",
            "success",
            "a@example.com",
            "charge.refunded",
            "checkout.session.completed"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((names.clone(), inner), 0..8).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn any_body_under_any_topic_is_read_or_refused(body in values(), bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let topics = [
            "orders/updated", "orders/delete", "refunds/create", "customers/update", "customers/redact", "customers/tags_added", "carts/update",
            "checkouts/create", "products/update", "inventory_levels/update", "fulfillments/update", "fulfillment_events/create",
            "customers_marketing_consent/update", "order.updated", "order.deleted", "customer.updated", "product.updated", "product.deleted", "",
        ];
        for connector in CONNECTORS {
            for topic in topics {
                assert_sound(&read(connector.name, topic, &body), topic);
                let headers = [("X-Shopify-Topic", topic), ("X-WC-Webhook-Topic", topic)];
                let _ = read_with(connector.name, &headers, &bytes, &Settings::default());
            }
        }
    }

    #[test]
    fn refunds_add_up_whatever_the_transactions_are(amounts in proptest::collection::vec((1_i64..1_000_000, 0_usize..3), 1..12)) {
        let transactions: Vec<Value> = amounts.iter().map(|(minor, kind)| {
            let (kind, status) = [("refund", "success"), ("refund", "failure"), ("sale", "success")][*kind];
            json!({ "kind": kind, "status": status, "amount": format!("{}.{:02}", minor / 100, minor % 100), "currency": "EUR" })
        }).collect();
        let mut order: Value = serde_json::from_slice(&own("shopify/orders-paid.json")).unwrap();
        order["refunds"] = json!([{ "id": 1, "transactions": transactions }]);
        let reading = read("shopify", "orders/updated", &order);
        let Outcome::Events(events) = &reading.outcome else { panic!("events") };
        let wanted: i64 = amounts.iter().filter(|(_, kind)| *kind == 0).map(|(minor, _)| *minor).sum();
        let told = events.get(1).map(|refund| refund["properties"]["total"].as_str().unwrap().to_owned());
        prop_assert_eq!(told, (wanted > 0).then(|| format!("{}.{:02}", wanted / 100, wanted % 100)));
    }
}

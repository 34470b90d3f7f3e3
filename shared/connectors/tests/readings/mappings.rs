//! Mappings: the built-in ones say what native code says, and what is wrong with one is named.

use crate::support::{RECEIVED_AT, kept, own, read_with};
use rekindle_connectors::mapping::{BUILTIN, Mapping, Rule, Tried};
use rekindle_connectors::verify::Scheme;
use rekindle_connectors::{Delivery, Headers, Outcome, Reading, Settings};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn builtin(name: &str) -> Mapping {
    let json = BUILTIN.iter().find(|builtin| builtin.name == name).unwrap().json;
    Mapping::parse(json).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"))
}

pub(crate) fn apply<T>(
    mapping: &Mapping,
    headers: &[(&str, &str)],
    body: &[u8],
    what: impl Fn(&Mapping, &Delivery<'_>) -> T,
) -> T {
    let headers: Headers = headers.iter().copied().collect();
    let received_at = RECEIVED_AT.parse().unwrap();
    what(mapping, &Delivery { headers: &headers, url: "", path_token: None, body, received_at })
}

pub(crate) fn events(reading: &Reading) -> Vec<Value> {
    match &reading.outcome {
        Outcome::Events(events) => events.clone(),
        _ => Vec::new(),
    }
}

/// Compares what a mapping says with what native code says. Ids of messages differ, and members that the mapping cannot say.
#[track_caller]
fn assert_same(mapping: &str, connector: &str, headers: &[(&str, &str)], body: &[u8], except: &[&str]) {
    let mapped = apply(&builtin(mapping), headers, body, Mapping::read);
    let native = read_with(connector, headers, body, &Settings::default());
    let plain = |reading: &Reading| {
        let mut events = events(reading);
        for event in &mut events {
            let event = event.as_object_mut().unwrap();
            event.remove("messageId");
            if let Some(properties) = event.get_mut("properties").and_then(Value::as_object_mut) {
                for name in except {
                    properties.remove(*name);
                }
            }
        }
        events
    };
    assert_eq!(plain(&mapped), plain(&native), "{mapping}: {:?} {:?}", mapped.outcome, mapped.warnings);
    assert_eq!(events(&mapped).is_empty(), matches!(mapped.outcome, Outcome::Ignored(_) | Outcome::Refused(_)));
}

#[test]
fn the_mapping_of_woocommerce_says_what_native_code_says() {
    for (file, topic) in [
        ("order.documented-v3-guest.json", "order.created"),
        ("order.documented-v3-completed.json", "order.updated"),
        ("order.documented-v3-with-refunds.json", "order.updated"),
        ("order.composed-newer-fields-2025.json", "order.updated"),
        ("order-deleted.webhook.json", "order.deleted"),
    ] {
        let Some(body) = kept(&format!("woocommerce/{file}")) else { return };
        assert_same("woocommerce-orders", "woocommerce", &[("X-WC-Webhook-Topic", topic)], &body, &[]);
        let Ok(order) = serde_json::from_slice::<Value>(&body) else { continue };
        for status in ["pending", "on-hold", "failed", "cancelled", "checkout-draft", "refunded", "shipped"] {
            let mut order = order.clone();
            if order.get("status").is_some() {
                order["status"] = json!(status);
                assert_same(
                    "woocommerce-orders",
                    "woocommerce",
                    &[("X-WC-Webhook-Topic", topic)],
                    order.to_string().as_bytes(),
                    &[],
                );
            }
        }
    }
}

#[test]
fn the_mapping_of_shopify_says_what_native_code_says_in_one_currency() {
    for (file, topic, except) in [
        ("orders-create.captured-2026-02-full.json", "orders/create", &[][..]),
        ("orders-create.captured-2024-11-trimmed.json", "orders/create", &[]),
        ("orders-paid.captured-2024-11-trimmed.json", "orders/paid", &[]),
        ("orders-updated.captured-2024-11-trimmed.json", "orders/updated", &[]),
        // What was taken back, product by product.
        ("rest-order-cancelled-refunded.documented-2026-07.json", "orders/cancelled", &["products"]),
    ] {
        let Some(body) = kept(&format!("shopify/{file}")) else { return };
        assert_same("shopify-orders", "shopify", &[("X-Shopify-Topic", topic)], &body, except);
    }
    let Some(body) = kept("shopify/orders-updated.captured-2026-09-two-currencies-refunded-trimmed.json") else {
        return;
    };
    let headers = [("X-Shopify-Topic", "orders/updated")];
    let tried = apply(&builtin("shopify-orders"), &headers, &body, Mapping::try_out).unwrap();
    let [Tried::Event { event, .. }, Tried::Dropped { because, .. }] = tried.as_slice() else { panic!("{tried:#?}") };
    let native = read_with("shopify", &headers, &body, &Settings::default());
    assert_eq!(event["properties"], events(&native)[0]["properties"]);
    assert!(because.contains("only the built-in connector"), "{because}");
}

#[test]
fn the_mapping_of_stripe_says_what_native_code_says() {
    let Some(body) = kept("others/stripe-checkout-session.fixture.json") else { return };
    let mut session: Value = serde_json::from_slice(&body).unwrap();
    session["livemode"] = json!(true);
    for (currency, amount) in [("eur", 2590), ("jpy", 2590), ("kwd", 2590), ("isk", 2600)] {
        session["currency"] = json!(currency);
        session["amount_total"] = json!(amount);
        session["total_details"] = json!({ "amount_discount": 300, "amount_shipping": null, "amount_tax": 100 });
        for status in ["paid", "unpaid", "no_payment_required"] {
            session["payment_status"] = json!(status);
            for promotions in [json!(null), json!("opt_in"), json!("opt_out")] {
                session["consent"]["promotions"] = promotions;
                for kind in ["completed", "async_payment_succeeded", "async_payment_failed"] {
                    let event = json!({
                        "id": "evt_1", "type": format!("checkout.session.{kind}"), "created": 1_790_000_000, "livemode": true,
                        "data": { "object": session }
                    });
                    assert_same("stripe-sessions", "stripe", &[], event.to_string().as_bytes(), &[]);
                }
            }
        }
    }
    for before in [json!(null), json!(0), json!(1000), json!(2590)] {
        let event = json!({
            "id": "evt_2", "type": "charge.refunded", "created": 1_790_000_000, "livemode": true,
            "data": {
                "object": {
                    "id": "ch_1", "payment_intent": "pi_1", "currency": "eur", "amount_refunded": 2590, "livemode": true,
                    "billing_details": { "email": "anna@example.com" }
                },
                "previous_attributes": { "amount_refunded": before }
            }
        });
        assert_same("stripe-sessions", "stripe", &[], event.to_string().as_bytes(), &[]);
    }
}

#[test]
fn the_repositorys_own_deliveries_say_the_same_by_mapping() {
    assert_same(
        "woocommerce-orders",
        "woocommerce",
        &[("X-WC-Webhook-Topic", "order.updated")],
        &own("woocommerce/order-updated.json"),
        &[],
    );
    assert_same(
        "shopify-orders",
        "shopify",
        &[("X-Shopify-Topic", "orders/paid")],
        &own("shopify/orders-paid.json"),
        &[],
    );
    assert_same("stripe-sessions", "stripe", &[], &own("stripe/checkout-session-completed.json"), &[]);
}

/// A mapping of one rule with these fields.
pub(crate) fn of_fields(fields: &[(&str, &str)]) -> Mapping {
    let fields = fields.iter().map(|(path, source)| ((*path).to_owned(), (*source).to_owned())).collect();
    of_rule(Rule {
        name: "rule".into(),
        conditions: Vec::new(),
        each: None,
        drop_if: Vec::new(),
        event: "'Order Completed'".into(),
        required: Vec::new(),
        fields,
        lists: BTreeMap::new(),
    })
}

fn of_rule(rule: Rule) -> Mapping {
    Mapping { version: 1, name: "own".into(), verify: Scheme::PathToken, delivery_id: None, rules: vec![rule] }
}

#[test]
fn trying_out_says_what_becomes_of_every_element_and_which_field_failed_why() {
    let mut mapping = of_fields(&[
        ("userId", "item.customer|id"),
        ("timestamp", "item.at|time('%d.%m.%Y %H:%M', 'Europe/Berlin')"),
        ("properties.order_id", "item.no|id"),
        ("properties.total", "item.sum|amount(',')|money('EUR')"),
    ]);
    mapping.rules[0].each = Some("body.orders".into());
    mapping.rules[0].required = vec!["properties.order_id".into()];
    mapping.rules[0].drop_if =
        serde_json::from_value(json!([{ "expression": "item.test", "because": "a test order" }])).unwrap();
    let body = json!({ "orders": [
        { "no": 820_982_911_946_154_508_u64, "customer": "gid://x/C/7", "at": "01.03.2026 12:00", "sum": "1.234,50 €" },
        { "no": 2, "customer": 0, "at": "2026-03-01", "sum": "1,234.50" },
        { "no": null, "sum": "5,00" },
        { "no": 4, "test": true },
    ] });
    let tried = apply(&mapping, &[], body.to_string().as_bytes(), Mapping::try_out).unwrap();
    let [first, second, third, fourth] = tried.as_slice() else { panic!("{tried:#?}") };
    let Tried::Event { event, warnings, .. } = first else { panic!("{first:?}") };
    assert_eq!(warnings, &[]);
    assert_eq!(event["userId"], "7");
    assert_eq!(event["timestamp"], "2026-03-01T11:00:00Z");
    assert_eq!(event["properties"], json!({ "order_id": "820982911946154508", "total": "1234.50" }));
    let Tried::Event { event, warnings, .. } = second else { panic!("{second:?}") };
    assert_eq!(event["properties"], json!({ "order_id": "2" }), "a wrong field costs itself");
    let wrong: Vec<&str> = warnings.iter().map(|warning| warning.field.as_str()).collect();
    assert_eq!(wrong, ["properties.total", "timestamp"], "{warnings:?}");
    assert!(warnings[0].reason.contains("is not an amount with \",\""), "{warnings:?}");
    let Tried::Failed { error, .. } = third else { panic!("{third:?}") };
    assert_eq!(error.field, "properties.order_id");
    assert_eq!(fourth, &Tried::Dropped { rule: "rule".into(), because: "a test order".into() });
    let reading = apply(&mapping, &[], body.to_string().as_bytes(), Mapping::read);
    assert_eq!(events(&reading).len(), 2);
    assert!(reading.warnings.iter().any(|warning| warning.field == "properties.order_id"), "what failed is said");
}

#[test]
fn faults_of_a_mapping_are_named_before_it_is_kept() {
    let mut mapping =
        of_fields(&[("properties.total", "body.total|mony"), ("nowhere", "1"), ("userId.x", "1"), ("properties", "1")]);
    mapping.version = 9;
    mapping.rules[0].event = "'x' ~ 'y'".into();
    mapping.rules[0].required = vec!["properties.id".into()];
    let faults: Vec<String> = mapping.faults().into_iter().map(|fault| fault.field).collect();
    for field in [
        "version",
        "rules[0].event",
        "rules[0].fields.nowhere",
        "rules[0].fields.userId.x",
        "rules[0].fields.properties",
        "rules[0].required",
    ] {
        assert!(faults.iter().any(|fault| fault == field), "{field}: {faults:?}");
    }
    assert!(Mapping::parse("{}").is_err());
    assert!(Mapping::parse(r#"{"version":1,"name":"x","verify":{"scheme":"basic"},"rules":[],"more":1}"#).is_err());
}

#[test]
fn the_stored_form_is_read_again_as_it_was() {
    for builtin in BUILTIN {
        let mapping = Mapping::parse(builtin.json).unwrap();
        assert_eq!(mapping.name, builtin.name);
        let stored = serde_json::to_string(&mapping).unwrap();
        assert_eq!(Mapping::parse(&stored).unwrap(), mapping);
    }
}

#[test]
fn a_filter_that_does_not_exist_is_a_fault_of_the_mapping() {
    let faults = of_fields(&[("properties.total", "body.total|mony")]).faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].field, "rules[0].fields.properties.total");
}

#[test]
fn an_order_of_200_lines_is_not_too_much_work() {
    let mut order: Value = serde_json::from_slice(&own("shopify/orders-paid.json")).unwrap();
    let line = order["line_items"][0].clone();
    order["line_items"] = json!(vec![line; 200]);
    let reading = apply(
        &builtin("shopify-orders"),
        &[("X-Shopify-Topic", "orders/paid")],
        order.to_string().as_bytes(),
        Mapping::read,
    );
    assert_eq!(events(&reading)[0]["properties"]["total"], "38.30");
    let said: Vec<&str> = reading.warnings.iter().map(|warning| warning.reason.as_str()).collect();
    assert!(said.len() == 1 && said[0].contains("of which the first"), "{said:?}");
}

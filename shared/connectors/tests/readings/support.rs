//! Deliveries for tests.

use rekindle_connectors::{Delivery, Headers, Outcome, Reading, Settings, connector};
use serde_json::Value;
use std::path::PathBuf;

/// The bytes of a kept payload; nothing, with a printed line, if they are not there.
pub(crate) fn kept(name: &str) -> Option<Vec<u8>> {
    let Some(cases) = std::env::var_os("REKINDLE_CASES") else {
        println!("skipped: REKINDLE_CASES is not set, so {name} is not read");
        return None;
    };
    let path = PathBuf::from(cases).join("connectors").join(name);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// One of the repository's own payloads.
pub(crate) fn own(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events/webhooks").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The instant at which all deliveries of the tests come.
pub(crate) const RECEIVED_AT: &str = "2026-10-01T00:00:00Z";

pub(crate) fn read_with(system: &str, headers: &[(&str, &str)], body: &[u8], settings: &Settings) -> Reading {
    let headers: Headers = headers.iter().copied().collect();
    let received_at = RECEIVED_AT.parse().unwrap();
    let delivery = Delivery { headers: &headers, url: "https://example.com/hook", path_token: None, body, received_at };
    connector(system).unwrap().read(&delivery, settings)
}

pub(crate) fn shopify(topic: &str, body: &[u8]) -> Reading {
    let headers = [
        ("X-Shopify-Topic", topic),
        ("X-Shopify-Event-Id", "event-1"),
        ("X-Shopify-Shop-Domain", "example.myshopify.com"),
        ("X-Shopify-Triggered-At", "2026-09-30T12:00:00Z"),
    ];
    read_with("shopify", &headers, body, &Settings::default())
}

pub(crate) fn woocommerce(topic: &str, body: &[u8]) -> Reading {
    woocommerce_with(topic, body, &Settings::default())
}

pub(crate) fn woocommerce_with(topic: &str, body: &[u8], settings: &Settings) -> Reading {
    let headers = [("x-wc-webhook-topic", topic), ("x-wc-webhook-source", "https://shop.example/")];
    read_with("woocommerce", &headers, body, settings)
}

pub(crate) fn stripe(body: &Value) -> Reading {
    read_with("stripe", &[], body.to_string().as_bytes(), &Settings::default())
}

/// The events that a delivery becomes.
#[track_caller]
pub(crate) fn events(reading: &Reading) -> &[Value] {
    match &reading.outcome {
        Outcome::Events(events) => events,
        other => panic!("no events: {other:?}"),
    }
}

/// Compares members of an event by their JSON pointers.
#[track_caller]
pub(crate) fn assert_members(event: &Value, wanted: &[(&str, Value)]) {
    for (pointer, value) in wanted {
        assert_eq!(event.pointer(pointer).unwrap_or(&Value::Null), value, "{pointer} of {event:#}");
    }
}

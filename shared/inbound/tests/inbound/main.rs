//! What shops send: about customers, read into traits; about orders and what customers do in the shop.

mod consent;
mod contacts;
mod names;
mod order_times;
mod orders;
mod peers;
mod public;
mod shopping;
mod time_zones;

use rekindle_inbound::{Fields, Parsed, Received, parse};
use rekindle_lifecycle::facts::Traits;
use rekindle_lifecycle::money::Currency;
use serde_json::{Value, json};
use std::sync::Arc;

/// The traits of an identify call with these traits, and the fields that the answer warns of.
fn traits_of(traits: &Value) -> (Traits, Vec<String>) {
    parsed(&json!({"type": "identify", "traits": traits}))
}

/// The traits of an event, and the fields that the answer warns of. What every event needs is added.
fn parsed(event: &Value) -> (Traits, Vec<String>) {
    let mut whole =
        json!({"userId": "c1", "event": "Something", "messageId": "m1", "timestamp": "2026-11-22T11:00:00Z"});
    let fields = event.as_object().cloned().expect("an object");
    whole.as_object_mut().expect("an object").extend(fields);
    let Parsed { fact, warnings, .. } = parse(&whole, None, &received()).expect("accepted");
    (fact.traits, warnings.into_iter().map(|warning| warning.field).collect())
}

/// The call that delivers the events of these tests.
fn received() -> Received<'static> {
    Received {
        at: "2026-11-22T12:00:00Z".parse().expect("an instant"),
        sent_at: None,
        context: Fields::EMPTY,
        historical: false,
        default_currency: Currency::parse("USD").expect("a currency"),
        country: None,
        zone: None,
        event_names: Arc::default(),
    }
}

/// An event as it is read at another time, perhaps as history.
fn parse_at(event: &Value, at: &str, historical: bool) -> Parsed {
    let received = Received { at: at.parse().expect("an instant"), historical, ..received() };
    parse(event, Some(rekindle_inbound::Kind::Track), &received).expect("accepted")
}

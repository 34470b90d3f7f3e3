//! Items that a later version of the engine stored: they are read, written back unchanged, and unknown parts never
//! count.

mod codes;
mod decisions;
mod fold;

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::Folded;
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, OrderEvent, OrderStatus, Traits};
use rekindle_lifecycle::id::OrderId;
use rekindle_lifecycle::policy::Policy;
use serde::de::DeserializeOwned;
use serde_json::json;

fn hour(number: i64) -> Timestamp {
    "2026-03-02T10:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_hours(number)
}

fn fact(at: i64, event: Event) -> Fact {
    Fact { at: hour(at), id: at.to_string(), event, traits: Traits::default() }
}

fn code<T: DeserializeOwned>(code: &str) -> T {
    serde_json::from_value(json!(code)).expect("a code")
}

fn consent(channel: Channel, purpose: Option<Purpose>, granted: bool) -> Event {
    let source = "page".to_owned();
    Event::Consent(ConsentEvent { channel, purpose, granted, source, text_version: None, own: true })
}

fn order(status: OrderStatus) -> Event {
    let order_id = OrderId::parse("o1").expect("an id");
    Event::Order(OrderEvent::new(order_id, status, None))
}

fn folded(facts: &[Fact]) -> Folded {
    Folded::recount(facts, &Policy::built_in().calendar)
}

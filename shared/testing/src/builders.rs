//! A shop, its customers, and what happens to them.

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::facts::{Event, Fact, OrderEvent, OrderStatus, OtherEvent, Traits};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
use rekindle_lifecycle::money::Money;
use rekindle_store::CustomerKey;
use serde_json::{Value, json};

/// A ring with one link key, in the form of the secret that holds the ring.
pub const LINK_KEYS: &str =
    r#"{ "current": 1, "keys": [{ "id": 1, "secret": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=" }] }"#;

/// The instant of most tests: a Monday at noon (UTC), within the hours in which messages go out.
///
/// # Panics
/// Never.
#[must_use]
pub fn now() -> Timestamp {
    instant("2026-03-02T12:00:00Z")
}

/// An instant in RFC 3339.
///
/// # Panics
/// The text is no instant.
#[must_use]
pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// The shop of most tests, `tea`.
///
/// # Panics
/// Never.
#[must_use]
pub fn shop() -> ShopId {
    shop_named("tea")
}

/// A shop.
///
/// # Panics
/// The name is no id of a shop.
#[must_use]
pub fn shop_named(name: &str) -> ShopId {
    ShopId::parse(name).expect("an id of a shop")
}

/// A customer of [`shop`].
///
/// # Panics
/// The name is no id of a customer.
#[must_use]
pub fn customer_key(name: &str) -> CustomerKey {
    customer_of("tea", name)
}

/// A customer of a shop.
///
/// # Panics
/// One of the names is no id.
#[must_use]
pub fn customer_of(shop: &str, name: &str) -> CustomerKey {
    CustomerKey { shop: shop_named(shop), customer: CustomerId::parse(name).expect("an id of a customer") }
}

/// The address and number of a customer.
#[must_use]
pub fn contact(name: &str) -> Traits {
    Traits {
        email: EmailAddress::parse(&format!("{name}@example.com")).ok(),
        phone: PhoneNumber::parse("+442071838750").ok(),
        ..Traits::default()
    }
}

/// An order that was completed at an instant.
///
/// # Panics
/// The id is none.
#[must_use]
pub fn order(id: &str, at: Timestamp, amount: Option<Money>) -> Fact {
    let order_id = OrderId::parse(id).expect("an id of an order");
    let event = OrderEvent::new(order_id, OrderStatus::Completed, amount);
    Fact { at, id: id.to_owned(), event: Event::Order(event), traits: Traits::default() }
}

/// An event without a meaning of its own.
#[must_use]
pub fn other(name: &str, at: Timestamp) -> Fact {
    Fact { at, id: name.to_owned(), event: Event::Other(OtherEvent::named(name)), traits: Traits::default() }
}

/// A period of hours.
#[must_use]
pub fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// A brand that mails can be sent with.
#[must_use]
pub fn brand(name: &str) -> Value {
    json!({
        "name": name, "sender_address": "hello@tea.example", "sender_name": "Tea",
        "postal_address": "1 Leaf Road, Bristol", "shop_url": "https://tea.example",
    })
}

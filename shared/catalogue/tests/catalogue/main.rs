//! What is known of products, and how feeds are read.

mod encodings;
mod feeds;
mod learning;
mod named_feeds;
mod statements;
mod stock;

use jiff::{SignedDuration, Timestamp};
use rekindle_catalogue::{Availability, Product};
use rekindle_lifecycle::money::{Currency, Money};

fn now() -> Timestamp {
    "2026-03-05T12:00:00Z".parse().expect("an instant")
}

fn availability(product: &Product) -> Option<Availability> {
    product.offer(now()).availability
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn euros(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("EUR").expect("a currency") }
}

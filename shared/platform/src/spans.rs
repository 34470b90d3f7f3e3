//! Spans: what every log line says about the unit of work that it belongs to. Work on several messages goes on at once, and
//! by these fields the lines of one of them are found.
//!
//! A span is opened where a unit of work begins, and learns whom the work is about as soon as that is known. No field holds
//! an address, a name, a key or a customer's own id: a customer appears as the keyed fingerprint that
//! `KeyRing::customer_fingerprint` gives, and functions without link keys say only the shop.

use ::tracing::field::Empty;
use ::tracing::{Span, info_span};
use rekindle_lifecycle::id::{MessageId, ShopId};
use std::sync::atomic::{AtomicU64, Ordering};

/// The span of one message of a queue, by the queue's id of it.
#[must_use]
pub fn queue_message(queue_message_id: &str) -> Span {
    info_span!("queue_message", queue_message_id, shop = Empty, customer = Empty, message_id = Empty)
}

/// The span of one customer's new facts in a batch of the stream.
#[must_use]
pub fn stream_customer() -> Span {
    info_span!("stream_customer", shop = Empty, customer = Empty)
}

/// The span of one shop's new facts in a batch of the stream.
#[must_use]
pub fn stream_shop(shop: &ShopId) -> Span {
    info_span!("stream_shop", shop = shop.as_str())
}

/// The span of one HTTP call. `call` counts the calls that this process answered.
#[must_use]
pub fn http_call() -> Span {
    static CALLS: AtomicU64 = AtomicU64::new(1);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    info_span!("http_call", call, shop = Empty, customer = Empty, message_id = Empty)
}

/// The span of one page of a shard of the due index, counted from 1.
#[must_use]
pub fn sweep_page(shard: &str, page: usize) -> Span {
    info_span!("sweep_page", shard, page)
}

/// Says in the current span which shop the work is about.
pub fn note_shop(shop: &ShopId) {
    Span::current().record("shop", shop.as_str());
}

/// Says in the current span which customer the work is about, by their keyed fingerprint.
pub fn note_customer(shop: &ShopId, fingerprint: &str) {
    note_shop(shop);
    Span::current().record("customer", fingerprint);
}

/// Says in the current span which message the work is about.
pub fn note_message(id: &MessageId) {
    Span::current().record("message_id", id.as_str());
}

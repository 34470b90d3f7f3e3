//! What the readers of Shopify have in common.

use crate::delivery::Delivery;
use crate::draft::Draft;
use crate::fields::{Warnings, parse_time};
use crate::reading::Outcome;
use jiff::Timestamp;

pub(super) const SYSTEM: &str = "shopify";

/// When the event fired, by its header.
pub(super) fn triggered_at(delivery: &Delivery<'_>) -> Option<Timestamp> {
    parse_time(delivery.headers.first(&["X-Shopify-Triggered-At", "shopify-triggered-at"])?)
}

pub(super) fn events(drafts: Vec<Draft>, warnings: &mut Warnings) -> Outcome {
    Outcome::Events(drafts.into_iter().map(|draft| draft.build(SYSTEM, warnings)).collect())
}

/// The topic's object has no id.
pub(super) fn without_id(field: &str) -> (Outcome, Option<Timestamp>) {
    (Outcome::refused(field, "is missing; it says what this is about"), None)
}

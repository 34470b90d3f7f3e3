//! What the readers of WooCommerce have in common.

use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::reading::Outcome;
use jiff::Timestamp;

pub(super) const SYSTEM: &str = "woocommerce";

/// When an object was changed: the time that is in UTC. Times of the shop's clock have no zone and are not read.
pub(super) fn modified_at(object: &Node<'_>, warnings: &mut Warnings) -> Option<Timestamp> {
    object.get("date_modified_gmt").time_utc(warnings).or_else(|| object.get("date_created_gmt").time_utc(warnings))
}

pub(super) fn events(drafts: Vec<Draft>, warnings: &mut Warnings) -> Outcome {
    Outcome::Events(drafts.into_iter().map(|draft| draft.build(SYSTEM, warnings)).collect())
}

pub(super) fn without_id() -> (Outcome, Option<Timestamp>) {
    (Outcome::refused("id", "is missing; it says what this is about"), None)
}

/// A name as it is shown: with `&ndash;` and the like decoded.
pub(super) fn plain(text: Option<String>) -> Option<String> {
    text.map(|text| html_escape::decode_html_entities(&text).into_owned())
}

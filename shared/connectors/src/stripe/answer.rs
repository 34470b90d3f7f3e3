//! What the readers of Stripe have in common.

use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::reading::Outcome;

pub(super) const SYSTEM: &str = "stripe";

pub(super) fn events(drafts: Vec<Draft>, warnings: &mut Warnings) -> Outcome {
    Outcome::Events(drafts.into_iter().map(|draft| draft.build(SYSTEM, warnings)).collect())
}

pub(super) fn without_id(field: &str) -> Outcome {
    Outcome::refused(format!("data.object.{field}"), "is missing; it says what this is about")
}

/// The id of something that may be named by its id or be there in full.
pub(super) fn reference(node: &Node<'_>) -> Option<String> {
    node.id().or_else(|| node.get("id").id())
}

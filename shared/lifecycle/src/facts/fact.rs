//! A fact: what happened to one customer.

use super::event::Event;
use super::orders::OrderStatus;
use super::traits::Traits;
use crate::id::{OrderId, short_digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened to one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// When it happened, by the shop's account (corrected for the sender's clock).
    pub at: Timestamp,
    /// What tells this event from others of its kind: the order's id for orders, otherwise the
    /// sender's message id.
    pub id: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
    /// Traits that travelled with the event (`context.traits`), if any.
    #[serde(default, skip_serializing_if = "Traits::is_empty")]
    pub traits: Traits,
}

impl Fact {
    /// A word for the kind of fact, as used in keys: `order` facts are kept in a family of their own.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.event {
            Event::Order(order) => match order.status {
                OrderStatus::Pending => "pending",
                OrderStatus::Completed => "completed",
                OrderStatus::Updated => "updated",
                OrderStatus::Cancelled => "cancelled",
            },
            Event::Refund(_) => "refunded",
            Event::Identified => "identified",
            Event::Consent(_) => "consent",
            Event::Reaction(_) => "reaction",
            Event::Suppressed(_) => "suppressed",
            Event::Pause(_) => "pause",
            Event::Unsuppressed(_) => "unsuppressed",
            Event::SoftBounce(_) => "soft_bounce",
            Event::NpsAnswer(_) => "nps",
            Event::TaskClosed(_) => "task_closed",
            Event::Invited(_) => "invited",
            Event::Referred(_) => "referred",
            Event::Other { .. } => "other",
        }
    }

    /// The order the fact is about, if it is about one.
    #[must_use]
    pub fn order_id(&self) -> Option<&OrderId> {
        match &self.event {
            Event::Order(order) => Some(&order.order_id),
            Event::Refund(refund) => Some(&refund.order_id),
            _ => None,
        }
    }

    /// 13 characters that differ when the content differs, so that the same identity with other
    /// content stands beside the first instead of replacing it.
    #[must_use]
    pub fn digest(&self) -> String {
        let content = serde_json::to_string(self).expect("a fact holds nothing that JSON cannot");
        short_digest(&["fact", &content], 13)
    }
}

//! The kinds of facts.

use super::identity::{Joined, Parted};
use super::orders::{OrderEvent, RefundEvent};
use super::other::OtherEvent;
use super::permissions::{ConsentEvent, Pause, SoftBounce, Suppression, Unsuppression};
use super::reactions::{NpsAnswer, Reaction, TaskClosed};
use super::referrals::{Invited, Referred};
use super::shopping::ShoppingEvent;
use super::unrecognised::UnrecognisedFact;
use serde::{Deserialize, Serialize};

/// The kinds of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// An order reached a status.
    Order(OrderEvent),
    /// Money of an order went back to the customer.
    Refund(RefundEvent),
    /// The shop reported the customer's traits: only the traits of the fact matter.
    Identified,
    /// The customer allowed or forbade a channel for some or all purposes.
    Consent(ConsentEvent),
    /// The customer reacted to the shop: a click, a visit, a reply. An open is not a reaction.
    Reaction(Reaction),
    /// A channel turned out to be closed: a hard bounce, a complaint, a STOP.
    Suppressed(Suppression),
    /// The shop opened a closed channel again.
    Unsuppressed(Unsuppression),
    /// A message bounced, but the next one may arrive.
    SoftBounce(SoftBounce),
    /// The customer asked for no messages until some time.
    Pause(Pause),
    /// The customer answered the NPS question.
    NpsAnswer(NpsAnswer),
    /// One of the shop's people closed a task about the customer.
    TaskClosed(TaskClosed),
    /// The customer came to the shop with another customer's referral code.
    Invited(Invited),
    /// A friend ordered with this customer's referral code, or the order does not count any more.
    Referred(Referred),
    /// Another id may be the same customer.
    Joined(Joined),
    /// Another id is not the same customer.
    Parted(Parted),
    /// Anything else that a shop reports: kept for the timeline, changes nothing.
    Other(OtherEvent),
    /// The customer did something with a product, a cart or a coupon.
    Shopping(ShoppingEvent),
    /// Something that another version of the engine stored and this one cannot read: kept as it is, changes nothing, and is
    /// counted by the version that knows it.
    #[serde(skip)]
    Unrecognised(UnrecognisedFact),
}

impl Event {
    /// The kinds of facts that this version knows, as the JSON of a fact names them. They never change.
    pub const KINDS: &'static [&'static str] = &[
        "order",
        "refund",
        "identified",
        "consent",
        "reaction",
        "suppressed",
        "unsuppressed",
        "soft_bounce",
        "pause",
        "nps_answer",
        "task_closed",
        "invited",
        "referred",
        "joined",
        "parted",
        "other",
        "shopping",
    ];
}

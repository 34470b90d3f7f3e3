//! Facts: what happened, once and for all. A fact holds nothing about its arrival, so that storing it
//! twice stores the same bytes.

use crate::channel::{Channel, Purpose};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::id::{MessageId, OrderId, short_digest};
use crate::money::Money;
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

/// The kinds of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// An order reached a status.
    Order(OrderEvent),
    /// Money of an order went back to the customer.
    Refund(RefundEvent),
    /// The shop told who the customer is: only [`Fact::traits`] matter.
    Identified,
    /// The customer allowed or forbade a channel for some or all purposes.
    Consent(ConsentEvent),
    /// The customer reacted to the shop: a click, a visit, a reply. An open is not a reaction.
    Reaction(Reaction),
    /// A channel turned out to be closed: a hard bounce, a complaint, a STOP.
    Suppressed(Suppression),
    /// The shop opened a closed channel again.
    Unsuppressed(Unsuppression),
    /// A message came back, but the next one may arrive.
    SoftBounce(SoftBounce),
    /// The customer asked for silence until some time.
    Pause(Pause),
    /// The customer answered the NPS question.
    NpsAnswer(NpsAnswer),
    /// Somebody of the shop's people finished a task about the customer.
    TaskClosed(TaskClosed),
    /// The customer came to the shop with somebody's referral code.
    Invited(Invited),
    /// Somebody ordered with this customer's referral code, or the order does not count any more.
    Referred(Referred),
    /// Anything else that a shop reports: kept for the timeline, changes nothing.
    Other {
        /// The event's name as the shop gave it, at most 128 characters.
        name: String,
    },
}

/// How far an order has come. A later status outranks an earlier one whatever the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// Placed, not paid: does not count yet.
    Pending,
    /// Paid for.
    Completed,
    /// Changed after completion; the newest change tells the amount.
    Updated,
    /// Called off: does not count.
    Cancelled,
}

/// An order reached a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// The order.
    pub order_id: OrderId,
    /// The status it reached.
    pub status: OrderStatus,
    /// What the customer paid in all. Absent on a cancellation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The coupon the customer used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    /// The referral code the customer came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral_code: Option<String>,
    /// A digest of the name and the postcode it is shipped to (see [`ship_to_digest`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<String>,
}

/// Money of an order went back to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundEvent {
    /// The order.
    pub order_id: OrderId,
    /// How much went back; absent means everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

/// The customer allowed or forbade a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEvent {
    /// The channel.
    pub channel: Channel,
    /// The purpose; absent means all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Allowed or forbidden.
    pub granted: bool,
    /// Where it was said, for example `identify` or `unsubscribe page`.
    pub source: String,
    /// The version of the wording that the customer agreed to or refused, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_version: Option<String>,
    /// Whether the customer said it to us: on a page, by SMS. Otherwise the shop says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

/// The customer reacted to the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// How.
    pub how: ReactionKind,
    /// The message reacted to, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The run of that message (see [`run_digest`](crate::id::run_digest)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// A digest of the link that was followed, at most 8 characters: programs follow all links of a mail at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// How a customer reacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReactionKind {
    /// Followed a link of a message.
    Click,
    /// Came to the shop's site or application.
    Visit,
    /// Wrote back.
    Reply,
}

/// The customer asked for silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Until when; an instant in the past ends an earlier pause.
    pub until: Timestamp,
}

/// An answer to "how likely are you to recommend us?".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NpsAnswer {
    /// 0 to 10.
    pub score: u8,
    /// The main reason, in the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether somebody may call, where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_call: Option<bool>,
}

/// Somebody of the shop's people finished a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskClosed {
    /// The task: the message on the channel `handoff` that opened it.
    pub task: MessageId,
    /// What came of it, in the words of whoever closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// The customer came to the shop with somebody's referral code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    /// The code, as [`crate::short_code::normalise`] writes it.
    pub code: String,
}

/// What the referrer's side learns of a friend's order. It names nobody: everything about the friend is a digest that
/// can only be compared, within this referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referred {
    /// The referrer's code.
    pub code: String,
    /// The friend.
    pub friend: String,
    /// When the friend ordered.
    pub ordered_at: Timestamp,
    /// Whether the order counts; once it does not, it never counts again.
    pub counts: bool,
    /// What the friend can be recognised by.
    pub marks: Marks,
}

/// What a person can be recognised by, as digests made for one referral code.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// The e-mail address, without what providers ignore in it.
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The phone number.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Name and postcode that orders are shipped to.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<String>,
    /// The customer's id at the shop.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
}

/// A message came back, but the next one may arrive: a full mailbox, a server that is down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoftBounce {
    /// The channel.
    pub channel: Channel,
}

/// The shop opened a closed channel again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsuppression {
    /// The channel.
    pub channel: Channel,
}

/// A channel turned out to be closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The channel.
    pub channel: Channel,
    /// Why.
    pub cause: SuppressionCause,
}

/// Why a channel is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionCause {
    /// The address does not exist.
    PermanentBounce,
    /// The customer called a message spam.
    Complaint,
    /// The customer texted STOP.
    Stop,
    /// Three messages within 30 days came back.
    RepeatedBounce,
    /// The shop put the address on its list.
    Manual,
}

/// What a shop tells about a customer. Absent fields say nothing; they do not erase.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traits {
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// How to address the customer, for example `Anna`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// BCP 47 language, for example `en` or `ru`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// IANA time zone, for example `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether e-mail marketing is allowed, where the shop says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_consent: Option<bool>,
    /// Whether text messages are allowed, where the shop says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_consent: Option<bool>,
}

impl Traits {
    /// Whether they say nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
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

/// The digest of a name and a postcode that orders are shipped to: upper and lower case, spaces and punctuation do not
/// matter. Nothing without a postcode, and nothing of a postcode alone.
#[must_use]
pub fn ship_to_digest(name: &str, postcode: &str) -> Option<String> {
    let plain =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let (name, postcode) = (plain(name), plain(postcode));
    (!name.is_empty() && !postcode.is_empty()).then(|| short_digest(&["ship to", &name, &postcode], 10))
}

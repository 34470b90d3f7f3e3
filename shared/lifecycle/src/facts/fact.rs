//! A fact: what happened to one customer.

use super::class::FactClass;
use super::event::Event;
use super::traits::Traits;
use super::unrecognised::UnrecognisedFact;
use crate::id::{OrderId, short_digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;

/// Something that happened to one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// When it happened, by the shop's account (corrected for the sender's clock).
    pub at: Timestamp,
    /// Its identity among events of its kind: the order's id for orders, otherwise the
    /// sender's message id.
    pub id: String,
    /// What happened.
    pub event: Event,
    /// Traits that travelled with the event (`context.traits`), if any.
    pub traits: Traits,
}

impl Fact {
    /// A word for the kind of fact, as used in keys: `order` facts are kept in a family of their own.
    #[must_use]
    pub fn kind(&self) -> &str {
        match &self.event {
            Event::Order(order) => order.status.code(),
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
            Event::Joined(_) => "joined",
            Event::Parted(_) => "parted",
            Event::Other(_) => "other",
            Event::Shopping(event) => event.action.code(),
            Event::Unrecognised(fact) => fact.kind(),
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
    /// content is stored beside the first instead of replacing it.
    #[must_use]
    pub fn digest(&self) -> String {
        short_digest(&["fact", &self.to_json()], 13)
    }

    /// The JSON text that the fact is stored as. It is the fact's identity: the same fact always has the same text, and one
    /// that this version cannot read has the text that it was read from.
    #[must_use]
    pub fn to_json(&self) -> Cow<'_, str> {
        match &self.event {
            Event::Unrecognised(fact) => Cow::Borrowed(fact.json()),
            _ => Cow::Owned(serde_json::to_string(self).expect("a fact holds nothing that JSON cannot")),
        }
    }

    /// Reads a stored fact. One of another version becomes [`Event::Unrecognised`], with the class that is stored beside it;
    /// without a class that can be read it counts as a permission. `None` if the text is no fact of any version: not JSON,
    /// or without `at`, `id` or `kind`. What a later version adds to a kind that this one knows is left out.
    #[must_use]
    pub fn parse(json: &str, class: Option<&str>) -> Option<Self> {
        match serde_json::from_str::<KnownFact>(json) {
            Ok(KnownFact { at, id, event, traits }) => Some(Self { at, id, event, traits }),
            Err(_) => Self::parse_unrecognised(json, class),
        }
    }

    /// A stored fact whose content cannot be read, only the item's other attributes: its instant, an identity, and
    /// perhaps its class.
    #[must_use]
    pub fn unreadable(at: Timestamp, id: String, class: Option<&str>, text: &str) -> Self {
        let event = UnrecognisedFact::new("unknown".to_owned(), class_or_permission(class), false, text.to_owned());
        Self { at, id, event: Event::Unrecognised(event), traits: Traits::default() }
    }

    fn parse_unrecognised(json: &str, class: Option<&str>) -> Option<Self> {
        let AnyFact { at, id, kind, traits } = serde_json::from_str(json).ok()?;
        let class = class_or_permission(class);
        let traits = traits.map(Traits::deserialize);
        let holds_consent = match &traits {
            None => false,
            Some(Ok(traits)) => traits.email_consent.is_some() || traits.sms_consent.is_some(),
            // What cannot be read may be a refusal.
            Some(Err(_)) => true,
        };
        let event = Event::Unrecognised(UnrecognisedFact::new(kind, class, holds_consent, json.to_owned()));
        Some(Self { at, id, event, traits: traits.and_then(Result::ok).unwrap_or_default() })
    }

    /// What the fact is about, in words that every version reads.
    #[must_use]
    pub fn class(&self) -> FactClass {
        match &self.event {
            Event::Order(_) | Event::Refund(_) => FactClass::Order,
            Event::Identified
            | Event::Consent(_)
            | Event::Suppressed(_)
            | Event::Unsuppressed(_)
            | Event::SoftBounce(_)
            | Event::Pause(_) => FactClass::Permission,
            Event::Reaction(_) | Event::NpsAnswer(_) | Event::Invited(_) => FactClass::Reaction,
            Event::Joined(_) | Event::Parted(_) => FactClass::Identity,
            Event::TaskClosed(_) | Event::Referred(_) | Event::Other(_) | Event::Shopping(_) => FactClass::Other,
            Event::Unrecognised(fact) => fact.class(),
        }
    }

    /// What this version cannot count of the fact, or nothing if it counts all of it.
    #[must_use]
    pub fn uncountable(&self) -> Option<Uncountable> {
        let permission = match &self.event {
            Event::Unrecognised(fact) => fact.may_be_permission(),
            Event::Consent(consent) if !consent.is_recognised() => true,
            // The other id may have refused what this one allows.
            Event::Joined(joined) if !joined.cause.is_recognised() => true,
            Event::Order(order) if !order.status.is_recognised() => false,
            Event::Reaction(reaction) if !reaction.how.is_recognised() => false,
            Event::Shopping(event) if !event.action.is_recognised() => false,
            // Closed channels are noted by their codes, which holds for channels and causes of any version.
            Event::Suppressed(_) | Event::Unsuppressed(_) | Event::SoftBounce(_) => return None,
            Event::Consent(_)
            | Event::Order(_)
            | Event::Reaction(_)
            | Event::Refund(_)
            | Event::Identified
            | Event::Pause(_)
            | Event::NpsAnswer(_)
            | Event::TaskClosed(_)
            | Event::Invited(_)
            | Event::Referred(_)
            | Event::Joined(_)
            | Event::Parted(_)
            | Event::Other(_)
            | Event::Shopping(_) => return None,
        };
        Some(Uncountable { permission })
    }
}

/// The class of a code. Without one that can be read, a fact counts as a permission: nothing is sent until it is known.
fn class_or_permission(code: Option<&str>) -> FactClass {
    code.and_then(FactClass::from_code).unwrap_or(FactClass::Permission)
}

/// A fact that this version cannot count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncountable {
    /// Whether it may say what the customer allowed or refused.
    pub permission: bool,
}

/// A fact as it is stored by this version.
#[derive(Deserialize)]
struct KnownFact {
    at: Timestamp,
    id: String,
    #[serde(flatten)]
    event: Event,
    #[serde(default)]
    traits: Traits,
}

/// What facts of all versions have in common.
#[derive(Deserialize)]
struct AnyFact {
    at: Timestamp,
    id: String,
    kind: String,
    #[serde(default)]
    traits: Option<Value>,
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'f> {
            at: Timestamp,
            id: &'f str,
            #[serde(flatten)]
            event: &'f Event,
            #[serde(skip_serializing_if = "Traits::is_empty")]
            traits: &'f Traits,
        }
        match self {
            Self { event: Event::Unrecognised(fact), .. } => fact.serialize(serializer),
            Self { at, id, event, traits } => Written { at: *at, id, event, traits }.serialize(serializer),
        }
    }
}

//! Reading a report of SES: with `eventType` (configuration sets) or `notificationType` (identities).

use crate::incoming::{self, Incoming, Unread, instant};
use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_lifecycle::message::ProviderReport;
use rekindle_store::CustomerKey;
use serde_json::Value;
use std::fmt;

/// A report about a mail of ours. `Debug` shows no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SesEvent {
    /// When the mail was handed over.
    pub sent_at: Timestamp,
    /// When what is reported happened.
    pub at: Timestamp,
    /// SES's id of the mail.
    pub provider_id: String,
    /// Where to look for the message.
    pub message: MessageId,
    /// Whom the mail went to: the engine sends each to one address.
    pub recipient: Option<EmailAddress>,
    /// Whose message it says to be.
    pub customer: CustomerKey,
    /// What happened.
    pub told: SesEventKind,
}

/// What a report tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SesEventKind {
    /// SES took the mail over.
    Sent,
    /// The recipient's server has it.
    Delivered,
    /// It came back.
    Bounced {
        /// The address will never take mail; otherwise the next mail may arrive.
        permanent: bool,
        /// It was tried, so it counts against the sender. SES does not try an address on the account's own list.
        tried: bool,
    },
    /// The recipient calls it spam.
    Complained {
        /// As for a bounce.
        tried: bool,
    },
    /// The recipient says that it is no spam.
    NotSpam,
    /// SES gave it up: a virus.
    Rejected,
    /// SES could not fill its template.
    RenderingFailed,
    /// Something loaded its pictures. Privacy proxies do that for everybody, so it says nothing about the customer.
    Opened,
    /// A link was followed.
    Clicked {
        /// The address behind the link.
        link: Link,
    },
    /// The recipient's server puts SES off.
    Delayed,
    /// The recipient changed what SES's own contact list knows of them.
    Subscription {
        /// They want nothing any more.
        unsubscribed: bool,
    },
    /// A type that this version does not know.
    Unknown,
}

/// An address that was followed. It may hold a token, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(pub String);

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

impl SesEventKind {
    /// What it says of the message's state. Whatever happens to a mail after it was handed over shows that it was.
    #[must_use]
    pub fn report(&self) -> Option<ProviderReport> {
        match self {
            Self::Delivered => Some(ProviderReport::Delivered),
            Self::Bounced { .. } => Some(ProviderReport::Bounced),
            Self::Complained { .. } => Some(ProviderReport::Complained),
            Self::Rejected | Self::RenderingFailed => Some(ProviderReport::Rejected),
            Self::Unknown => None,
            Self::Sent
            | Self::NotSpam
            | Self::Opened
            | Self::Clicked { .. }
            | Self::Delayed
            | Self::Subscription { .. } => Some(ProviderReport::Accepted),
        }
    }

    /// A word for it, for counts.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sent => "send",
            Self::Delivered => "delivery",
            Self::Bounced { permanent: true, .. } => "bounce_permanent",
            Self::Bounced { .. } => "bounce_passing",
            Self::Complained { .. } => "complaint",
            Self::NotSpam => "complaint_not_spam",
            Self::Rejected => "reject",
            Self::RenderingFailed => "rendering_failure",
            Self::Opened => "open",
            Self::Clicked { .. } => "click",
            Self::Delayed => "delivery_delay",
            Self::Subscription { .. } => "subscription",
            Self::Unknown => "unknown_type",
        }
    }
}

/// Reads the body of a queue message that is known to be a report.
///
/// # Errors
/// Says why it is not a report about one of our mails.
pub fn read(body: &str) -> Result<SesEvent, Unread> {
    match incoming::read(body, Timestamp::UNIX_EPOCH)? {
        Incoming::Report(event) => Ok(event),
        Incoming::Text(_) | Incoming::Canary { .. } => Err(Unread::NotOurs),
    }
}

/// Reads a report out of its envelope.
pub(crate) fn parse(event: &Value) -> Result<SesEvent, Unread> {
    let kind = event["eventType"].as_str().or_else(|| event["notificationType"].as_str());
    let kind = kind.ok_or(Unread::Malformed("eventType"))?;
    let mail = &event["mail"];
    let sent_at = instant(&mail["timestamp"]).ok_or(Unread::Malformed("mail.timestamp"))?;
    let provider_id = mail["messageId"].as_str().ok_or(Unread::Malformed("mail.messageId"))?;
    let tag = |name: &str| mail["tags"][name][0].as_str();
    let message = tag("message").and_then(|id| MessageId::parse(id).ok()).ok_or(Unread::NotOurs)?;
    let shop = tag("shop").and_then(|id| ShopId::parse(id).ok()).ok_or(Unread::NotOurs)?;
    let encoded = [tag("customer").unwrap_or_default(), tag("customer-rest").unwrap_or_default()].concat();
    let id = Base64UrlUnpadded::decode_vec(&encoded).ok().and_then(|id| String::from_utf8(id).ok());
    let customer = id.and_then(|id| CustomerId::parse(&id).ok()).ok_or(Unread::NotOurs)?;
    let recipient = match mail["destination"].as_array().map(Vec::as_slice) {
        Some([only]) => only.as_str().and_then(|address| EmailAddress::parse(address).ok()),
        _ => None,
    };
    let (told, detail) = tell(kind, event);
    Ok(SesEvent {
        sent_at,
        at: instant(&detail["timestamp"]).unwrap_or(sent_at),
        provider_id: provider_id.to_owned(),
        message,
        recipient,
        customer: CustomerKey { shop, customer },
        told,
    })
}

/// What happened, and the object that tells more of it.
fn tell<'e>(kind: &str, event: &'e Value) -> (SesEventKind, &'e Value) {
    let detail = &event[match kind {
        "Send" => "send",
        "Delivery" => "delivery",
        "Bounce" => "bounce",
        "Complaint" => "complaint",
        "Reject" => "reject",
        "Rendering Failure" => "failure",
        "Open" => "open",
        "Click" => "click",
        "DeliveryDelay" => "deliveryDelay",
        "Subscription" => "subscription",
        _ => "",
    }];
    let says = |field: &str, value: &str| detail[field].as_str() == Some(value);
    let told = match kind {
        "Send" => SesEventKind::Sent,
        "Delivery" => SesEventKind::Delivered,
        "Bounce" => SesEventKind::Bounced {
            permanent: says("bounceType", "Permanent"),
            tried: !says("bounceSubType", "OnAccountSuppressionList"),
        },
        "Complaint" if says("complaintFeedbackType", "not-spam") => SesEventKind::NotSpam,
        "Complaint" => SesEventKind::Complained { tried: !says("complaintSubType", "OnAccountSuppressionList") },
        "Reject" => SesEventKind::Rejected,
        "Rendering Failure" => SesEventKind::RenderingFailed,
        "Open" => SesEventKind::Opened,
        "Click" => SesEventKind::Clicked { link: Link(detail["link"].as_str().unwrap_or_default().to_owned()) },
        "DeliveryDelay" => SesEventKind::Delayed,
        "Subscription" => {
            let wants_nothing = &detail["newTopicPreferences"]["unsubscribeAll"];
            SesEventKind::Subscription { unsubscribed: wants_nothing.as_bool() == Some(true) }
        }
        _ => SesEventKind::Unknown,
    };
    (told, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bounce(kind: &str) -> Value {
        json!({
            kind: "Bounce",
            "bounce": { "bounceType": "Permanent", "timestamp": "2026-03-01T12:00:09.000Z", "bouncedRecipients": [] },
            "mail": {
                "timestamp": "2026-03-01T12:00:00.000Z",
                "messageId": "0100",
                "tags": { "message": ["a".repeat(26)], "shop": ["vinyl"], "customer": ["YW5uYQ"] },
            },
        })
    }

    #[test]
    fn an_event_is_read_from_every_envelope() {
        let raw = bounce("eventType");
        let read_raw = read(&raw.to_string()).expect("an event");
        assert_eq!(read_raw.told, SesEventKind::Bounced { permanent: true, tried: true });
        assert_eq!(read_raw.customer.customer.as_str(), "anna");
        let wrapped = json!({ "Type": "Notification", "Message": raw.to_string() });
        assert_eq!(read(&wrapped.to_string()), Ok(read_raw.clone()));
        assert_eq!(read(&bounce("notificationType").to_string()), Ok(read_raw));
    }

    #[test]
    fn what_is_no_event_of_ours_is_told_apart() {
        assert_eq!(read("{"), Err(Unread::Malformed("the JSON")));
        assert_eq!(read("{}"), Err(Unread::Malformed("eventType")));
        let mut others = bounce("eventType");
        others["mail"]["tags"] = json!({});
        assert_eq!(read(&others.to_string()), Err(Unread::NotOurs));
    }

    #[test]
    fn what_ses_did_not_try_does_not_count_against_the_sender() {
        let mut event = bounce("eventType");
        event["bounce"]["bounceSubType"] = "OnAccountSuppressionList".into();
        assert_eq!(
            read(&event.to_string()).expect("an event").told,
            SesEventKind::Bounced { permanent: true, tried: false }
        );
    }
}

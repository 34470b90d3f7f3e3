//! Reading an SES event: raw or wrapped by SNS, with `eventType` (configuration sets) or
//! `notificationType` (identities).

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_lifecycle::message::ProviderReport;
use rekindle_store::CustomerKey;
use serde_json::Value;

/// An event about a mail of ours.
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
    /// Whose message it says to be.
    pub customer: CustomerKey,
    /// What happened, if it concerns the state of the message.
    pub report: Option<ProviderReport>,
    /// The address will never take mail.
    pub permanent: bool,
}

/// Why an event was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Not JSON, or without the parts that every event has.
    #[error("not an SES event: {0} is missing or malformed")]
    Malformed(&'static str),
    /// About a mail without our tags: somebody else's.
    #[error("an event about a mail that is not ours")]
    NotOurs,
}

/// Reads the body of a queue message.
///
/// # Errors
/// Says why it is not an event about one of our mails.
pub fn read(body: &str) -> Result<SesEvent, Unread> {
    let outer: Value = serde_json::from_str(body).map_err(|_| Unread::Malformed("the JSON"))?;
    let event = match outer["Message"].as_str() {
        Some(inner) => serde_json::from_str(inner).map_err(|_| Unread::Malformed("Message"))?,
        None => outer,
    };
    let kind = event["eventType"].as_str().or_else(|| event["notificationType"].as_str());
    let kind = kind.ok_or(Unread::Malformed("eventType"))?;
    let mail = &event["mail"];
    let sent_at = instant(&mail["timestamp"]).ok_or(Unread::Malformed("mail.timestamp"))?;
    let provider_id = mail["messageId"].as_str().ok_or(Unread::Malformed("mail.messageId"))?;
    let tag = |name: &str| mail["tags"][name][0].as_str();
    let message = tag("message").and_then(|id| MessageId::parse(id).ok()).ok_or(Unread::NotOurs)?;
    let shop = tag("shop").and_then(|id| ShopId::parse(id).ok()).ok_or(Unread::NotOurs)?;
    let encoded = [tag("customer").unwrap_or_default(), tag("customer-rest").unwrap_or_default()].concat();
    let id = BASE64URL_NOPAD.decode(encoded.as_bytes()).ok().and_then(|id| String::from_utf8(id).ok());
    let customer = id.and_then(|id| CustomerId::parse(&id).ok()).ok_or(Unread::NotOurs)?;
    let (report, detail) = match kind {
        "Send" => (Some(ProviderReport::Accepted), &event["send"]),
        "Delivery" => (Some(ProviderReport::Delivered), &event["delivery"]),
        "Bounce" => (Some(ProviderReport::Bounced), &event["bounce"]),
        "Complaint" => (Some(ProviderReport::Complained), &event["complaint"]),
        "Reject" => (Some(ProviderReport::Rejected), &event["reject"]),
        "Rendering Failure" => (Some(ProviderReport::Rejected), &event["failure"]),
        _ => (None, &Value::Null),
    };
    Ok(SesEvent {
        sent_at,
        at: instant(&detail["timestamp"]).unwrap_or(sent_at),
        provider_id: provider_id.to_owned(),
        message,
        customer: CustomerKey { shop, customer },
        report,
        permanent: detail["bounceType"].as_str() == Some("Permanent"),
    })
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
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
        assert_eq!(read_raw.report, Some(ProviderReport::Bounced));
        assert!(read_raw.permanent);
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
}

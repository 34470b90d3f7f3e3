//! Reading a report of SES: an event of a configuration set (`eventType`) or a notification of an identity
//! (`notificationType`).

use crate::delivery_report::{DeliveryReport, Link, ReportKind};
use crate::unreadable::Unreadable;
use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::AddressKind;
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_messaging::CANARY_TAG;
use rekindle_store::CustomerKey;
use serde_json::Value;

/// The source of a refusal that a customer gave on SES's own page.
const CONTACT_LIST: &str = "the contact list of SES";

/// When a mail that is a canary was handed over.
pub(crate) fn canary(event: &Value) -> Option<Timestamp> {
    event["mail"]["tags"][CANARY_TAG].as_array()?;
    instant(&event["mail"]["timestamp"])
}

/// An instant as SES and SNS write it.
pub(crate) fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// Reads a report out of its envelope.
pub(crate) fn parse(event: &Value) -> Result<DeliveryReport, Unreadable> {
    let kind = event["eventType"].as_str().or_else(|| event["notificationType"].as_str());
    let kind = kind.ok_or(Unreadable::Malformed("eventType"))?;
    let mail = &event["mail"];
    let sent_at = instant(&mail["timestamp"]).ok_or(Unreadable::Malformed("mail.timestamp"))?;
    let provider_id = mail["messageId"].as_str().ok_or(Unreadable::Malformed("mail.messageId"))?;
    let tag = |name: &str| mail["tags"][name][0].as_str();
    let message = tag("message").and_then(|id| MessageId::parse(id).ok()).ok_or(Unreadable::NotOurs)?;
    let shop = tag("shop").and_then(|id| ShopId::parse(id).ok()).ok_or(Unreadable::NotOurs)?;
    let encoded = [tag("customer").unwrap_or_default(), tag("customer-rest").unwrap_or_default()].concat();
    let id = Base64UrlUnpadded::decode_vec(&encoded).ok().and_then(|id| String::from_utf8(id).ok());
    let customer = id.and_then(|id| CustomerId::parse(&id).ok()).ok_or(Unreadable::NotOurs)?;
    let recipient = match mail["destination"].as_array().map(Vec::as_slice) {
        Some([only]) => only.as_str().and_then(|address| AddressKind::Email.parse(address).ok()),
        _ => None,
    };
    let (kind, detail) = what_happened(kind, event);
    Ok(DeliveryReport {
        channel: Channel::Email,
        customer: CustomerKey { shop, customer },
        message,
        recipient,
        provider_id: provider_id.to_owned(),
        sent_at,
        at: instant(&detail["timestamp"]).unwrap_or(sent_at),
        kind,
    })
}

/// What happened, and the part of the event with its details.
fn what_happened<'e>(kind: &str, event: &'e Value) -> (ReportKind, &'e Value) {
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
    let kind = match kind {
        "Send" => ReportKind::Sent,
        "Delivery" => ReportKind::Delivered,
        "Bounce" => ReportKind::Bounced {
            permanent: says("bounceType", "Permanent"),
            tried: !says("bounceSubType", "OnAccountSuppressionList"),
        },
        "Complaint" if says("complaintFeedbackType", "not-spam") => ReportKind::NotSpam,
        "Complaint" => ReportKind::Complained { tried: !says("complaintSubType", "OnAccountSuppressionList") },
        "Reject" => ReportKind::Rejected,
        "Rendering Failure" => ReportKind::RenderingFailed,
        "Open" => ReportKind::Opened,
        "Click" => ReportKind::Clicked { link: Link(detail["link"].as_str().unwrap_or_default().to_owned()) },
        "DeliveryDelay" => ReportKind::Delayed,
        "Subscription" => {
            let wants_nothing = &detail["newTopicPreferences"]["unsubscribeAll"];
            ReportKind::Subscription { unsubscribed: wants_nothing.as_bool() == Some(true), list: CONTACT_LIST }
        }
        _ => ReportKind::Unknown { field: "eventType" },
    };
    (kind, detail)
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
    fn an_event_and_a_notification_are_the_same_report() {
        let report = parse(&bounce("eventType")).expect("a report");
        assert_eq!(report.kind, ReportKind::Bounced { permanent: true, tried: true });
        assert_eq!((report.channel, report.customer.customer.as_str()), (Channel::Email, "anna"));
        assert_eq!(parse(&bounce("notificationType")), Ok(report));
    }

    #[test]
    fn an_event_about_a_mail_of_another_sender_is_not_ours() {
        let mut others = bounce("eventType");
        others["mail"]["tags"] = json!({});
        assert_eq!(parse(&others), Err(Unreadable::NotOurs));
    }

    #[test]
    fn a_mail_that_ses_did_not_attempt_does_not_count_against_the_sender() {
        let mut event = bounce("eventType");
        event["bounce"]["bounceSubType"] = "OnAccountSuppressionList".into();
        assert_eq!(parse(&event).expect("a report").kind, ReportKind::Bounced { permanent: true, tried: false });
    }
}

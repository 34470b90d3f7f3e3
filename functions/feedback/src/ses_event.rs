//! Reading a report of SES: an event of a configuration set (`eventType`) or a notification of an identity
//! (`notificationType`).

use crate::delivery_report::{DeliveryReport, Link, ReportKind};
use crate::unreadable::Unreadable;
use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use rekindle_lifecycle::bounce::{BounceMeaning, BounceReport, BounceType};
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
        "Bounce" => bounce(detail),
        "Complaint" if says("complaintFeedbackType", "not-spam") => ReportKind::NotSpam,
        "Complaint" => ReportKind::Complained { tried: !says("complaintSubType", "OnAccountSuppressionList") },
        "Reject" => ReportKind::Rejected,
        "Rendering Failure" => ReportKind::RenderingFailed,
        "Open" => ReportKind::Opened,
        "Click" => ReportKind::Clicked {
            link: Link(detail["link"].as_str().unwrap_or_default().to_owned()),
            user_agent: detail["userAgent"].as_str().map(str::to_owned),
            is_marked: is_marked_as_program(detail),
        },
        "DeliveryDelay" => ReportKind::Delayed,
        "Subscription" => {
            let wants_nothing = &detail["newTopicPreferences"]["unsubscribeAll"];
            ReportKind::Subscription { unsubscribed: wants_nothing.as_bool() == Some(true), list: CONTACT_LIST }
        }
        _ => ReportKind::Unknown { field: "eventType" },
    };
    (kind, detail)
}

/// A bounce, with what its report says about the address. Our mails have one recipient.
fn bounce(detail: &Value) -> ReportKind {
    let (of_type, subtype) = (detail["bounceType"].as_str(), detail["bounceSubType"].as_str().unwrap_or_default());
    if subtype == "UnsubscribedRecipient" {
        return ReportKind::Subscription { unsubscribed: true, list: CONTACT_LIST };
    }
    let recipient = &detail["bouncedRecipients"][0];
    let is_on_account_list = subtype == "OnAccountSuppressionList";
    let report = BounceReport {
        of_type: match of_type {
            Some("Permanent") => BounceType::Permanent,
            Some("Transient") => BounceType::Transient,
            _ => BounceType::Undetermined,
        },
        names_cause: !matches!(subtype, "" | "General" | "Undetermined"),
        // "Suppressed" is the list that SES keeps for all its accounts.
        is_on_provider_list: is_on_account_list || subtype == "Suppressed",
        action: recipient["action"].as_str(),
        status: recipient["status"].as_str(),
        diagnosis: recipient["diagnosticCode"].as_str(),
    };
    match report.meaning() {
        BounceMeaning::Nothing => ReportKind::Answered,
        // SES counts what is on its list for all accounts as a bounce of the sender, what is on the account's own not.
        meaning => ReportKind::Bounced { meaning, tried: !is_on_account_list },
    }
}

/// Whether SES marks a click as a program's. Its guide has no field for this yet; one that says so is believed.
fn is_marked_as_program(detail: &Value) -> bool {
    let says_so = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["bot", "automated", "machine", "scanner"].iter().any(|word| name.contains(word))
    };
    detail
        .as_object()
        .is_some_and(|fields| fields.iter().any(|(name, value)| says_so(name) && value.as_bool() == Some(true)))
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
        assert_eq!(report.kind, ReportKind::Bounced { meaning: BounceMeaning::NoSuchMailbox, tried: true });
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
        assert_eq!(
            parse(&event).expect("a report").kind,
            ReportKind::Bounced { meaning: BounceMeaning::OnProviderList, tried: false }
        );
    }

    #[test]
    fn an_out_of_office_answer_is_no_bounce() {
        let mut event = bounce("eventType");
        event["bounce"]["bounceType"] = "Transient".into();
        event["bounce"]["bounceSubType"] = "General".into();
        event["bounce"]["bouncedRecipients"] = json!([{ "emailAddress": "anna@example.com" }]);
        assert_eq!(parse(&event).expect("a report").kind, ReportKind::Answered);
    }

    #[test]
    fn a_click_that_ses_marks_is_a_programs() {
        for (fields, expected) in [
            (json!({ "isBot": true }), true),
            (json!({ "isBot": false }), false),
            (json!({ "userAgent": "bot", "linkTags": null }), false),
        ] {
            assert_eq!(is_marked_as_program(&fields), expected, "{fields}");
        }
    }
}

//! The envelope of what is on the queue: a provider's report or a customer's text, as it is or wrapped by SNS. They are
//! recognised by their shape.

use crate::delivery_report::DeliveryReport;
use crate::inbound_text::{self, InboundText};
use crate::ses_event;
use crate::unreadable::Unreadable;
use jiff::Timestamp;
use serde_json::Value;

/// What is on the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A report about a message.
    Report(DeliveryReport),
    /// A customer's text.
    Text(InboundText),
    /// A message of SNS or SES about the channel itself, not about a mail or a text.
    Control(Control),
    /// A report about a canary: mails leave, and their events arrive.
    Canary {
        /// When the canary was handed over.
        sent_at: Timestamp,
    },
}

/// What SNS and SES say about the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// A topic asks whether the queue wants its messages.
    WantsConfirmation,
    /// A subscription ended: this topic sends nothing any more.
    Unsubscribed,
    /// A notice in words, for example that a topic was validated.
    Notice,
}

/// What a validated topic gets first, in the words of SES, where SNS delivers it without an envelope.
const VALIDATED: &str = "Successfully validated SNS topic";
/// The type of SES's notice that an identity's notifications go to a topic.
const SUBSCRIBED: &str = "AmazonSnsSubscriptionSucceeded";

/// Reads the body of a queue message. `arrived_at` is when it came, for a text whose envelope does not say.
///
/// # Errors
/// Says why it is neither a report about one of our messages nor a customer's text.
pub fn parse(body: &str, arrived_at: Timestamp) -> Result<Incoming, Unreadable> {
    if body.trim_start().starts_with(VALIDATED) {
        return Ok(Incoming::Control(Control::Notice));
    }
    let outer: Value = serde_json::from_str(body).map_err(|_| Unreadable::Malformed("the JSON"))?;
    match outer["Type"].as_str() {
        Some("SubscriptionConfirmation") => return Ok(Incoming::Control(Control::WantsConfirmation)),
        Some("UnsubscribeConfirmation") => return Ok(Incoming::Control(Control::Unsubscribed)),
        _ => {}
    }
    let (inner, sent_at) = match outer["Message"].as_str() {
        Some(prose) if is_prose(prose) => return Ok(Incoming::Control(Control::Notice)),
        Some(inner) => {
            let inner = serde_json::from_str(inner).map_err(|_| Unreadable::Malformed("Message"))?;
            (inner, ses_event::instant(&outer["Timestamp"]))
        }
        None => (outer, None),
    };
    if inner["notificationType"] == SUBSCRIBED {
        return Ok(Incoming::Control(Control::Notice));
    }
    if inbound_text::is_inbound_text(&inner) {
        return inbound_text::parse(&inner, sent_at.unwrap_or(arrived_at)).map(Incoming::Text);
    }
    if let Some(sent_at) = ses_event::canary(&inner) {
        return Ok(Incoming::Canary { sent_at });
    }
    ses_event::parse(&inner).map(Incoming::Report)
}

/// Whether a message in an envelope is written for people: it does not even begin as JSON.
fn is_prose(message: &str) -> bool {
    let begins = message.trim_start().chars().next();
    begins.is_some_and(|first| !matches!(first, '{' | '[' | '"' | '-') && !first.is_ascii_digit())
}

/// Reads the body of a queue message that should be a report.
///
/// # Errors
/// Says why it is not a report about one of our messages.
pub fn parse_report(body: &str) -> Result<DeliveryReport, Unreadable> {
    match parse(body, Timestamp::UNIX_EPOCH)? {
        Incoming::Report(report) => Ok(report),
        Incoming::Text(_) | Incoming::Control(_) | Incoming::Canary { .. } => Err(Unreadable::NotOurs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_report_and_a_text_are_recognised_in_either_envelope() {
        let arrived: Timestamp = "2026-03-01T12:00:00Z".parse().expect("an instant");
        let text = json!({ "originationNumber": "+12025550143", "messageBody": "Hi", "inboundMessageId": "i1" });
        let read_at = |body: &Value| match parse(&body.to_string(), arrived) {
            Ok(Incoming::Text(text)) => text.at,
            other => panic!("{other:?}"),
        };
        assert_eq!(read_at(&text), arrived);
        let wrapped = json!({ "Message": text.to_string(), "Timestamp": "2026-03-01T11:59:58.000Z" });
        assert_eq!(read_at(&wrapped), "2026-03-01T11:59:58Z".parse().expect("an instant"));
        let bounce = json!({
            "eventType": "Bounce", "bounce": { "bounceType": "Permanent" },
            "mail": { "timestamp": "2026-03-01T12:00:00.000Z", "messageId": "0100", "destination": ["a@example.com"],
                      "tags": { "message": ["a".repeat(26)], "shop": ["vinyl"], "customer": ["YW5uYQ"] } },
        });
        let wrapped = json!({ "Type": "Notification", "Message": bounce.to_string() });
        assert_eq!(parse_report(&wrapped.to_string()), parse_report(&bounce.to_string()));
        assert!(parse_report(&bounce.to_string()).is_ok());
        assert_eq!(parse_report(&text.to_string()), Err(Unreadable::NotOurs));
        assert_eq!(parse("{", arrived), Err(Unreadable::Malformed("the JSON")));
        assert_eq!(parse("{\"Message\":\"{\"}", arrived), Err(Unreadable::Malformed("Message")));
        assert_eq!(parse("{}", arrived), Err(Unreadable::Malformed("eventType")));
    }

    #[test]
    fn messages_about_the_channel_are_understood_in_every_form() {
        let arrived = Timestamp::UNIX_EPOCH;
        let sns = |kind: &str, message: &str| {
            json!({ "Type": kind, "Message": message, "TopicArn": "arn:aws:sns:x:1:t" }).to_string()
        };
        let validated = "Successfully validated SNS topic for Amazon SES event publishing.";
        let subscribed =
            json!({ "notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have subscribed" })
                .to_string();
        for (body, control) in [
            (sns("Notification", validated), Control::Notice),
            (validated.to_owned(), Control::Notice),
            (sns("Notification", &subscribed), Control::Notice),
            (subscribed.clone(), Control::Notice),
            (sns("SubscriptionConfirmation", "You have chosen to subscribe to the topic"), Control::WantsConfirmation),
            (sns("UnsubscribeConfirmation", "You have chosen to deactivate subscription"), Control::Unsubscribed),
        ] {
            assert_eq!(parse(&body, arrived), Ok(Incoming::Control(control)), "{body}");
        }
        assert_eq!(parse("gibberish", arrived), Err(Unreadable::Malformed("the JSON")));
    }
}

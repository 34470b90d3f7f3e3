//! The envelope: what is on the queue, raw or wrapped by SNS, is a report of SES or a text of a customer. They are told
//! apart by their shape.

use crate::inbound_text::{self, InboundText};
use crate::ses_event::{self, SesEvent};
use jiff::Timestamp;
use rekindle_messaging::CANARY_TAG;
use serde_json::Value;

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// SES reports about a mail.
    Report(SesEvent),
    /// A customer texts.
    Text(InboundText),
    /// SES reports about a canary: mails leave, and their events come.
    Canary {
        /// When the canary was handed over.
        sent_at: Timestamp,
    },
}

/// Why something was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Not JSON, or without the parts that every report and every text has.
    #[error("neither a report of SES nor a text: {0} is missing or malformed")]
    Malformed(&'static str),
    /// About a mail without our tags: somebody else's.
    #[error("an event about a mail that is not ours")]
    NotOurs,
    /// A text from something that is no phone number, such as a short code: nobody to answer.
    #[error("a text that is not from a phone number")]
    NotANumber,
}

/// Reads the body of a queue message. `arrived_at` is when it came, for a text whose envelope does not say.
///
/// # Errors
/// Says why it is neither a report about one of our mails nor a customer's text.
pub fn read(body: &str, arrived_at: Timestamp) -> Result<Incoming, Unread> {
    let outer: Value = serde_json::from_str(body).map_err(|_| Unread::Malformed("the JSON"))?;
    let (inner, sent_at) = match outer["Message"].as_str() {
        Some(inner) => {
            let inner = serde_json::from_str(inner).map_err(|_| Unread::Malformed("Message"))?;
            (inner, instant(&outer["Timestamp"]))
        }
        None => (outer, None),
    };
    if inbound_text::is_one(&inner) {
        return inbound_text::parse(&inner, sent_at.unwrap_or(arrived_at)).map(Incoming::Text);
    }
    if let Some(sent_at) = canary(&inner) {
        return Ok(Incoming::Canary { sent_at });
    }
    ses_event::parse(&inner).map(Incoming::Report)
}

/// When a mail that is a canary was handed over.
fn canary(event: &Value) -> Option<Timestamp> {
    event["mail"]["tags"][CANARY_TAG].as_array()?;
    instant(&event["mail"]["timestamp"])
}

pub(crate) fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_report_and_a_text_are_told_apart_in_either_envelope() {
        let arrived: Timestamp = "2026-03-01T12:00:00Z".parse().expect("an instant");
        let text = json!({ "originationNumber": "+12025550143", "messageBody": "Hi", "inboundMessageId": "i1" });
        let read_at = |body: &Value| match read(&body.to_string(), arrived) {
            Ok(Incoming::Text(text)) => text.at,
            other => panic!("{other:?}"),
        };
        assert_eq!(read_at(&text), arrived);
        let wrapped = json!({ "Message": text.to_string(), "Timestamp": "2026-03-01T11:59:58.000Z" });
        assert_eq!(read_at(&wrapped), "2026-03-01T11:59:58Z".parse().expect("an instant"));
        assert_eq!(read("{", arrived), Err(Unread::Malformed("the JSON")));
        assert_eq!(read("{\"Message\":\"{\"}", arrived), Err(Unread::Malformed("Message")));
        assert_eq!(read("{}", arrived), Err(Unread::Malformed("eventType")));
    }
}

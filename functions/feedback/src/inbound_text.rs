//! A text that a customer sent: the form in which two-way SMS publishes it.

use crate::unreadable::Unreadable;
use jiff::Timestamp;
use rekindle_lifecycle::contact::PhoneNumber;
use serde_json::Value;

/// A text. `Debug` shows neither the number nor what was written.
#[derive(Clone, PartialEq, Eq)]
pub struct InboundText {
    /// The provider's id: the same for every delivery of the same text.
    pub id: String,
    /// The sender's number.
    pub from: PhoneNumber,
    /// What it says.
    pub body: String,
    /// When it arrived.
    pub at: Timestamp,
}

/// Whether a value has the shape of a text.
pub(crate) fn is_inbound_text(value: &Value) -> bool {
    value.get("inboundMessageId").is_some() && value.get("originationNumber").is_some()
}

/// Reads a text that arrived at `at`.
pub(crate) fn parse(value: &Value, at: Timestamp) -> Result<InboundText, Unreadable> {
    let id = value["inboundMessageId"].as_str().filter(|id| !id.is_empty());
    let id = id.ok_or(Unreadable::Malformed("inboundMessageId"))?.to_owned();
    let body = value["messageBody"].as_str().ok_or(Unreadable::Malformed("messageBody"))?.to_owned();
    let from = value["originationNumber"].as_str().ok_or(Unreadable::Malformed("originationNumber"))?;
    let from = PhoneNumber::parse(from).map_err(|_| Unreadable::NotANumber)?;
    Ok(InboundText { id, from, body, at })
}

impl std::fmt::Debug for InboundText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InboundText({}, {} bytes)", self.id, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_needs_an_id_a_body_and_a_number() {
        let text = |number: Value, body: Value, id: Value| {
            let value = json!({ "originationNumber": number, "messageBody": body, "inboundMessageId": id });
            parse(&value, Timestamp::UNIX_EPOCH)
        };
        let good = text(json!("+12025550143"), json!("Secret"), json!("i1")).expect("a text");
        assert_eq!(format!("{good:?}"), "InboundText(i1, 6 bytes)");
        assert_eq!(text(json!("22395"), json!("Hi"), json!("i1")), Err(Unreadable::NotANumber));
        assert_eq!(text(json!("+12025550143"), json!(7), json!("i1")), Err(Unreadable::Malformed("messageBody")));
        assert_eq!(text(json!("+12025550143"), json!("Hi"), json!("")), Err(Unreadable::Malformed("inboundMessageId")));
    }
}

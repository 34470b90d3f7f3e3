//! Forms of the query protocol, and what a `Publish` must look like.

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::http::header;

/// SNS splits a longer text into parts, up to this many characters in all.
const LONGEST_TEXT: usize = 1_600;

/// A form, in the order given.
pub(super) struct Form(Vec<(String, String)>);

/// A text to send.
pub(super) struct Text {
    pub(super) phone: String,
    pub(super) message: String,
    /// The message attributes with a text as value, sorted by their place in the form.
    pub(super) attributes: Vec<(String, String)>,
}

impl Form {
    /// `None` when the body is no form.
    pub(super) async fn parse(body: &Bytes) -> Option<Self> {
        let request = http::Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(body.clone()))
            .ok()?;
        let axum::Form(pairs) = axum::Form::from_request(request, &()).await.ok()?;
        Some(Self(pairs))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `MessageAttributes.entry.1.Name`, `MessageAttributes.entry.1.Value.StringValue`, and so on.
    fn attributes(&self) -> Vec<(String, String)> {
        let part = |at: usize, part: &str| self.get(&format!("MessageAttributes.entry.{at}.{part}"));
        (1..)
            .map_while(|at| part(at, "Name").map(|name| (name, part(at, "Value.StringValue"))))
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect()
    }
}

/// The text that a `Publish` asks to send, or the error code and message of its refusal.
pub(super) fn text(form: &Form) -> Result<Text, (&'static str, String)> {
    let invalid = |message: &str| ("InvalidParameter", format!("Invalid parameter: {message}"));
    if form.get("TopicArn").or_else(|| form.get("TargetArn")).is_some() {
        return Err(invalid("TopicArn Reason: the local stack plays texts to a PhoneNumber only"));
    }
    let phone = form.get("PhoneNumber").unwrap_or_default();
    if !is_e164(phone) {
        return Err(invalid("PhoneNumber Reason: the number is not valid to publish to; write it as E.164"));
    }
    let message = form.get("Message").unwrap_or_default();
    if message.is_empty() {
        return Err(invalid("Empty message"));
    }
    if message.chars().count() > LONGEST_TEXT {
        return Err(invalid(&format!("Message too long; a text has at most {LONGEST_TEXT} characters")));
    }
    Ok(Text { phone: phone.to_owned(), message: message.to_owned(), attributes: form.attributes() })
}

/// `+`, a country code that does not begin with 0, and 7 to 15 digits in all.
pub(super) fn is_e164(phone: &str) -> bool {
    phone.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
    })
}

//! Forms of the query protocol, and the checks of a `Publish`.

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::http::header;

/// Most characters of a text, over all of its parts.
const MAX_TEXT_CHARS: usize = 1_600;

/// The fields of a form, in their order.
pub(super) struct Form(Vec<(String, String)>);

/// A text to send.
pub(super) struct Text {
    pub(super) phone: String,
    pub(super) message: String,
    /// The message attributes with a text value, in the order of the form.
    pub(super) attributes: Vec<(String, String)>,
}

impl Form {
    /// Parses a form; `None` if the body is none.
    pub(super) async fn parse(body: &Bytes) -> Option<Self> {
        let request = http::Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(body.clone()))
            .ok()?;
        let axum::Form(pairs) = axum::Form::from_request(request, &()).await.ok()?;
        Some(Self(pairs))
    }

    /// The value of the first field of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The values of `MessageAttributes.entry.1.Name`, `MessageAttributes.entry.1.Value.StringValue`, and so on.
    fn attributes(&self) -> Vec<(String, String)> {
        let part = |at: usize, part: &str| self.get(&format!("MessageAttributes.entry.{at}.{part}"));
        (1..)
            .map_while(|at| part(at, "Name").map(|name| (name, part(at, "Value.StringValue"))))
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect()
    }
}

/// The text that a `Publish` asks to send, or the error code and message of a refusal.
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
    if message.chars().count() > MAX_TEXT_CHARS {
        return Err(invalid(&format!("Message too long; a text has at most {MAX_TEXT_CHARS} characters")));
    }
    Ok(Text { phone: phone.to_owned(), message: message.to_owned(), attributes: form.attributes() })
}

/// Whether a phone number is E.164: `+` and 7 to 15 digits, the first of which is not 0.
pub(super) fn is_e164(phone: &str) -> bool {
    phone.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
    })
}

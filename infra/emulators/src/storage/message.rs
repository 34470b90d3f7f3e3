//! A mail or text as the provider accepts it.

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use serde::{Deserialize, Serialize};

/// A mail or text to store: everything that the request said.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Mail or text.
    pub channel: Channel,
    /// The message id in the provider's answer.
    pub provider_id: String,
    /// The subject of a mail.
    pub subject: Option<String>,
    /// The text part of a mail, or the text message.
    pub text: Option<String>,
    /// The HTML part of a mail.
    pub html: Option<String>,
    /// The rest of the request.
    pub request: Request,
}

/// What a request says beside its content.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The sender; for a text its sender id, if any.
    pub from: Option<String>,
    /// The recipients: addresses, or one phone number.
    pub to: Vec<String>,
    /// Recipients of a carbon copy.
    pub cc: Vec<String>,
    /// Recipients of a blind copy.
    pub bcc: Vec<String>,
    /// The addresses for answers.
    pub reply_to: Vec<String>,
    /// Extra headers, in their order.
    pub headers: Vec<(String, String)>,
    /// SES's message tags or SNS's message attributes, in their order.
    pub tags: Vec<(String, String)>,
    /// SES's configuration set.
    pub configuration_set: Option<String>,
    /// SES's tenant.
    pub tenant: Option<String>,
}

/// The tags that Rekindle sets on its messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageTags {
    /// `shop`
    pub shop: Option<String>,
    /// `customer`
    pub customer: Option<String>,
    /// `journey`
    pub journey: Option<String>,
    /// `step`
    pub step: Option<String>,
    /// `message`: Rekindle's own id of the message
    pub message: Option<String>,
}

/// A message in the mailbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number in the mailbox; later messages have higher ones.
    pub id: i64,
    /// When it was accepted.
    pub sent_at: Timestamp,
    /// Its content and recipients.
    pub content: NewMessage,
}

/// A message as a list shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its number in the mailbox.
    pub id: i64,
    /// Mail or text.
    pub channel: Channel,
    /// The first recipient.
    pub recipient: String,
    /// The id of its journey, if it has that tag.
    pub journey: Option<String>,
    /// The id of its step, if it has that tag.
    pub step: Option<String>,
    /// When it was accepted.
    pub sent_at: Timestamp,
    /// The subject of a mail.
    pub subject: Option<String>,
    /// The beginning of its text, on one line.
    pub preview: String,
}

impl Request {
    /// The value of the first tag of a name.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(tag, _)| tag == name).map(|(_, value)| value.as_str())
    }

    /// The value of the first extra header of a name, which is compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The tags that Rekindle sets on its messages.
    #[must_use]
    pub fn rekindle_tags(&self) -> MessageTags {
        let tag = |name| self.tag(name).map(str::to_owned);
        MessageTags {
            shop: tag("shop"),
            customer: tag("customer"),
            journey: tag("journey"),
            step: tag("step"),
            message: tag("message"),
        }
    }

    /// The customer's id. It is encoded as base64url in two tags, since a tag is short and allows few characters.
    #[must_use]
    pub fn customer(&self) -> Option<String> {
        let encoded = [self.tag("customer")?, self.tag("customer-rest").unwrap_or_default()].concat();
        String::from_utf8(Base64UrlUnpadded::decode_vec(&encoded).ok()?).ok()
    }

    /// All recipients, blind copies included.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        self.to.iter().chain(&self.cc).chain(&self.bcc).map(String::as_str)
    }
}

impl NewMessage {
    /// The beginning of the text, on one line.
    pub(super) fn preview(&self) -> String {
        const MAX_CHARS: usize = 140;
        let mut preview = String::new();
        for word in self.text.as_deref().unwrap_or_default().split_whitespace() {
            if preview.chars().count() + word.chars().count() >= MAX_CHARS {
                preview.push('…');
                break;
            }
            if !preview.is_empty() {
                preview.push(' ');
            }
            preview.push_str(word);
        }
        preview
    }
}

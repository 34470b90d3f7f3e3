//! A mail or text as the provider accepted it.

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use serde::{Deserialize, Serialize};

/// A mail or text that is about to be accepted: everything that the request said.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Mail or text.
    pub channel: Channel,
    /// The message id that the provider answered with.
    pub provider_id: String,
    /// The subject, for a mail.
    pub subject: Option<String>,
    /// The text part of a mail, or the text.
    pub text: Option<String>,
    /// The HTML part of a mail.
    pub html: Option<String>,
    /// The rest of the request.
    pub request: Request,
}

/// What a request said beside its content.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The sender; for a text, its sender id if it had one.
    pub from: Option<String>,
    /// The recipients: addresses, or one phone number.
    pub to: Vec<String>,
    /// Recipients of a carbon copy.
    pub cc: Vec<String>,
    /// Recipients of a blind copy.
    pub bcc: Vec<String>,
    /// Where answers go.
    pub reply_to: Vec<String>,
    /// The extra headers, in the order given.
    pub headers: Vec<(String, String)>,
    /// SES's message tags or SNS's message attributes, in the order given.
    pub tags: Vec<(String, String)>,
    /// SES's configuration set.
    pub configuration_set: Option<String>,
    /// SES's tenant.
    pub tenant: Option<String>,
}

/// The tags by which Rekindle marks its messages.
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
    /// `message`, the message id of Rekindle's own
    pub message: Option<String>,
}

/// A message in the mailbox, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its place in the mailbox; a later message has a higher one.
    pub id: i64,
    /// When it was accepted.
    pub sent_at: Timestamp,
    /// What was accepted.
    pub content: NewMessage,
}

/// A message as one line of a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its place in the mailbox.
    pub id: i64,
    /// Mail or text.
    pub channel: Channel,
    /// The first recipient.
    pub recipient: String,
    /// The journey, if it was tagged with one.
    pub journey: Option<String>,
    /// The step, if it was tagged with one.
    pub step: Option<String>,
    /// When it was accepted.
    pub sent_at: Timestamp,
    /// The subject, for a mail.
    pub subject: Option<String>,
    /// The beginning of its text.
    pub preview: String,
}

impl Request {
    /// The value of the first tag of that name.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(tag, _)| tag == name).map(|(_, value)| value.as_str())
    }

    /// The value of the first extra header of that name, in whatever case it was written.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The tags by which Rekindle marks its messages.
    #[must_use]
    pub fn marks(&self) -> MessageTags {
        let tag = |name| self.tag(name).map(str::to_owned);
        MessageTags {
            shop: tag("shop"),
            customer: tag("customer"),
            journey: tag("journey"),
            step: tag("step"),
            message: tag("message"),
        }
    }

    /// The customer's id, which two tags hold in base 64 (a tag takes few characters, and not many of them).
    #[must_use]
    pub fn customer(&self) -> Option<String> {
        let encoded = [self.tag("customer")?, self.tag("customer-rest").unwrap_or_default()].concat();
        String::from_utf8(Base64UrlUnpadded::decode_vec(&encoded).ok()?).ok()
    }

    /// Everybody who gets it.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        self.to.iter().chain(&self.cc).chain(&self.bcc).map(String::as_str)
    }
}

impl NewMessage {
    /// The beginning of the text on one line, for lists.
    pub(super) fn preview(&self) -> String {
        const CHARACTERS: usize = 140;
        let mut preview = String::new();
        for word in self.text.as_deref().unwrap_or_default().split_whitespace() {
            if preview.chars().count() + word.chars().count() >= CHARACTERS {
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

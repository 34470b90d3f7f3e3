//! What the templates show of a message: fields that are formatted already.

use super::{mailbox_name, sms_parts};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rekindle_emulators::{Message, Summary};
use rekindle_lifecycle::channel::TemplateForm;
use serde::Serialize;

/// A message in the list.
#[derive(Serialize)]
pub(super) struct Line {
    pub(super) id: i64,
    is_sms: bool,
    recipient: String,
    title: String,
    preview: String,
    journey: Option<String>,
    step: Option<String>,
    date: String,
}

/// The message beside the list.
#[derive(Serialize)]
pub(super) struct MessageView {
    id: i64,
    is_sms: bool,
    title: String,
    from: Option<String>,
    to: String,
    date: String,
    shop: Option<String>,
    customer: Option<String>,
    /// The customer's id, encoded for a URL.
    customer_path: Option<String>,
    journey: Option<String>,
    step: Option<String>,
    reason: Option<String>,
    unsubscribe: Unsubscribe,
    has_html: bool,
    text: Option<String>,
    headers: Vec<(String, String)>,
    tags: Vec<(String, String)>,
    size: Option<String>,
}

/// How the recipient can unsubscribe from within the mail program.
#[derive(Serialize)]
struct Unsubscribe {
    /// There is a `List-Unsubscribe` header.
    is_there: bool,
    /// There is a `List-Unsubscribe-Post` header too (RFC 8058).
    is_one_click: bool,
    /// The URL in it.
    link: Option<String>,
}

impl From<Summary> for Line {
    fn from(message: Summary) -> Self {
        let is_sms = message.channel.row().template == TemplateForm::Text;
        Self {
            id: message.id,
            is_sms,
            title: message.subject.unwrap_or_else(|| message.preview.clone()),
            preview: if is_sms { String::new() } else { message.preview },
            recipient: message.recipient,
            journey: message.journey,
            step: message.step,
            date: message.sent_at.strftime("%-d %b %Y, %H:%M").to_string(),
        }
    }
}

impl MessageView {
    pub(super) fn new(message: Message, reason: Option<String>) -> Self {
        let content = message.content;
        let tags = content.request.rekindle_tags();
        let is_sms = content.channel.row().template == TemplateForm::Text;
        let request = &content.request;
        let to = request.recipients().collect::<Vec<_>>().join(", ");
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers = vec![header("From", request.from.as_deref().unwrap_or_default()), header("To", &to)];
        if !request.reply_to.is_empty() {
            headers.push(header("Reply-To", &request.reply_to.join(", ")));
        }
        headers.push(header("Subject", content.subject.as_deref().unwrap_or_default()));
        headers.push(header("Date", &internet_date(message.sent_at)));
        headers.push(header("Message-ID", &format!("<{}@email.amazonses.com>", content.provider_id)));
        headers.extend(request.headers.iter().cloned());
        let list_unsubscribe = request.header("List-Unsubscribe");
        Self {
            id: message.id,
            is_sms,
            title: content.subject.clone().unwrap_or_else(|| "Text message".to_owned()),
            from: request.from.as_deref().map(mailbox_name::readable),
            date: message.sent_at.strftime("%a %-d %b %Y, %H:%M UTC").to_string(),
            reason,
            unsubscribe: Unsubscribe {
                is_there: list_unsubscribe.is_some(),
                is_one_click: list_unsubscribe.is_some() && request.header("List-Unsubscribe-Post").is_some(),
                link: list_unsubscribe.and_then(web_address),
            },
            has_html: content.html.is_some(),
            size: content.text.as_deref().filter(|_| is_sms).map(size),
            headers,
            tags: request.tags.clone(),
            to,
            text: content.text,
            shop: tags.shop,
            customer_path: request.customer().map(|id| utf8_percent_encode(&id, NON_ALPHANUMERIC).to_string()),
            customer: request.customer(),
            journey: tags.journey,
            step: tags.step,
        }
    }
}

/// The size of a text, such as "96 characters, 1 part, GSM-7".
fn size(text: &str) -> String {
    let (parts, alphabet) = sms_parts::count(text);
    let s = if parts == 1 { "" } else { "s" };
    format!("{} characters, {parts} part{s}, {alphabet}", text.chars().count())
}

/// A date in the form of RFC 5322.
fn internet_date(at: Timestamp) -> String {
    at.strftime("%a, %-d %b %Y %H:%M:%S +0000").to_string()
}

/// The first URL in `<https://…>, <mailto:…>`. Nothing else may become a link.
fn web_address(header: &str) -> Option<String> {
    let addresses = header.split(',').map(|part| part.trim().trim_start_matches('<').trim_end_matches('>'));
    addresses.into_iter().find(|part| part.starts_with("https://") || part.starts_with("http://")).map(str::to_owned)
}

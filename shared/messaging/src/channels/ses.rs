//! E-mail through SES: one attempt to hand a mail over.

use super::mail_stream::MailStream;
use super::mailbox::mailbox;
use super::outcome::{Dispatched, ProviderCodes, classify};
use super::tags;
use crate::brand::{Brand, is_web_address};
use crate::template::RenderedEmail;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag};
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::message::AttemptOutcome;

/// A mail on its way out. It always has one recipient: a complaint can list every recipient at a domain.
#[derive(Debug, Clone, Copy)]
pub struct OutgoingEmail<'a> {
    /// The recipient.
    pub to: &'a EmailAddress,
    /// The shop that sends it.
    pub brand: &'a Brand,
    /// What it says.
    pub rendered: &'a RenderedEmail,
    /// The one-click unsubscribe link (RFC 8058), for the header: absolute, https outside of a local stack.
    pub unsubscribe_url: &'a str,
    /// Whose it is and of which journey, for the headers by which it is sorted and counted.
    pub stream: MailStream<'a>,
    /// Come back with every event about this mail; the message id is one of them. Names and values of 1
    /// to 256 characters of `A-Za-z0-9_-`.
    pub tags: &'a [(String, String)],
}

/// Sends mail through SES. It never repeats a request: SES has no idempotency token, so the SDK's own retries could send a
/// mail twice.
#[derive(Debug, Clone)]
pub struct Mailer {
    pub(super) client: Client,
    pub(super) configuration_set: Option<String>,
}

/// Most characters of a header's value.
const MAX_HEADER_LEN: usize = 995;

/// The codes that SES has of its own. It says `TooManyRequestsException` above the rate, and also when the day's quota is
/// used up; then its message names the day.
pub(super) const SES_CODES: ProviderCodes = ProviderCodes {
    not_now: &["AccountSuspendedException", "SendingPausedException"],
    too_fast: &["TooManyRequestsException"],
    quota_used_up: &["LimitExceededException"],
};

impl Mailer {
    /// Sends with this client's region, credentials and timeouts; its retries are switched off here,
    /// whatever they were. The configuration set is what makes SES publish events about the mail.
    #[must_use]
    pub fn new(client: &Client, configuration_set: Option<String>) -> Self {
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), configuration_set }
    }

    /// Makes at most one request. The outcome says what is known of it: `Ambiguous` for a timeout, a broken connection, an
    /// unreadable answer and every 5xx; `TooFast` and `QuotaUsedUp` where SES accepts no more; `RejectedForNow` for a paused
    /// account and wrong credentials; `RejectedForGood` for any other refusal, and for a mail that cannot be sent as it is (a
    /// bad tag or header), of which nothing leaves the machine.
    pub async fn send(&self, email: &OutgoingEmail<'_>) -> AttemptOutcome {
        let (content, to) = match prepare(email) {
            Ok(prepared) => prepared,
            Err(reason) => return AttemptOutcome::RejectedForGood { reason },
        };
        let brand = email.brand.settings();
        let mut request = self
            .client
            .send_email()
            .from_email_address(mailbox(&brand.sender_name, &brand.sender_address))
            .destination(Destination::builder().to_addresses(to).build())
            .content(content)
            .set_configuration_set_name(self.configuration_set.clone());
        if let Some(reply_to) = &brand.reply_to {
            request = request.reply_to_addresses(reply_to.as_str());
        }
        let tags = email.tags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in tags.chain(email.stream.feedback_tags()) {
            match MessageTag::builder().name(name).value(value).build() {
                Ok(tag) => request = request.email_tags(tag),
                Err(_) => return AttemptOutcome::RejectedForGood { reason: "a tag is incomplete".to_owned() },
            }
        }
        let dispatched = Dispatched::default();
        match request.customize().interceptor(dispatched.clone()).send().await {
            Ok(answer) => match answer.message_id() {
                Some(id) => AttemptOutcome::Accepted { provider_id: id.to_owned() },
                None => AttemptOutcome::Ambiguous { reason: "the answer names no message id".to_owned() },
            },
            Err(error) => classify(&error, &dispatched, &SES_CODES),
        }
    }
}

/// The content and the recipient, or why this mail cannot be sent.
fn prepare(email: &OutgoingEmail<'_>) -> Result<(EmailContent, String), String> {
    if let Some(problem) = tags::first_bad(email.tags) {
        return Err(problem);
    }
    if email.rendered.subject.chars().any(char::is_control) {
        return Err("the subject contains a line break or another control character".to_owned());
    }
    if !is_web_address(email.unsubscribe_url) {
        return Err("the unsubscribe link is not an absolute http or https address".to_owned());
    }
    let to = deliverable(email.to)?;
    let incomplete = |_: BuildError| "a part of the mail is incomplete".to_owned();
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build().map_err(incomplete);
    let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build().map_err(incomplete);
    let message = Message::builder()
        .subject(utf8(&email.rendered.subject)?)
        .body(Body::builder().html(utf8(&email.rendered.html)?).text(utf8(&email.rendered.text)?).build())
        .headers(header("List-ID", &email.stream.list_id(&email.brand.settings().sender_address))?)
        .headers(header("List-Unsubscribe", &list_unsubscribe(email)?)?)
        .headers(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?);
    let message = match email.stream.automatic {
        Some(automatic) => message.headers(header("Auto-Submitted", automatic.value())?),
        None => message,
    };
    Ok((EmailContent::builder().simple(message.build()).build(), to))
}

/// RFC 2369 and RFC 8058: the one-click link, and after it the shop's unsubscribe mailbox, if it has one.
fn list_unsubscribe(email: &OutgoingEmail<'_>) -> Result<String, String> {
    let mut value = format!("<{}>", email.unsubscribe_url);
    if let Some(address) = &email.brand.settings().unsubscribe_address {
        value.push_str(&format!(", <mailto:{}?subject=unsubscribe>", uri_address(address)));
    }
    if value.len() > MAX_HEADER_LEN {
        Err("the unsubscribe link is too long for a header".to_owned())
    } else {
        Ok(value)
    }
}

/// The address with the characters escaped that mean something in a URI.
fn uri_address(address: &EmailAddress) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"@.-_~+".contains(&b);
    let escape = |b: u8| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    address.as_str().bytes().map(escape).collect()
}

/// The address as SES takes it: the domain in ASCII (IDNA); the part before it has no such form.
pub(super) fn deliverable(address: &EmailAddress) -> Result<String, String> {
    let (local, domain) = address.as_str().rsplit_once('@').unwrap_or_default();
    if !local.is_ascii() {
        return Err("SES cannot send to an address with letters outside ASCII before the @".to_owned());
    }
    let domain = idna::domain_to_ascii(domain).map_err(|_| "the address has a domain that cannot exist".to_owned())?;
    Ok(format!("{local}@{domain}"))
}

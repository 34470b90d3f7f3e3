//! The events that providers publish about simulated customers: SES about mails, two-way SMS about texts. The forms are those
//! of their developer guides.

use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::ses::events::describe;
use rekindle_emulators::{Message, Outcome};
use rekindle_lifecycle::id::short_digest;
use serde_json::{Value, json};

/// The browser of people, and the program that follows links.
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";
const SCANNER: &str = "LinkChecker/1.0";
/// Time between two links that a program follows.
const LINK_INTERVAL: SignedDuration = SignedDuration::from_millis(100);
/// The shop's own number.
const OUR_NUMBER: &str = "+12025550100";

/// The images of a mail were loaded.
pub(super) fn open(mail: &Message, now: Timestamp) -> Value {
    let open = json!({ "ipAddress": "192.0.2.77", "timestamp": rfc3339(now), "userAgent": AGENT });
    json!({ "eventType": "Open", "mail": mail_object(mail), "open": open })
}

/// A link was followed.
pub(super) fn click(mail: &Message, link: &str, now: Timestamp) -> Value {
    followed(mail, link, AGENT, now)
}

/// A program followed all links, one right after the other, the last one now.
pub(super) fn scan(mail: &Message, links: &[String], now: Timestamp) -> Vec<Value> {
    let before = |place: usize| LINK_INTERVAL * i32::try_from(links.len() - 1 - place).unwrap_or(0);
    links.iter().enumerate().map(|(place, link)| followed(mail, link, SCANNER, now - before(place))).collect()
}

fn followed(mail: &Message, link: &str, agent: &str, at: Timestamp) -> Value {
    let click = json!({
        "ipAddress": "192.0.2.77", "timestamp": rfc3339(at), "userAgent": agent, "link": link, "linkTags": null,
    });
    json!({ "eventType": "Click", "mail": mail_object(mail), "click": click })
}

/// The outcome of a mail, after its delivery.
pub(super) fn outcome(mail: &Message, outcome: Outcome, now: Timestamp) -> Value {
    let to = mail.content.request.recipients().next().unwrap_or_default();
    let (name, detail) = outcome.detail(to, now);
    json!({ "eventType": outcome.name(), "mail": mail_object(mail), name: detail })
}

/// A text of a customer, in answer to one of ours.
pub(super) fn text(ours: &Message, body: &str) -> Value {
    json!({
        "originationNumber": ours.content.request.recipients().next(),
        "destinationNumber": OUR_NUMBER,
        "messageKeyword": "KEYWORD_000000000000",
        "messageBody": body,
        // The same whenever the event is published again, as a provider's is.
        "inboundMessageId": short_digest(&["inbound", &ours.content.provider_id, body], 26),
        "previousPublishedMessageId": ours.content.provider_id,
    })
}

fn mail_object(mail: &Message) -> Value {
    describe(&mail.content, mail.sent_at)
}

fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

//! The events that SES publishes about a mail, by its developer guide ("Contents of event data that Amazon SES publishes to Amazon
//! SNS"), and the envelope in which SNS puts it on a queue.

use super::request::bare_address;
use crate::{NewMessage, Outgoing, SuppressedReason, identifiers};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The domain of SES's mailbox simulator, with its sign.
const SIMULATOR: &str = "@simulator.amazonses.com";
const ACCOUNT: &str = "000000000000";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:rekindle-ses-events";

/// The outcome of a mail that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The recipient's mail server accepted it.
    Delivery,
    /// The address does not exist.
    PermanentBounce,
    /// SES did not try, because the address bounced recently.
    SuppressedBounce,
    /// SES did not try, because the address is on the account's suppression list after a bounce.
    ListedBounce,
    /// The same, after a complaint.
    ListedComplaint,
    /// The mailbox is full.
    TransientBounce,
    /// The recipient reported it as spam.
    Complaint,
    /// SES found a virus and did not send it.
    Reject,
    /// The recipient's mail server asked SES to try again later.
    DeliveryDelay,
}

impl Outcome {
    /// The outcomes of a mail to an address: those that SES's mailbox simulator documents, or a delivery.
    #[must_use]
    fn for_address(address: &str) -> &'static [Self] {
        let address = bare_address(address).to_ascii_lowercase();
        let local = address.split('@').next().unwrap_or_default();
        if !address.ends_with(SIMULATOR) {
            return &[Self::Delivery];
        }
        match local.split('+').next().unwrap_or_default() {
            "bounce" => &[Self::PermanentBounce],
            "complaint" => &[Self::Delivery, Self::Complaint],
            "suppressionlist" => &[Self::SuppressedBounce],
            // "success", and "ooto", whose out-of-office answer is a mail of its own that SES publishes nothing about.
            _ => &[Self::Delivery],
        }
    }

    /// SES's name for the event about this outcome.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivery => "Delivery",
            Self::PermanentBounce | Self::SuppressedBounce | Self::ListedBounce | Self::TransientBounce => "Bounce",
            Self::Complaint | Self::ListedComplaint => "Complaint",
            Self::Reject => "Reject",
            Self::DeliveryDelay => "DeliveryDelay",
        }
    }

    /// The part of an event that describes the outcome: its key, and the object under it.
    #[must_use]
    pub fn detail(self, address: &str, now: Timestamp) -> (&'static str, Value) {
        let at = identifiers::instant(now);
        let bounce = |kind: &str, sub_type: &str, status: &str, diagnosis: &str| {
            json!({
                "feedbackId": identifiers::ses_id(now),
                "bounceType": kind,
                "bounceSubType": sub_type,
                "bouncedRecipients": [
                    { "emailAddress": address, "action": "failed", "status": status, "diagnosticCode": diagnosis }
                ],
                "timestamp": at,
                "reportingMTA": "dns; a8-70.smtp-out.amazonses.com",
            })
        };
        match self {
            Self::Delivery => (
                "delivery",
                json!({
                    "timestamp": at,
                    "processingTimeMillis": 0,
                    "recipients": [address],
                    "smtpResponse": "250 2.6.0 Message received",
                    "reportingMTA": "a8-70.smtp-out.amazonses.com",
                }),
            ),
            Self::PermanentBounce => {
                ("bounce", bounce("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown"))
            }
            Self::SuppressedBounce => (
                "bounce",
                bounce(
                    "Permanent",
                    "Suppressed",
                    "5.1.1",
                    "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address.",
                ),
            ),
            Self::ListedBounce => (
                "bounce",
                bounce(
                    "Permanent",
                    "OnAccountSuppressionList",
                    "5.1.1",
                    "Amazon SES did not send the message to this address because it is on the suppression list for your account.",
                ),
            ),
            Self::TransientBounce => {
                ("bounce", bounce("Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 mailbox full"))
            }
            Self::Complaint | Self::ListedComplaint => (
                "complaint",
                json!({
                    "feedbackId": identifiers::ses_id(now),
                    "complaintSubType": (self == Self::ListedComplaint).then_some("OnAccountSuppressionList"),
                    "complainedRecipients": [{ "emailAddress": address }],
                    "timestamp": at,
                    "userAgent": "Amazon SES Mailbox Simulator",
                    "complaintFeedbackType": "abuse",
                    "arrivalDate": at,
                }),
            ),
            Self::Reject => ("reject", json!({ "reason": "Bad content" })),
            Self::DeliveryDelay => (
                "deliveryDelay",
                json!({
                    "timestamp": at,
                    "delayType": "MailboxFull",
                    "expirationTime": identifiers::instant(now + jiff::SignedDuration::from_hours(14)),
                    "delayedRecipients": [
                        { "emailAddress": address, "status": "4.2.2", "diagnosticCode": "smtp; 452 4.2.2 mailbox full" }
                    ],
                }),
            ),
        }
    }
}

/// The events about an accepted mail: that it was sent, then its outcomes for each recipient, those of `outcomes` or else
/// those of the address.
pub(super) fn for_mail(mail: &NewMessage, outcomes: Option<&[Outcome]>, now: Timestamp) -> Vec<Value> {
    let described = describe(mail, now);
    let mut events = vec![json!({ "eventType": "Send", "mail": described, "send": {} })];
    for recipient in mail.request.recipients() {
        for outcome in outcomes.unwrap_or_else(|| Outcome::for_address(recipient)) {
            let (name, detail) = outcome.detail(bare_address(recipient), now);
            events.push(json!({ "eventType": outcome.name(), "mail": described, name: detail }));
        }
    }
    events
}

/// The addresses that SES puts on the account's suppression list because of these events. Its mailbox simulator's are not.
pub(super) fn suppressions(events: &[Value]) -> impl Iterator<Item = (&str, SuppressedReason)> {
    events.iter().filter_map(|event| {
        let (recipient, reason) = match event["eventType"].as_str()? {
            "Bounce" if event["bounce"]["bounceType"] == "Permanent" => {
                (&event["bounce"]["bouncedRecipients"][0], SuppressedReason::Bounce)
            }
            "Complaint" => (&event["complaint"]["complainedRecipients"][0], SuppressedReason::Complaint),
            _ => return None,
        };
        let address = recipient["emailAddress"].as_str()?;
        (!address.to_ascii_lowercase().ends_with(SIMULATOR)).then_some((address, reason))
    })
}

/// The object `mail` of every event about a mail.
#[must_use]
pub fn describe(mail: &NewMessage, now: Timestamp) -> Value {
    let request = &mail.request;
    let from = request.from.as_deref().unwrap_or_default();
    let domain = bare_address(from).rsplit_once('@').map_or("", |(_, domain)| domain);
    let mut headers = vec![json!({ "name": "From", "value": from })];
    let mut header = |name: &str, value: &str| headers.push(json!({ "name": name, "value": value }));
    header("To", &request.to.join(", "));
    if !request.cc.is_empty() {
        header("Cc", &request.cc.join(", "));
    }
    if !request.reply_to.is_empty() {
        header("Reply-To", &request.reply_to.join(", "));
    }
    header("Subject", mail.subject.as_deref().unwrap_or_default());
    header("MIME-Version", "1.0");
    for (name, value) in &request.headers {
        header(name, value);
    }
    let mut tags = json!({
        "ses:source-ip": ["127.0.0.1"],
        "ses:from-domain": [domain],
        "ses:caller-identity": ["local"],
        "ses:configuration-set": [request.configuration_set],
    });
    for (name, value) in &request.tags {
        tags[name] = json!([value]);
    }
    let mut common =
        json!({ "from": [from], "to": request.to, "messageId": mail.provider_id, "subject": mail.subject });
    if !request.cc.is_empty() {
        common["cc"] = json!(request.cc);
    }
    json!({
        "timestamp": identifiers::instant(now),
        "source": from,
        "sourceArn": format!("arn:aws:ses:us-east-1:{ACCOUNT}:identity/{domain}"),
        "sendingAccountId": ACCOUNT,
        "messageId": mail.provider_id,
        "destination": request.recipients().map(bare_address).collect::<Vec<_>>(),
        "headersTruncated": false,
        "headers": headers,
        "commonHeaders": common,
        "tags": tags,
    })
}

/// An event as SNS puts it on a queue without raw delivery.
pub(crate) fn notification(event: &Value, now: Timestamp) -> Outgoing {
    let id = identifiers::uuid();
    let certificate = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-local.pem";
    let envelope = json!({
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": event.to_string(),
        "Timestamp": identifiers::instant(now),
        "SignatureVersion": "1",
        "Signature": "bG9jYWw=",
        "SigningCertURL": certificate,
        "UnsubscribeURL": format!("https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={TOPIC}:{id}"),
    });
    Outgoing::new(envelope.to_string())
}

//! SES and SNS: what they accept, and the events that they publish about it.

use crate::call::{Call, Service};
use crate::history::{Accepted, Customer};
use crate::world::World;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Takes a call; status and body of the answer.
pub(crate) fn answer(world: &Arc<World>, call: &Call, answer_is_lost: bool, again: bool) -> (u16, String) {
    match (call.service, call.operation.as_str()) {
        (Service::Ses, "GetAccount") => {
            let quota = json!({ "MaxSendRate": 50, "Max24HourSend": -1, "SentLast24Hours": 1 });
            (200, json!({ "SendQuota": quota, "SendingEnabled": true }).to_string())
        }
        (Service::Ses, _) => {
            let number = accept(world, mail(&call.body), answer_is_lost, again);
            (200, json!({ "MessageId": provider_id(number) }).to_string())
        }
        (Service::Sns, "Publish") => {
            let number = accept(world, text(&call.body), answer_is_lost, again);
            let body = format!(
                "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>{}</MessageId></PublishResult>\
                 <ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></PublishResponse>",
                provider_id(number)
            );
            (200, body)
        }
        (_, other) => panic!("no simulated operation {other}"),
    }
}

/// A refusal in the service's own format.
pub(crate) fn refusal(service: Service, status: u16, code: &str) -> (u16, String) {
    let body = if service == Service::Sns {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        )
    } else {
        json!({ "__type": code, "message": "so the history wants it" }).to_string()
    };
    (status, body)
}

fn provider_id(number: usize) -> String {
    format!("provider-{number}")
}

fn accept(world: &Arc<World>, mut accepted: Accepted, answer_is_lost: bool, again: bool) -> usize {
    accepted.customer = world.person(accepted.customer, &accepted.to);
    let fate = (accepted.channel == "email").then(|| world.fate_of_events());
    let mut history = world.history();
    accepted.number = history.accepted.len();
    accepted.at = world.time.now();
    accepted.doubled = again;
    accepted.unheard = fate.map_or(answer_is_lost, |fate| fate != Fate::InTime);
    let number = accepted.number;
    history.accepted.push(accepted.clone());
    drop(history);
    world.mail_came.notify_waiters();
    if let Some(fate) = fate {
        tokio::task::spawn_local(tell(Arc::clone(world), accepted, fate));
    }
    number
}

/// When the events about a mail arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// They arrive within a minute or, in an outage of the channel, all together when it is over.
    InTime,
    /// The events of this mail alone arrive hours later.
    Late,
    /// They never arrive.
    Missing,
}

async fn tell(world: Arc<World>, mail: Accepted, fate: Fate) {
    let sent_at = mail.at;
    match fate {
        Fate::Missing => return,
        Fate::Late => tokio::time::sleep(Duration::from_secs(3_600 * 5)).await,
        Fate::InTime => {}
    }
    let about = world.reader_of(&mail.customer).outcome;
    let mut events = vec![("Send", "send", json!({}))];
    let at = sent_at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    events.push(match about {
        Outcome::Bounce => (
            "Bounce",
            "bounce",
            json!({
                "feedbackId": "f", "bounceType": "Permanent", "bounceSubType": "General", "timestamp": at,
                "bouncedRecipients": [{ "emailAddress": mail.to }],
            }),
        ),
        _ => ("Delivery", "delivery", json!({ "timestamp": at, "recipients": [mail.to], "processingTimeMillis": 1 })),
    });
    if about == Outcome::Complaint {
        events.push((
            "Complaint",
            "complaint",
            json!({
                "feedbackId": "f", "timestamp": at, "complainedRecipients": [{ "emailAddress": mail.to }],
            }),
        ));
    }
    for (kind, name, detail) in events {
        let (wait, twice) = world.draw(|draws| (draws.u64(200..20_000), draws.u64(0..10) == 0));
        tokio::time::sleep(Duration::from_millis(wait)).await;
        world.events_flow().await;
        let code = Base64UrlUnpadded::encode_string(mail.id.as_bytes());
        let event = json!({
            "eventType": kind,
            "mail": {
                "timestamp": at, "messageId": provider_id(mail.number), "destination": [mail.to], "source": "shop@example.com",
                "tags": { "message": [mail.message], "shop": [mail.customer.shop], "customer": [code], "journey": [mail.journey], "step": [mail.step] },
            },
            name: detail,
        });
        let copies = if twice && world.is_stormy() { 2 } else { 1 };
        for _ in 0..copies {
            // The channel does not keep the order.
            let wait = Duration::from_millis(world.draw(|draws| draws.u64(0..5_000)));
            world.feedback_queue.put(event.to_string(), wait, world.time.now().as_millisecond());
        }
    }
}

/// The outcome of the mails to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Outcome {
    #[default]
    Delivery,
    Bounce,
    Complaint,
}

fn mail(request: &Value) -> Accepted {
    let content = &request["Content"]["Simple"];
    let header = |name: &str| {
        let headers = content["Headers"].as_array().into_iter().flatten();
        headers.into_iter().find(|header| header["Name"] == name).and_then(|header| header["Value"].as_str())
    };
    let link = header("List-Unsubscribe").and_then(|text| text.split(['<', '>']).nth(1)).map(str::to_owned);
    let tag = |name: &str| {
        let mut tags = request["EmailTags"].as_array().into_iter().flatten();
        tags.find(|tag| tag["Name"] == name).and_then(|tag| tag["Value"].as_str()).unwrap_or_default().to_owned()
    };
    let text = format!("{} {}", content["Subject"]["Data"], content["Body"]["Text"]["Data"]);
    let to = request["Destination"]["ToAddresses"][0].as_str().unwrap_or_default();
    accepted("email", tag, to, text, link)
}

fn text(form: &Value) -> Accepted {
    let part = |name: String| form[name].as_str().unwrap_or_default().to_owned();
    let tag = |name: &str| {
        let place = (1..=20).find(|at| form[format!("MessageAttributes.entry.{at}.Name")] == name);
        place.map_or_else(String::new, |at| part(format!("MessageAttributes.entry.{at}.Value.StringValue")))
    };
    accepted("sms", tag, &part("PhoneNumber".to_owned()), part("Message".to_owned()), None)
}

fn accepted(
    channel: &'static str,
    tag: impl Fn(&str) -> String,
    to: &str,
    text: String,
    unsubscribe: Option<String>,
) -> Accepted {
    let id = String::from_utf8(Base64UrlUnpadded::decode_vec(&tag("customer")).unwrap_or_default()).unwrap_or_default();
    Accepted {
        number: 0,
        channel,
        message: tag("message"),
        customer: Customer { shop: tag("shop"), id: id.clone() },
        id,
        journey: tag("journey"),
        step: tag("step"),
        to: to.to_owned(),
        text,
        unsubscribe,
        at: jiff::Timestamp::UNIX_EPOCH,
        doubled: false,
        unheard: false,
    }
}

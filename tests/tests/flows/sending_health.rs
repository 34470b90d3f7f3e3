//! A shop whose mails bounce or are marked as spam too often is stopped, once, with an event for the team.

use crate::golden_events::take_in;
use crate::outcomes::about_to_thank;
use crate::stage::{Stage, key};
use base64ct::{Base64UrlUnpadded, Encoding};
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::{Message, MessageState};
use rekindle_store::sending::pause::{LiftedBy, PauseCause, Resumed, SendingPaused};
use serde_json::{Value, json};

/// Customers `c0`, `c1`, … each with a mail that was handed over. They are copies of one that the engine sent: a
/// thousand real ones would take minutes.
async fn with_mails(count: usize) -> Stage {
    let mut stage = about_to_thank().await;
    stage.pass("1h").await;
    let sent = stage.message("anna", "thanks").await;
    let shop = &stage.stack.shop.id;
    let dynamodb = stage.stack.dynamodb();
    for number in 0..count {
        let key = key(&format!("c{number}"));
        let id = MessageId::derive(shop, &key.customer, "welcome", "run", "thanks", "email");
        let message = Message { id, state: MessageState::Accepted, delivered_at: None, ..sent.clone() };
        // As `advance` and `send` would have left it.
        let item = [
            ("pk", json!({ "S": key.pk() })),
            ("sk", json!({ "S": rekindle_store::keys::message_sk(&message.id) })),
            ("message", json!({ "S": serde_json::to_string(&message).expect("JSON") })),
            ("revision", json!({ "N": message.revision.to_string() })),
        ];
        let put = dynamodb.put_item().table_name(&stage.stack.store.tables().activity);
        let put = item.into_iter().fold(put, |put, (name, value)| put.item(name, attribute(&value)));
        put.send().await.expect("stored");
    }
    stage
}

fn attribute(value: &Value) -> aws_sdk_dynamodb::types::AttributeValue {
    match value["S"].as_str() {
        Some(text) => aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned()),
        None => aws_sdk_dynamodb::types::AttributeValue::N(value["N"].as_str().expect("a number").to_owned()),
    }
}

/// An event about the mail of customer `c{number}`.
fn event(stage: &Stage, number: usize, kind: &str) -> String {
    let key = key(&format!("c{number}"));
    let id = MessageId::derive(&stage.stack.shop.id, &key.customer, "welcome", "run", "thanks", "email");
    let now = stage.now().to_string();
    let mut event = json!({
        "eventType": kind,
        "mail": {
            "timestamp": now, "messageId": format!("mail-{number}"), "destination": ["someone@example.com"],
            "tags": {
                "message": [id], "shop": [stage.stack.shop.id],
                "customer": [Base64UrlUnpadded::encode_string(key.customer.as_str().as_bytes())],
            },
        },
    });
    event[kind.to_lowercase()] = match kind {
        "Bounce" => json!({ "bounceType": "Permanent", "bounceSubType": "General", "timestamp": now }),
        _ => json!({ "timestamp": now }),
    };
    event.to_string()
}

async fn paused(stage: &Stage) -> Option<SendingPaused> {
    stage.stack.store.sending_paused(&stage.stack.shop.id).await.expect("read")
}

fn told(stage: &Stage) -> Vec<Value> {
    let events = stage.stack.cloud.bus_events().newest(100).expect("the bus");
    events.iter().map(|event| serde_json::from_str(&event.content.detail).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn the_fifth_bounce_of_few_mails_stops_the_shop_and_announces_it_once() {
    let stage = with_mails(20).await;
    let deliveries: Vec<String> = (0..10).map(|n| event(&stage, n, "Delivery")).collect();
    take_in(&stage, &deliveries.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let bounces: Vec<String> = (10..15).map(|n| event(&stage, n, "Bounce")).collect();
    // Each report is delivered several times.
    for bounce in bounces.iter().take(4).chain(&bounces[..2]).chain(&bounces[..4]) {
        take_in(&stage, &[bounce, bounce]).await;
        assert_eq!(paused(&stage).await, None);
    }
    take_in(&stage, &[&bounces[4], &bounces[0]]).await;
    let pause = paused(&stage).await.expect("paused");
    // The mail that the stage sent to begin with counts as well.
    assert_eq!((pause.why, pause.announced), (PauseCause::Bounces { count: 5, mails: 16 }, true));
    for bounce in &bounces {
        take_in(&stage, &[bounce]).await;
    }
    let told = told(&stage);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (told[0]["type"].as_str(), told[0]["source"].as_str()),
        (Some("rekindle.sending.paused"), Some("rekindle/shop"))
    );
    assert_eq!(told[0]["data"]["reason"], "5 of the last 16 mails came back; at most 3 % may");
    assert_eq!(told[0]["data"]["figures"], json!({ "cause": "bounces", "count": 5, "mails": 16 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_complaints_stop_the_shop_once_and_repeated_ones_do_not_stop_it_again() {
    let stage = with_mails(12).await;
    let complaints: Vec<String> = (0..6).map(|n| event(&stage, n, "Complaint")).collect();
    let batches = complaints.iter().map(|complaint| {
        let stage = &stage;
        async move { take_in(stage, &[complaint, complaint]).await }
    });
    let batches = futures::future::join_all(batches).await;
    assert!(batches.iter().all(|batch| batch.failed.is_empty()), "{batches:?}");
    let pause = paused(&stage).await.expect("paused");
    assert!(matches!(pause.why, PauseCause::Complaints { count: 5 | 6, .. }), "{pause:?}");
    let ids: std::collections::BTreeSet<_> = told(&stage).iter().map(|event| event["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "announced once: all events have one id");
    let reputation = stage.stack.store.reputation(&stage.stack.shop.id).await.expect("read");
    assert_eq!((reputation.complaints(), reputation.mails()), (6, 7));

    stage.skip("1h");
    let by = LiftedBy::Operator;
    let resumed = stage.stack.store.resume_sending(&stage.stack.shop.id, by, stage.now()).await.expect("answered");
    assert_eq!(resumed, Resumed::Lifted);
    for complaint in &complaints {
        take_in(&stage, &[complaint]).await;
    }
    assert_eq!(paused(&stage).await, None, "what led to the pause does not lead to the next");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_batch_is_completed_when_it_is_delivered_again() {
    let stage = with_mails(10).await;
    let bounces: Vec<String> = (0..5).map(|n| event(&stage, n, "Bounce")).collect();
    // Cut off after the messages were moved, before anything was counted.
    for bounce in &bounces {
        let event = feedback::incoming::parse_report(bounce).expect("an event");
        stage.stack.handlers.feedback.apply_report(&event).await.expect("taken in");
    }
    assert_eq!(stage.stack.store.reputation(&stage.stack.shop.id).await.expect("read").bounces(), 0);
    // Then the bus is down: the shop is stopped, and the batch is retried until the event is published.
    stage.stack.cloud.faults().plan(Service::EventBridge, 3, Matching::Any, Fault::ServerError(500));
    let bodies: Vec<&str> = bounces.iter().map(String::as_str).collect();
    let batch = take_in(&stage, &bodies).await;
    assert_eq!(batch.failed.len(), 5, "{batch:?}");
    assert!(paused(&stage).await.is_some_and(|pause| !pause.announced));
    let batch = take_in(&stage, &bodies).await;
    assert!(batch.failed.is_empty(), "{batch:?}");
    assert!(paused(&stage).await.is_some_and(|pause| pause.announced));
    assert_eq!(told(&stage).len(), 1);
    assert_eq!(stage.stack.store.reputation(&stage.stack.shop.id).await.expect("read").bounces(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_refuses_the_event_does_not_keep_the_reports_on_the_queue() {
    let stage = with_mails(10).await;
    stage.stack.cloud.faults().plan(
        Service::EventBridge,
        1,
        Matching::Any,
        Fault::Refuse(400, "AccessDeniedException"),
    );
    let bounces: Vec<String> = (0..5).map(|n| event(&stage, n, "Bounce")).collect();
    let batch = take_in(&stage, &bounces.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert!(batch.failed.is_empty(), "{batch:?}");
    assert!(paused(&stage).await.is_some_and(|pause| !pause.announced));
    // The next report of any kind publishes it.
    take_in(&stage, &[&event(&stage, 6, "Delivery")]).await;
    assert_eq!(told(&stage).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_its_complaints_stopped_cannot_resume_itself_before_the_cool_down_nor_escape_by_pausing_first() {
    let stage = with_mails(12).await;
    let (stop, go) = (json!({ "paused": true, "note": "us" }).to_string(), json!({ "paused": false }).to_string());
    let complaints: Vec<String> = (0..5).map(|n| event(&stage, n, "Complaint")).collect();
    for complaint in &complaints[..4] {
        take_in(&stage, &[complaint]).await;
    }
    // Neither resuming without a pause nor a pause of its own makes the engine forget what it counted.
    stage.administer("PUT", "/v1/sending", &go).await;
    stage.administer("PUT", "/v1/sending", &stop).await;
    stage.administer("PUT", "/v1/sending", &go).await;
    stage.administer("PUT", "/v1/sending", &stop).await;
    take_in(&stage, &[&complaints[4]]).await;
    let pause = paused(&stage).await.expect("paused");
    assert!(matches!(pause.why, PauseCause::Complaints { count: 5, .. }), "{pause:?}");

    let limits = json!({ "paused": false, "limits": { "emails_per_second": 9 } }).to_string();
    let (status, told) = stage.try_to_administer("PUT", "/v1/sending", &limits).await;
    let detail = told["detail"].as_str().unwrap_or_default();
    assert_eq!(status, 409, "{told}");
    assert!(detail.contains("were called spam") && detail.contains("rekindle shop resume shop"), "{detail}");
    let shown = stage.administer("GET", "/v1/sending", "").await;
    assert_eq!(shown["limits"]["emails_per_second"], Value::Null, "nothing of what is refused is stored");
    stage.skip("71h");
    assert_eq!(stage.try_to_administer("PUT", "/v1/sending", &go).await.0, 409);
    stage.skip("1h");
    assert_eq!(shown["may_resume_from"].as_str(), Some(stage.now().to_string().as_str()));
    let resumed = stage.administer("PUT", "/v1/sending", &go).await;
    assert_eq!((&resumed["paused"], &resumed["may_resume_from"]), (&json!(false), &Value::Null));
}

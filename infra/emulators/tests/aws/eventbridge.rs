//! Events through the SDK's EventBridge client, and through the publisher that the functions use.

use crate::stage::Stage;
use aws_sdk_eventbridge::operation::put_events::PutEventsOutput;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::{CloudEvent, EventBus};
use rekindle_platform::{AwsEndpoints, Clients};
use serde_json::{Value, json};
use std::time::Duration;

fn entry() -> aws_sdk_eventbridge::types::builders::PutEventsRequestEntryBuilder {
    PutEventsRequestEntry::builder().source("shop").detail_type("greeting").detail("{\"a\":1}").event_bus_name("team")
}

async fn put(stage: &Stage, entries: Vec<PutEventsRequestEntry>) -> PutEventsOutput {
    stage.eventbridge.put_events().set_entries(Some(entries)).send().await.expect("answered")
}

/// The publisher, with the client that the functions have, which waits less between its attempts here.
fn bus(stage: &Stage) -> EventBus {
    let endpoint = stage.endpoint.clone();
    let clients = Clients::local(&AwsEndpoints { dynamodb: endpoint.clone(), services: endpoint });
    let client = clients.eventbridge();
    let retries = client.config().retry_config().expect("it repeats").clone();
    let config = client.config().to_builder().retry_config(retries.with_initial_backoff(Duration::from_millis(1)));
    EventBus::named(aws_sdk_eventbridge::Client::from_conf(config.build()), "team".to_owned())
}

fn paused(data: Value) -> CloudEvent {
    let shop = ShopId::parse("vinyl").expect("an id");
    let time = "1997-03-01T11:59:00Z".parse().expect("an instant");
    CloudEvent::of_shop(&shop, "rekindle.sending.paused", "p1".to_owned(), time, data)
}

#[tokio::test]
async fn events_are_kept_in_order_with_their_bus_and_time() {
    let stage = Stage::new().await;
    let time = aws_sdk_eventbridge::primitives::DateTime::from_millis(1_500);
    let answer = put(&stage, vec![entry().time(time).build(), entry().detail("{\"a\":2}").build()]).await;
    assert_eq!((answer.failed_entry_count(), answer.entries().len()), (0, 2));
    let kept = stage.cloud.bus_events().newest(10).expect("kept");
    assert_eq!(kept.iter().map(|event| event.content.detail.as_str()).collect::<Vec<_>>(), ["{\"a\":2}", "{\"a\":1}"]);
    assert_eq!(answer.entries()[0].event_id(), Some(kept[1].id.as_str()));
    assert_eq!(kept[1].content.time.map(|at| at.as_millisecond()), Some(1_500));
    assert_eq!((kept[0].content.bus.as_str(), kept[0].put_at), ("team", stage.after(0)));
}

#[tokio::test]
async fn an_invalid_entry_fails_alone_with_its_reason() {
    let stage = Stage::new().await;
    let bare = PutEventsRequestEntry::builder;
    let entries = vec![
        entry().build(),
        bare().detail_type("greeting").detail("{}").build(),
        bare().source("shop").detail("{}").build(),
        bare().source("shop").detail_type("greeting").build(),
        entry().detail("{").build(),
        entry().detail("[]").build(),
        entry().source("aws.ec2").build(),
    ];
    let answer = put(&stage, entries).await;
    assert_eq!(answer.failed_entry_count(), 6);
    let codes: Vec<_> = answer.entries().iter().map(PutEventsResultEntry::error_code).collect();
    let (argument, malformed) = (Some("InvalidArgument"), Some("MalformedDetail"));
    let source = Some("NotAuthorizedForSourceException");
    assert_eq!(codes, [None, argument, argument, argument, malformed, malformed, source]);
    assert_eq!(stage.cloud.bus_events().count().expect("a count"), 1);
}

#[tokio::test]
async fn a_call_beyond_the_limits_is_refused_as_a_whole() {
    let stage = Stage::new().await;
    let long = |bytes: usize| entry().detail(json!({ "a": "x".repeat(bytes) }).to_string()).build();
    let half = 128 * 1024;
    for entries in [Vec::new(), vec![entry().build(); 11], vec![long(half), long(half)]] {
        let refused = stage.eventbridge.put_events().set_entries(Some(entries)).send().await.expect_err("refused");
        assert_eq!(refused.into_service_error().meta().code(), Some("ValidationException"));
    }
    assert_eq!(stage.cloud.bus_events().count().expect("a count"), 0);
    assert_eq!(put(&stage, vec![long(half), long(half - 100)]).await.failed_entry_count(), 0);
    assert_eq!(put(&stage, vec![entry().build(); 10]).await.failed_entry_count(), 0);
}

#[tokio::test]
async fn a_cloudevent_arrives_whole_and_is_identified_by_source_and_id() {
    let stage = Stage::new().await;
    bus(&stage).publish(&paused(json!({ "mails": 1_000 })).about("sending")).await.expect("published");
    let kept = stage.cloud.bus_events().newest(10).expect("kept").remove(0).content;
    assert_eq!((kept.source.as_str(), kept.detail_type.as_str()), ("rekindle/vinyl", "rekindle.sending.paused"));
    let detail: Value = serde_json::from_str(&kept.detail).expect("JSON");
    let expected = json!({
        "specversion": "1.0", "id": "p1", "source": "rekindle/vinyl", "type": "rekindle.sending.paused",
        "subject": "sending", "time": "1997-03-01T11:59:00Z", "datacontenttype": "application/json",
        "data": { "mails": 1_000 },
    });
    assert_eq!(detail, expected);
}

#[tokio::test]
async fn a_bus_that_fails_for_a_moment_is_retried_and_one_that_stays_down_is_an_error() {
    let stage = Stage::new().await;
    let bus = bus(&stage);
    let plan = |times, fault| stage.cloud.faults().plan(Service::EventBridge, times, Matching::Any, fault);
    for fault in [Fault::Throttle, Fault::ServerError(500), Fault::ServerError(503), Fault::Drop] {
        plan(2, fault.clone());
        bus.publish(&paused(json!({}))).await.expect("the third attempt is taken");
        plan(3, fault);
        let error = bus.publish(&paused(json!({}))).await.expect_err("all attempts are used up");
        assert!(error.is_passing(), "{error}");
        assert_eq!(stage.cloud.faults().remaining(), 0);
    }
    assert_eq!(stage.cloud.bus_events().count().expect("a count"), 4);
    // A lost answer leads to a second event with the same id, never to a lost event.
    plan(1, Fault::ApplyThenDrop);
    bus.publish(&paused(json!({}))).await.expect("the second attempt is answered");
    assert_eq!(stage.cloud.bus_events().count().expect("a count"), 6);
}

#[tokio::test]
async fn a_permanent_refusal_of_the_bus_is_distinguished_from_a_passing_one() {
    let stage = Stage::new().await;
    let bus = bus(&stage);
    stage.cloud.faults().plan(Service::EventBridge, 1, Matching::Any, Fault::Refuse(400, "AccessDeniedException"));
    let refused = bus.publish(&paused(json!({}))).await.expect_err("refused");
    assert_eq!((refused.is_passing(), refused.to_string().contains("AccessDenied")), (false, true));
    // The call succeeds, the event in it does not.
    let forged = CloudEvent { source: "aws.rekindle".to_owned(), ..paused(json!({})) };
    let refused = bus.publish(&forged).await.expect_err("refused");
    assert_eq!(refused.to_string(), "the event bus refused the event (NotAuthorizedForSourceException)");
    let long = bus.publish(&paused(json!({ "text": "x".repeat(300_000) }))).await.expect_err("too long");
    assert!(!long.is_passing() && long.to_string().contains("bytes long"), "{long}");
    assert_eq!(stage.cloud.bus_events().count().expect("a count"), 0);
}

//! The provider's reports: in any order, any number of times, and also about unknown messages.

use crate::outcomes::about_to_thank;
use crate::stage::Stage;
use base64ct::{Base64UrlUnpadded, Encoding};
use rekindle_emulators::{Matching, Outcome, Outgoing};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::message::MessageState;
use rekindle_local_stack::FEEDBACK_QUEUE;
use serde_json::Value;

/// Anna's welcome mail, sent, before any of its events is processed.
pub(crate) async fn sent_and_reported(outcomes: Vec<Outcome>) -> (Stage, Vec<String>) {
    let stage = about_to_thank().await;
    stage.skip("1h");
    stage.advance("anna").await;
    stage.stack.cloud.faults().plan_outcomes(1, Matching::Any, outcomes);
    let id = stage.message("anna", "thanks").await.id;
    stage.send("anna", &id).await.expect("sent");
    let events = stage.stack.cloud.queues().receive(FEEDBACK_QUEUE, 10).expect("the queue");
    stage.stack.cloud.queues().purge(FEEDBACK_QUEUE).expect("the queue");
    (stage, events.into_iter().map(|event| event.body).collect())
}

async fn report(stage: &mut Stage, bodies: &[&String]) {
    let bodies: Vec<_> = bodies.iter().map(|body| Outgoing::new((*body).clone())).collect();
    stage.stack.cloud.queues().send(FEEDBACK_QUEUE, &bodies).expect("sent");
    stage.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn events_in_any_order_and_any_number_of_times_end_in_the_same_state() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (mut stage, events) = sent_and_reported(vec![Outcome::Delivery, Outcome::Complaint]).await;
        assert_eq!(events.len(), 3);
        for index in order {
            report(&mut stage, &[&events[index], &events[index]]).await;
        }
        let all: Vec<_> = order.iter().chain(&order).map(|index| &events[*index]).collect();
        report(&mut stage, &all).await;
        let message = stage.message("anna", "thanks").await;
        assert_eq!((message.state, message.attempts), (MessageState::Complained, 1), "{order:?}");
        let facts = stage.facts("anna").await;
        assert_eq!(facts.iter().filter(|fact| fact.kind() == "suppressed").count(), 1, "{order:?}");
        assert!(stage.customer("anna").await.folded.suppressed(Channel::Email, stage.now()).is_some());
        assert!(stage.stack.cloud.queues().is_empty(FEEDBACK_QUEUE).expect("a queue"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_about_messages_that_are_not_ours_change_nothing() {
    let (mut stage, events) = sent_and_reported(vec![Outcome::PermanentBounce]).await;
    let before = stage.message("anna", "thanks").await;
    let bounce = events.iter().find(|event| event.contains("Permanent")).expect("a bounce");
    let changed = |tag: &str, value: &str| {
        let mut envelope: Value = serde_json::from_str(bounce).expect("JSON");
        let mut event: Value = serde_json::from_str(envelope["Message"].as_str().expect("a text")).expect("JSON");
        event["mail"]["tags"][tag] = serde_json::json!([value]);
        envelope["Message"] = event.to_string().into();
        envelope.to_string()
    };
    let strangers = [
        changed("message", &"z".repeat(26)),
        changed("message", "not an id"),
        changed("shop", "another-shop"),
        changed("customer", &Base64UrlUnpadded::encode_string(b"bela")),
        changed("customer", "?"),
    ];
    report(&mut stage, &strangers.iter().collect::<Vec<_>>()).await;
    assert_eq!(stage.message("anna", "thanks").await, before);
    assert!(stage.customer("anna").await.folded.suppressed(Channel::Email, stage.now()).is_none());
    let overview = stage.overview().await;
    assert_eq!(overview.customers, 1, "no customer was invented");
    assert!(stage.stack.cloud.queues().is_empty(FEEDBACK_QUEUE).expect("a queue"), "and nothing comes again");
    // The genuine report still counts.
    report(&mut stage, &[bounce]).await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Bounced);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_posted_by_hand_is_processed_like_one_of_the_provider() {
    let (mut stage, events) = sent_and_reported(vec![Outcome::Complaint]).await;
    for event in &events {
        let envelope: Value = serde_json::from_str(event).expect("JSON");
        let raw: Value = serde_json::from_str(envelope["Message"].as_str().expect("a text")).expect("JSON");
        let (status, _) = stage.post("/local/events/ses", raw).await;
        assert_eq!(status, 202);
    }
    stage.settle().await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Complained);
    let (status, problem) = stage.post_text("/local/events/ses", "{".to_owned(), None).await;
    assert_eq!((status, problem["detail"].as_str()), (400, Some("the body is not JSON")));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_bounce_that_is_acknowledged_stops_the_next_mail_before_it_is_folded() {
    let mut stage = about_to_thank().await;
    stage.stack.cloud.faults().plan_outcomes(1, Matching::Any, vec![Outcome::PermanentBounce]);
    stage.pass_to(crate::stage::instant("2026-03-02T10:59:00Z")).await;
    stage.skip("1m");
    stage.advance("anna").await;
    let id = stage.message("anna", "thanks").await.id;
    stage.send("anna", &id).await.expect("sent");
    // The second message is there already when the bounce of the first is reported.
    let policy = format!("{}[frequency_cap]\nmin_gap = \"0h\"\n", crate::stage::EVERYBODY);
    stage.stack.store.put_policy(&stage.stack.shop.id, &policy).await.expect("valid");
    stage.skip("3d");
    stage.advance("anna").await;
    let guide = stage.message("anna", "guide").await;
    let events = stage.stack.cloud.queues().receive(FEEDBACK_QUEUE, 10).expect("the queue");
    for event in &events {
        // The other mail server kept it for three days.
        let event = feedback::incoming::parse_report(&event.body).expect("an event");
        let event = feedback::delivery_report::DeliveryReport { at: stage.now(), ..event };
        stage.stack.handlers.feedback.apply_report(&event).await.expect("taken in");
    }
    stage.send("anna", &guide.id).await.expect("looked at");
    let guide = stage.message("anna", "guide").await;
    assert_eq!(guide.withdrawn, Some(rekindle_lifecycle::reason::Reason::Suppressed));
}

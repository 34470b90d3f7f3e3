//! Just before a message goes out, `send` checks again: changes since its creation count.

use crate::gate::Gate;
use crate::outcomes::about_to_thank;
use crate::stage::{Stage, instant, order_at};
use jiff::SignedDuration;
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::MessageState;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::stage::Stage as Lifecycle;
use send::Progress;
use serde_json::json;

/// A welcome mail that is created and was throttled, so that it waits.
async fn waiting() -> Stage {
    let mut stage = about_to_thank().await;
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Throttle);
    stage.pass("1h").await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Queued);
    stage
}

async fn withdrawn(stage: &Stage, step: &str) -> (MessageState, Option<Reason>) {
    let message = stage.message("anna", step).await;
    (message.state, message.withdrawn)
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn consent_that_is_withdrawn_after_the_message_was_created_holds() {
    let mut stage = waiting().await;
    stage.tell("anna", json!({ "email_marketing_consent": false })).await;
    stage.pass("1h").await;
    assert_eq!(withdrawn(&stage, "thanks").await, (MessageState::Cancelled, Some(Reason::NoConsent)));
    assert!(stage.mailbox().is_empty());
    assert!(stage.customer("anna").await.decided.contacts.is_empty(), "its place under the cap is free again");
    assert_eq!(stage.overview().await.suppressed["no_consent"], 1);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_refusal_that_was_acknowledged_holds_even_before_it_is_folded() {
    let stage = waiting().await;
    stage.tell("anna", json!({ "email_marketing_consent": false })).await;
    // The stream is down, so the customer has not been advanced.
    let id = stage.message("anna", "thanks").await.id;
    let settled = stage.send("anna", &id).await.expect("looked at");
    assert_eq!(settled, Progress::Done(MessageState::Cancelled));
    assert_eq!(withdrawn(&stage, "thanks").await.1, Some(Reason::NoConsent));
    assert!(stage.mailbox().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_refusal_is_seen_behind_a_hundred_visits() {
    let stage = waiting().await;
    stage.tell("anna", json!({ "email_marketing_consent": false })).await;
    let visits: Vec<_> = (0..100)
        .map(|number| {
            let at = stage.now() - SignedDuration::from_secs(60) + SignedDuration::from_millis(number);
            json!({ "type": "page", "userId": "anna", "messageId": format!("v{number}"), "timestamp": at.to_string() })
        })
        .collect();
    stage.take(&visits).await;
    let id = stage.message("anna", "thanks").await.id;
    stage.send("anna", &id).await.expect("looked at");
    assert_eq!(withdrawn(&stage, "thanks").await.1, Some(Reason::NoConsent));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_stored_but_not_yet_folded_stops_the_nudge() {
    let mut stage = about_to_thank().await;
    stage.pass("9d").await;
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Throttle);
    stage.pass("1d").await;
    let nudge = stage.message("anna", "nudge").await;
    assert_eq!(nudge.state, MessageState::Queued);
    stage.order("anna", "a2").await;
    stage.send("anna", &nudge.id).await.expect("looked at");
    assert_eq!(withdrawn(&stage, "nudge").await, (MessageState::Cancelled, Some(Reason::Ordered)));
    assert_eq!(stage.sent("anna"), ["welcome/thanks", "welcome/guide"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_stored_but_not_yet_folded_stops_the_reminder_of_the_inactive() {
    let mut stage = about_to_thank().await;
    stage.pass("89d").await;
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Throttle);
    stage.pass("1d").await;
    let reminder = stage.message("anna", "reminder").await;
    assert_eq!(reminder.state, MessageState::Queued);
    stage.order("anna", "a2").await;
    stage.send("anna", &reminder.id).await.expect("looked at");
    assert_eq!(withdrawn(&stage, "reminder").await, (MessageState::Cancelled, Some(Reason::LeftStage)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfolded_order_from_before_the_silence_stops_the_reminder_too() {
    let mut stage = about_to_thank().await;
    stage.pass("80d").await;
    // The stream is down, so this order is not processed.
    stage.order("anna", "a2").await;
    stage.skip("10d");
    stage.advance("anna").await;
    let reminder = stage.message("anna", "reminder").await;
    stage.send("anna", &reminder.id).await.expect("looked at");
    assert_eq!(withdrawn(&stage, "reminder").await, (MessageState::Cancelled, Some(Reason::LeftStage)));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_refusal_is_seen_behind_more_visits_than_one_page_of_facts_holds() {
    let stage = waiting().await;
    stage.tell("anna", json!({ "email_marketing_consent": false })).await;
    let first = stage.now() + SignedDuration::from_millis(1);
    for batch in 0..3 {
        let visits: Vec<_> = (0..90)
            .map(|number| {
                let (number, at) = (batch * 90 + number, first + SignedDuration::from_millis(batch * 90 + number));
                json!({ "type": "page", "userId": "anna", "messageId": format!("v{number}"), "timestamp": at.to_string() })
            })
            .collect();
        stage.take(&visits).await;
    }
    let id = stage.message("anna", "thanks").await.id;
    stage.send("anna", &id).await.expect("looked at");
    assert_eq!(withdrawn(&stage, "thanks").await, (MessageState::Cancelled, Some(Reason::NoConsent)));
}

/// Returns the reminder of a customer who is inactive after the first order and `orders` more, each on a day of its
/// own. The reminder is created and not yet sent, and from now on only the test moves the time.
async fn waiting_reminder(orders: i64) -> (Stage, MessageId) {
    let mut stage = about_to_thank().await;
    for number in 0..orders {
        stage.pass("1d").await;
        stage.order("anna", &format!("a{}", number + 2)).await;
    }
    // Everything else goes out before: an open message would hold the reminder's place under the frequency cap.
    stage.pass(if orders == 0 { "89d" } else { "44d" }).await;
    while stage.customer("anna").await.stage != Lifecycle::Inactive {
        stage.skip("1d");
        stage.advance("anna").await;
    }
    let id = stage.message("anna", "reminder").await.id;
    (stage, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_are_cancelled_long_after_they_were_counted_stop_the_reminder_before_they_are_folded() {
    let (stage, reminder) = waiting_reminder(8).await;
    // The older ones are in the totals: only a recount takes them out.
    for number in 1..=9 {
        stage
            .take(&[json!({
                "type": "track", "event": "Order Cancelled", "userId": "anna", "messageId": format!("a{number}-cancelled"),
                "timestamp": stage.now().to_string(), "properties": { "order_id": format!("a{number}") },
            })])
            .await;
    }
    stage.send("anna", &reminder).await.expect("looked at");
    assert_eq!(withdrawn(&stage, "reminder").await, (MessageState::Cancelled, Some(Reason::OrderUndone)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_behind_more_updates_than_one_page_holds_stops_the_reminder() {
    let (stage, reminder) = waiting_reminder(0).await;
    let updates: Vec<_> = (0..30)
        .map(|number| {
            let at = stage.now() - SignedDuration::from_secs(60) + SignedDuration::from_millis(number);
            json!({
                "type": "track", "event": "Order Updated", "userId": "anna", "messageId": format!("u{number}"),
                "timestamp": at.to_string(), "properties": { "order_id": "a1", "total": "30.00", "currency": "EUR" },
            })
        })
        .collect();
    stage.take(&updates).await;
    stage.take(&[order_at("anna", "a2", stage.now() - SignedDuration::from_secs(30))]).await;
    stage.send("anna", &reminder).await.expect("looked at");
    assert_eq!(withdrawn(&stage, "reminder").await, (MessageState::Cancelled, Some(Reason::LeftStage)));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_message_that_cannot_go_out_while_it_is_useful_is_given_up() {
    let mut stage = about_to_thank().await;
    stage.stack.cloud.faults().plan(
        Service::Ses,
        10_000,
        Matching::Tag("step".into(), "thanks".into()),
        Fault::Throttle,
    );
    stage.pass("4d").await;
    assert_eq!(withdrawn(&stage, "thanks").await, (MessageState::Cancelled, Some(Reason::TooLate)));
    let thanked = stage.message("anna", "thanks").await;
    assert!(thanked.attempts > 20, "it was tried {} times in three days", thanked.attempts);
    assert_eq!(stage.sent("anna"), ["welcome/guide"]);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_message_that_is_delayed_into_the_night_waits_for_the_morning_of_the_customer() {
    let mut stage = Stage::at("2026-03-02T18:45:00Z", |_| {}).await;
    stage.order("anna", "a1").await;
    stage.order("bela", "b1").await;
    // At 20:45 in London it is night; in New York it is not.
    stage.tell("bela", json!({ "timezone": "America/New_York" })).await;
    stage.stack.cloud.faults().plan(Service::Ses, 18, Matching::Any, Fault::Throttle);
    stage.pass("1h").await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Queued);
    stage.pass("2h").await;
    assert_eq!((stage.sent("anna").len(), stage.sent("bela").len()), (0, 1));
    stage.pass_to(instant("2026-03-03T08:59:00Z")).await;
    assert_eq!(stage.sent("anna").len(), 0);
    stage.pass_to(instant("2026-03-03T09:10:00Z")).await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_message_that_was_delayed_keeps_its_distance_from_the_next_one() {
    let mut stage = about_to_thank().await;
    // The guide is due three days after the order. The thank-you mail was held up until just before that.
    let thanks = Matching::Tag("step".into(), "thanks".into());
    stage.stack.cloud.faults().plan(Service::Ses, 10_000, thanks, Fault::Throttle);
    stage.pass_to(instant("2026-03-05T09:50:00Z")).await;
    stage.stack.cloud.faults().clear();
    stage.pass("3d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks", "welcome/guide"]);
    let mails = stage.mailbox();
    let distance = mails[1].sent_at.duration_since(mails[0].sent_at);
    assert!(distance >= SignedDuration::from_hours(12), "only {distance:#} between them");
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_customer_who_changes_between_the_check_and_the_claim_is_checked_again() {
    let (mut stage, gate) = Gate::before_send().await;
    stage.order("anna", "a1").await;
    stage.settle().await;
    stage.skip("1h");
    stage.advance("anna").await;
    let id = stage.message("anna", "thanks").await.id;
    let (arrived, go) = gate.hold("TransactWriteItems", r#"\"state\":\"sending\""#);
    let (sender, anna) = (stage.stack.handlers.send.clone(), stage.holder("anna", &id).await);
    let sending = tokio::spawn(async move { sender.process_message(&anna, &id).await });
    arrived.notified().await;
    // The claim is in flight; the refusal overtakes it.
    stage.tell("anna", json!({ "email_marketing_consent": false })).await;
    stage.fold("anna").await;
    go.notify_one();
    let settled = sending.await.expect("no panic").expect("looked at");
    assert_eq!(settled, Progress::Done(MessageState::Cancelled));
    assert_eq!(withdrawn(&stage, "thanks").await.1, Some(Reason::NoConsent));
    assert!(stage.mailbox().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_order_from_the_day_of_the_first_one_stops_no_step() {
    let mut stage = about_to_thank().await;
    stage.pass("2d").await;
    // An order of the same day as the first one arrives late.
    let same_day = order_at("anna", "a0", instant("2026-03-02T12:00:00Z"));
    stage.take(&[same_day]).await;
    stage.pass("9d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks", "welcome/guide", "welcome/nudge"]);
}

//! Messages with an unknown outcome: evidence resolves them; if the provider has reported later mails and stays silent
//! about this one, the message returns to the queue once; nothing else sends it again.

use crate::outcomes::about_to_thank;
use crate::stage::{Stage, instant, key};
use aws_sdk_sesv2::config::{AsyncSleep, Sleep};
use aws_smithy_types::timeout::TimeoutConfig;
use rekindle_emulators::{Fault, Matching, Service, services};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::message::{MessageState, NextAction};
use rekindle_local_stack::FEEDBACK_QUEUE;
use rekindle_messaging::Mailer;
use rekindle_platform::{AwsEndpoints, Clients};
use send::{Progress, Sender};
use serde_json::json;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The pause of a time-out, which ends when the test decides: a real time-out could fire before the provider has the
/// call, on a busy machine.
#[derive(Debug, Clone, Default)]
struct PauseByHand(Arc<Notify>);

impl AsyncSleep for PauseByHand {
    fn sleep(&self, _: Duration) -> Sleep {
        let over = Arc::clone(&self.0);
        Sleep::new(async move { over.notified().await })
    }
}

/// A sender that gives up on its provider when the pause is over.
async fn impatient(stage: &Stage, pause: PauseByHand) -> Sender {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let services_url = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(axum::serve(listener, services::router(stage.stack.cloud.clone())).into_future());
    let ses = Clients::local(&AwsEndpoints { dynamodb: services_url.clone(), services: services_url }).ses();
    let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_secs(10)).build();
    let config = ses.config().to_builder().timeout_config(timeouts).sleep_impl(pause);
    let ses = aws_sdk_sesv2::Client::from_conf(config.build());
    Sender { mailer: Mailer::new(&ses, Some("rekindle".to_owned())), ..stage.stack.handlers.send.clone() }
}

/// A welcome mail in the table and on the queue, and a clock at which it is due.
async fn created() -> Stage {
    let stage = about_to_thank().await;
    stage.skip("1h");
    stage.advance("anna").await;
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_an_accepted_mail_is_resolved_by_the_providers_event() {
    let hang = Arc::new(Notify::new());
    for fault in [Fault::ApplyThenDrop, Fault::ApplyThenHang(Arc::clone(&hang)), Fault::HangThenApply(hang)] {
        let mut stage = created().await;
        let pause = PauseByHand::default();
        let sender = impatient(&stage, pause.clone()).await;
        stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, fault.clone());
        let id = stage.message("anna", "thanks").await.id;
        let gives_up = async {
            while stage.stack.cloud.faults().remaining() > 0 {
                tokio::task::yield_now().await;
            }
            while !matches!(fault, Fault::HangThenApply(_)) && stage.mailbox().is_empty() {
                tokio::task::yield_now().await;
            }
            pause.0.notify_one();
        };
        let anna = key("anna");
        let (settled, ()) = tokio::join!(sender.process_message(&anna, &id), gives_up);
        assert_eq!(settled.expect("an outcome"), Progress::Done(MessageState::Unknown), "{fault:?}");
        let message = stage.message("anna", "thanks").await;
        assert_eq!(message.unknown_since, Some(stage.now()));
        if let Fault::HangThenApply(until) = &fault {
            // The provider accepts the mail long after the caller has given up.
            until.notify_one();
            while stage.mailbox().is_empty() {
                tokio::task::yield_now().await;
            }
        }
        stage.settle().await;
        let message = stage.message("anna", "thanks").await;
        assert_eq!((message.state, message.attempts), (MessageState::Delivered, 1), "{fault:?}");
        assert!(message.provider_id.is_some() && message.unknown_since.is_none());
        stage.pass("2d").await;
        assert_eq!(stage.sent("anna"), ["welcome/thanks"], "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_error_without_evidence_ends_unconfirmed_after_a_day_and_is_not_repeated() {
    for fault in [Fault::ServerError(500), Fault::ServerError(503), Fault::Drop] {
        let mut stage = about_to_thank().await;
        stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, fault.clone());
        stage.pass("1h").await;
        assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Unknown, "{fault:?}");
        stage.pass("1435m").await;
        assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Unknown, "{fault:?}");
        stage.pass("10m").await;
        let message = stage.message("anna", "thanks").await;
        assert_eq!((message.state, message.attempts), (MessageState::Unconfirmed, 1), "{fault:?}");
        assert_eq!(stage.mailbox().len(), 0);
        assert_eq!(stage.overview().await.unsettled["unconfirmed"], 1);
        // It may have gone out, so it keeps its place under the cap.
        assert_eq!(stage.customer("anna").await.decided.contacts.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_mail_that_a_later_one_proves_lost_is_sent_again_once_and_not_a_second_time() {
    let mut stage = about_to_thank().await;
    let lost = Matching::Recipient("anna@example.com".to_owned());
    stage.stack.cloud.faults().plan(Service::Ses, 1, lost.clone(), Fault::ServerError(500));
    stage.pass("1h").await;
    stage.order("bela", "b1").await;
    stage.pass("14m").await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Unknown);
    // Bela's mail goes out an hour later and its events arrive: now the provider's silence about Anna's mail is
    // evidence.
    stage.pass("90m").await;
    assert_eq!(stage.sent("bela"), ["welcome/thanks"]);
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts, message.requeued), (MessageState::Delivered, 2, true));
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);

    // Lost twice: the second time there is never enough evidence.
    let mut stage = about_to_thank().await;
    stage.stack.cloud.faults().plan(Service::Ses, 2, lost, Fault::ServerError(500));
    stage.pass("1h").await;
    for hour in 0..30 {
        stage.order(&format!("bela{hour}"), &format!("b{hour}")).await;
        stage.pass("1h").await;
    }
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts, message.requeued), (MessageState::Unconfirmed, 2, true));
    assert_eq!(stage.sent("anna"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_quiet_account_a_canary_is_the_evidence_that_a_mail_was_lost() {
    let mut stage = Stage::with(|stack| {
        stack.handlers.send.canary_from = Some("canary@example.com".to_owned());
    })
    .await;
    stage.order("anna", "a1").await;
    let lost = Matching::Recipient("anna@example.com".to_owned());
    stage.stack.cloud.faults().plan(Service::Ses, 1, lost, Fault::ServerError(500));
    stage.pass("70m").await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Unknown);
    stage.pass("3h").await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Unknown, "no other customer gets mail");
    stage.stack.handlers.send.canary().await.expect("it leaves");
    stage.pass("2h").await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts, message.requeued), (MessageState::Delivered, 2, true));
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_an_earlier_mail_is_no_evidence() {
    let mut stage = Stage::new().await;
    stage.order("bela", "b1").await;
    stage.pass("1h").await;
    assert_eq!(stage.sent("bela"), ["welcome/thanks"]);
    stage.order("anna", "a1").await;
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::ServerError(500));
    stage.pass("6h").await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts), (MessageState::Unknown, 1));
    let through = stage.stack.store.events_through(stage.now()).await.expect("read");
    assert!(matches!(message.next_action(stage.now(), through), NextAction::Wait(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_hours_late_resolves_the_message_without_a_second_mail() {
    let mut stage = created().await;
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::ApplyThenDrop);
    let id = stage.message("anna", "thanks").await.id;
    stage.send("anna", &id).await.expect("an outcome");
    // Its events take three hours to arrive.
    let events = stage.stack.cloud.queues().receive(FEEDBACK_QUEUE, 10).expect("the queue");
    let bodies: Vec<_> = events.iter().map(|event| rekindle_emulators::Outgoing::new(event.body.clone())).collect();
    let receipts = events.iter().map(|event| event.receipt.as_str());
    stage.stack.cloud.queues().delete(FEEDBACK_QUEUE, receipts).expect("the queue");
    stage.pass("3h").await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Unknown);
    stage.stack.cloud.queues().send(FEEDBACK_QUEUE, &bodies).expect("the queue");
    stage.settle().await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Delivered);
    stage.pass("2d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    let accepted_at = stage.message("anna", "thanks").await.accepted_at;
    assert_eq!(accepted_at, Some(instant("2026-03-02T11:00:00Z")), "it counts from when it went out");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_arrive_together_after_an_outage_of_their_channel_are_no_evidence() {
    let mut stage = created().await;
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::ApplyThenDrop);
    let id = stage.message("anna", "thanks").await.id;
    stage.send("anna", &id).await.expect("an outcome");
    let held_back = |stage: &Stage| {
        let events = stage.stack.cloud.queues().receive(FEEDBACK_QUEUE, 10).expect("the queue");
        let bodies: Vec<_> = events.iter().map(|event| rekindle_emulators::Outgoing::new(event.body.clone())).collect();
        let receipts = events.iter().map(|event| event.receipt.as_str());
        stage.stack.cloud.queues().delete(FEEDBACK_QUEUE, receipts).expect("the queue");
        bodies
    };
    let of_anna = held_back(&stage);
    stage.order("bela", "b1").await;
    stage.settle().await;
    stage.skip("1h");
    stage.advance("bela").await;
    let message = stage.message("bela", "thanks").await;
    stage.send("bela", &message.id).await.expect("sent");
    let of_bela = held_back(&stage);
    assert!(!of_anna.is_empty() && !of_bela.is_empty());
    stage.pass("3h").await;
    // The channel works again, and the events of the later mail happen to arrive first.
    stage.stack.cloud.queues().send(FEEDBACK_QUEUE, &of_bela).expect("the queue");
    stage.pass("2h").await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Unknown);
    stage.stack.cloud.queues().send(FEEDBACK_QUEUE, &of_anna).expect("the queue");
    stage.pass("2h").await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Delivered);
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_text_message_is_never_repeated_whatever_mails_report() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.tell("anna", json!({ "phone": "+442071838750", "sms_marketing_consent": true })).await;
    stage.agree("anna", Channel::Sms).await;
    let publish = Matching::Action("Publish".to_owned());
    stage.stack.cloud.faults().plan(Service::Sns, 1, publish, Fault::ApplyThenDrop);
    stage.pass("14d").await;
    assert_eq!(stage.message("anna", "text").await.state, MessageState::Unknown);
    stage.order("bela", "b1").await;
    stage.pass("23h").await;
    assert_eq!(stage.sent("bela"), ["welcome/thanks"]);
    assert_eq!(stage.message("anna", "text").await.state, MessageState::Unknown);
    stage.pass("2h").await;
    let message = stage.message("anna", "text").await;
    assert_eq!((message.state, message.attempts, message.requeued), (MessageState::Unconfirmed, 1, false));
    assert_eq!(stage.sent("anna").iter().filter(|sent| *sent == "welcome/text").count(), 1);
}

//! Planned failures, as the SDK clients see them.

use crate::ses::mail;
use crate::sns::sms;
use crate::stage::{QUEUE, Stage};
use aws_sdk_sesv2::error::SdkError;
use rekindle_emulators::{Fault, Matching, Service};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

const ANN: &str = "ann@customer.example";
const PHONE: &str = "+12025550123";

fn mails(stage: &Stage) -> u64 {
    stage.cloud.mailbox().count().expect("a count").email
}

/// How long a test waits for another task before it fails: longer than a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits until another task has done its work.
async fn eventually(is_done: impl Fn() -> bool) {
    let waiting = async {
        while !is_done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the other task does its work");
}

#[tokio::test]
async fn a_throttled_call_is_refused_for_certain_and_the_next_one_is_accepted() {
    let stage = Stage::new().await;
    stage.cloud.faults().plan(Service::Ses, 2, Matching::Any, Fault::Throttle);
    for _ in 0..2 {
        let refused = mail(&stage, ANN).send().await.expect_err("throttled");
        assert_eq!(refused.raw_response().map(|response| response.status().as_u16()), Some(429));
        assert!(refused.into_service_error().is_too_many_requests_exception());
    }
    assert_eq!((mails(&stage), stage.cloud.faults().remaining()), (0, 0));
    mail(&stage, ANN).send().await.expect("sent");

    stage.cloud.faults().plan(Service::Sns, 1, Matching::Any, Fault::Throttle);
    let refused = sms(&stage, PHONE, "Hi").send().await.expect_err("throttled").into_service_error();
    assert_eq!(refused.meta().code(), Some("Throttling"));
    stage.cloud.faults().plan(Service::Sqs, 1, Matching::Recipient(QUEUE.to_owned()), Fault::Throttle);
    let send = stage.sqs.send_message().queue_url(stage.queue_url(QUEUE)).message_body("a");
    assert!(send.send().await.expect_err("throttled").into_service_error().is_request_throttled());
}

#[tokio::test]
async fn a_refusal_carries_the_planned_error() {
    let stage = Stage::new().await;
    let plan = |status, code| stage.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Refuse(status, code));
    let refused = || async { mail(&stage, ANN).send().await.expect_err("refused").into_service_error() };
    plan(400, "MessageRejected");
    assert!(refused().await.is_message_rejected());
    plan(400, "SendingPausedException");
    assert!(refused().await.is_sending_paused_exception());
    plan(400, "AccountSuspendedException");
    assert!(refused().await.is_account_suspended_exception());
    plan(400, "LimitExceededException");
    assert!(refused().await.is_limit_exceeded_exception());
    plan(400, "MailFromDomainNotVerifiedException");
    assert!(refused().await.is_mail_from_domain_not_verified_exception());
    plan(404, "NotFoundException");
    assert!(refused().await.is_not_found_exception());
    assert_eq!(mails(&stage), 0);
}

#[tokio::test]
async fn a_server_error_has_its_status() {
    let stage = Stage::new().await;
    for status in [500, 503] {
        stage.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::ServerError(status));
        let failed = mail(&stage, ANN).send().await.expect_err("failed");
        assert_eq!(failed.raw_response().map(|response| response.status().as_u16()), Some(status));
    }
    assert_eq!(mails(&stage), 0);
}

#[tokio::test]
async fn an_applied_but_lost_call_leaves_the_mail_in_the_mailbox_and_its_events_in_the_queue() {
    let stage = Stage::new().await;
    stage.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::ApplyThenDrop);
    let lost = mail(&stage, ANN).send().await.expect_err("no answer");
    assert!(matches!(lost, SdkError::DispatchFailure(_)), "{lost:?}");
    assert_eq!(mails(&stage), 1);
    assert_eq!(stage.event_types(), ["Send", "Delivery"]);

    stage.cloud.faults().plan(Service::Sns, 1, Matching::Any, Fault::ApplyThenDrop);
    sms(&stage, PHONE, "Hi").send().await.expect_err("no answer");
    assert_eq!(stage.cloud.mailbox().count().expect("a count").sms, 1);
    stage.cloud.faults().plan(Service::Sqs, 1, Matching::Action("SendMessage".to_owned()), Fault::ApplyThenDrop);
    let send = stage.sqs.send_message().queue_url(stage.queue_url(QUEUE)).message_body("a");
    send.send().await.expect_err("no answer");
    assert_eq!(stage.cloud.queues().depth(QUEUE).expect("a depth").visible, 1);
}

#[tokio::test]
async fn a_dropped_call_leaves_nothing() {
    let stage = Stage::new().await;
    stage.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Drop);
    let lost = mail(&stage, ANN).send().await.expect_err("no answer");
    assert!(matches!(lost, SdkError::DispatchFailure(_)), "{lost:?}");
    assert_eq!(mails(&stage), 0);
    mail(&stage, ANN).send().await.expect("the next connection is good");
}

#[tokio::test]
async fn a_call_accepted_twice_delivers_twice_under_one_id() {
    let stage = Stage::new().await;
    stage.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::ApplyTwice);
    mail(&stage, ANN).send().await.expect("sent");
    assert_eq!(mails(&stage), 2);
    assert_eq!(stage.event_types(), ["Send", "Delivery", "Send", "Delivery"]);
    let (one, two) = (stage.cloud.mailbox().get(1), stage.cloud.mailbox().get(2));
    let id = |message: Result<Option<rekindle_emulators::Message>, _>| {
        message.expect("a mailbox").map(|message| message.content.provider_id)
    };
    assert_eq!(id(one), id(two));
}

#[tokio::test]
async fn a_call_that_hangs_is_applied_later_even_though_the_caller_gave_up() {
    let stage = Stage::new().await;
    let until = Arc::new(Notify::new());
    stage.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::HangThenApply(Arc::clone(&until)));
    let call = tokio::spawn(mail(&stage, ANN).send());
    eventually(|| stage.cloud.faults().remaining() == 0).await;
    call.abort();
    // Gives the server time to see that the client has closed the connection.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(mails(&stage), 0);
    until.notify_one();
    eventually(|| mails(&stage) > 0).await;
    assert_eq!(mails(&stage), 1);
}

#[tokio::test]
async fn an_answer_can_be_held_back_after_the_call_was_applied() {
    let stage = Stage::new().await;
    let until = Arc::new(Notify::new());
    stage.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::ApplyThenHang(Arc::clone(&until)));
    let call = tokio::spawn(mail(&stage, ANN).send());
    eventually(|| mails(&stage) > 0).await;
    assert!(!call.is_finished());
    until.notify_one();
    call.await.expect("no panic").expect("answered at last");
}

#[tokio::test]
async fn a_fault_meets_only_the_calls_it_is_for() {
    let stage = Stage::new().await;
    let bob = Matching::Recipient("bob@customer.example".to_owned());
    stage.cloud.faults().plan(Service::Ses, 1, bob, Fault::Throttle);
    stage.cloud.faults().plan(Service::Ses, 1, Matching::Tag("step".to_owned(), "nps".to_owned()), Fault::Throttle);
    mail(&stage, ANN).send().await.expect("another recipient and another step");
    assert_eq!(stage.cloud.faults().remaining(), 2);
    mail(&stage, "bob@customer.example").send().await.expect_err("throttled");
    assert_eq!(stage.cloud.faults().remaining(), 1);
    stage.cloud.faults().clear();
    assert_eq!(stage.cloud.faults().remaining(), 0);
}

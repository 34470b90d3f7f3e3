//! A function that stops half-way: the guarantee is the customer's `due_at`, and a lease is never a licence.

use crate::stage::{Stage, instant, key};
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::message::{LEASE, MessageState};
use rekindle_local_stack::SEND_QUEUE;
use send::Progress;
use std::sync::Arc;
use tokio::sync::Notify;

/// A welcome mail in the table and on the queue, and a clock at which it is due.
async fn created() -> Stage {
    let stage = crate::outcomes::about_to_thank().await;
    stage.skip("1h");
    stage.advance("anna").await;
    stage
}

/// Starts to send Anna's mail and crashes while the provider has the call.
async fn send_and_die(stage: &Stage, fault: Fault) {
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, fault);
    let message = stage.message("anna", "thanks").await;
    let (anna, sender) = (key("anna"), stage.stack.handlers.send.clone());
    let sending = tokio::spawn(async move { sender.process_message(&anna, &message.id).await });
    while stage.stack.cloud.faults().remaining() > 0 {
        tokio::task::yield_now().await;
    }
    sending.abort();
    assert!(sending.await.expect_err("stopped").is_cancelled());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_crashes_before_the_provider_accepts_leaves_the_mail_unknown_and_evidence_resends_it() {
    let mut stage = created().await;
    send_and_die(&stage, Fault::HangThenApply(Arc::new(Notify::new()))).await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.lease_until), (MessageState::Sending, Some(LEASE.after(stage.now()))));
    // While the lease holds, no other sender processes the message.
    let settled = stage.send("anna", &message.id).await.expect("looked at");
    assert_eq!(settled, Progress::Waiting(LEASE.after(stage.now())));
    stage.pass("10m").await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts), (MessageState::Unknown, 1), "an expired lease sends nothing");
    assert_eq!(message.unknown_since, Some(instant("2026-03-02T11:02:00Z")), "since the lease was over");
    stage.order("bela", "b1").await;
    stage.pass("3h").await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts, message.requeued), (MessageState::Delivered, 2, true));
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_crashes_after_the_provider_accepted_does_not_send_the_mail_again() {
    let mut stage = created().await;
    send_and_die(&stage, Fault::ApplyThenHang(Arc::new(Notify::new()))).await;
    while stage.mailbox().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Sending);
    stage.order("bela", "b1").await;
    stage.pass("2d").await;
    let message = stage.message("anna", "thanks").await;
    assert_eq!((message.state, message.attempts), (MessageState::Delivered, 1));
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_lost_on_the_way_to_the_queue_is_found_by_the_customers_due_time() {
    let mut stage = created().await;
    stage.stack.cloud.queues().purge(SEND_QUEUE).expect("a queue");
    stage.settle().await;
    assert!(stage.mailbox().is_empty());
    stage.pass("55m").await;
    assert!(stage.mailbox().is_empty());
    stage.pass("10m").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    assert_eq!(stage.message("anna", "thanks").await.attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advance_that_crashes_between_the_commit_and_the_queue_loses_nothing() {
    let mut stage = crate::outcomes::about_to_thank().await;
    stage.skip("1h");
    // The queue refuses everything: the steps after the commit do not happen, as in a crash.
    let send_queue = Matching::Recipient(SEND_QUEUE.to_owned());
    stage.stack.cloud.faults().plan(Service::Sqs, 1, send_queue.clone(), Fault::Refuse(400, "AccessDenied"));
    let advance = stage.stack.handlers.advance.clone();
    let error = advance.advance_customer(&key("anna"), &[], false).await.expect_err("the queue takes nothing");
    assert!(matches!(error, advance::AdvanceError::Queue(_)), "{error}");
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Queued);
    assert!(stage.stack.cloud.queues().is_empty(SEND_QUEUE).expect("a queue"));
    stage.pass("55m").await;
    assert!(stage.mailbox().is_empty());
    stage.pass("10m").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);

    // Any advance within ten minutes sends it sooner: the record returns to the queue.
    let mut stage = crate::outcomes::about_to_thank().await;
    stage.stack.cloud.faults().plan(Service::Sqs, 1, send_queue, Fault::Refuse(400, "AccessDenied"));
    stage.pass("65m").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    assert_eq!(stage.stack.cloud.faults().remaining(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_could_not_be_stored_is_learned_from_the_provider() {
    // The table refuses the sender's writes from the moment at which the mail is accepted.
    let (mut stage, gate) = crate::gate::Gate::before_send().await;
    stage.order("anna", "a1").await;
    stage.settle().await;
    gate.stop("TransactWriteItems", r#"\"state\":\"accepted\""#, 9, crate::gate::Stop::Refuse);
    stage.skip("1h");
    stage.advance("anna").await;
    let id = stage.message("anna", "thanks").await.id;
    stage.send("anna", &id).await.expect_err("the table takes nothing");
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Sending);
    stage.order("bela", "b1").await;
    stage.pass("2h").await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Delivered);
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

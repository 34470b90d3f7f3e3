//! Replaying dead letters once their cause is gone.

use crate::gate::{Gate, Stop};
use crate::stage::Stage;
use jiff::Timestamp;
use rekindle_emulators::{Fault, Matching, Outgoing, Service, services};
use rekindle_lifecycle::stage::Stage as Lifecycle;
use rekindle_local_stack::{ADVANCE_QUEUE, FEEDBACK_QUEUE, SEND_QUEUE};
use rekindle_operator::deployment::dead_letters::{Letters, Replay, ReplayError, Replayed};
use rekindle_platform::{AwsEndpoints, Clients};
use std::num::NonZeroU32;
use tokio::net::TcpListener;

/// A client of the stack's queues, as a program outside the stack has it.
async fn sqs(stage: &Stage) -> (aws_sdk_sqs::Client, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let services_url = format!("http://{}", listener.local_addr().expect("bound"));
    let router = services::router(stage.stack.cloud.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let endpoints = AwsEndpoints { dynamodb: services_url.clone(), services: services_url.clone() };
    (Clients::local(&endpoints).sqs(), format!("{services_url}/000000000000"))
}

async fn replay(stage: &Stage, letters: Letters, queue: &str, dry_run: bool) -> Result<Replayed, ReplayError> {
    let (client, base) = sqs(stage).await;
    let replay =
        Replay { client: &client, rate: NonZeroU32::MAX, dry_run, discard_unreadable: false, started_at: stage.now() };
    replay.run(letters, &format!("{base}/{queue}-dead"), &format!("{base}/{queue}"), |_| ()).await
}

impl Stage {
    fn dead(&self, queue: &str) -> u64 {
        let depth = self.stack.cloud.queues().depth(&format!("{queue}-dead")).expect("a queue");
        depth.visible + depth.in_flight
    }
}

/// A stack with a customer whose advance failed until its message became a dead letter.
async fn with_a_dead_customer() -> (Stage, Gate) {
    let (mut stage, gate) = Gate::before_advance().await;
    gate.stop("GetItem", "shop#bad", 1_000, Stop::Refuse);
    stage.order("bad", "b1").await;
    let rubbish = ["", "{}", r#"{"customer":"nobody"}"#].map(Outgoing::new);
    stage.stack.cloud.queues().send(ADVANCE_QUEUE, &rubbish).expect("sent");
    stage.pass("3h").await;
    assert_eq!(stage.dead(ADVANCE_QUEUE), 4);
    (stage, gate)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_processed_once_its_cause_is_gone_and_unreadable_ones_stay() {
    let (mut stage, gate) = with_a_dead_customer().await;
    let looked = Replayed { moved: 1, unreadable: 3, ..Replayed::default() };
    assert_eq!(replay(&stage, Letters::Advance, ADVANCE_QUEUE, true).await.expect("looked"), looked);
    assert_eq!(stage.dead(ADVANCE_QUEUE), 4, "a dry run moves nothing");
    gate.open();
    assert_eq!(replay(&stage, Letters::Advance, ADVANCE_QUEUE, false).await.expect("moved"), looked);
    assert_eq!(stage.dead(ADVANCE_QUEUE), 3);
    stage.settle().await;
    assert_eq!(stage.customer("bad").await.stage, Lifecycle::New);
    let again = Replayed { unreadable: 3, ..Replayed::default() };
    assert_eq!(replay(&stage, Letters::Advance, ADVANCE_QUEUE, false).await.expect("looked"), again);
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_dead_letters_are_deleted_only_where_that_is_asked_for_and_the_readable_one_goes_back() {
    let (mut stage, gate) = with_a_dead_customer().await;
    gate.open();
    let (client, base) = sqs(&stage).await;
    let (from, to) = (format!("{base}/{ADVANCE_QUEUE}-dead"), format!("{base}/{ADVANCE_QUEUE}"));
    let run = async |dry_run: bool, started_at| {
        let replay = Replay { client: &client, rate: NonZeroU32::MAX, dry_run, discard_unreadable: true, started_at };
        replay.run(Letters::Advance, &from, &to, |_| ()).await.expect("replayed")
    };
    let looked = Replayed { moved: 1, unreadable: 3, ..Replayed::default() };
    assert_eq!((run(true, stage.now()).await, stage.dead(ADVANCE_QUEUE)), (looked, 4), "a dry run deletes nothing");
    let done = Replayed { moved: 1, discarded: 3, ..Replayed::default() };
    assert_eq!((run(false, stage.now()).await, stage.dead(ADVANCE_QUEUE)), (done, 0));
    stage.pass("2h").await;
    assert_eq!(stage.sent("bad"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_that_stops_in_between_loses_no_letter_and_its_repetition_does_no_harm() {
    let (mut stage, gate) = with_a_dead_customer().await;
    gate.open();
    // The queue refuses the message, so it stays a dead letter.
    let refused = || Fault::Refuse(400, "AccessDenied");
    let faults = stage.stack.cloud.faults().clone();
    faults.plan(Service::Sqs, 1, Matching::Action("SendMessageBatch".to_owned()), refused());
    assert!(replay(&stage, Letters::Advance, ADVANCE_QUEUE, false).await.is_err());
    assert_eq!(stage.dead(ADVANCE_QUEUE), 4);
    // It is on both queues.
    stage.skip("20m");
    faults.plan(Service::Sqs, 1, Matching::Action("DeleteMessageBatch".to_owned()), refused());
    assert!(replay(&stage, Letters::Advance, ADVANCE_QUEUE, false).await.is_err());
    assert_eq!(stage.dead(ADVANCE_QUEUE), 4);
    stage.settle().await;
    let once = stage.customer("bad").await;
    assert_eq!(once.stage, Lifecycle::New);
    stage.skip("20m");
    let moved = replay(&stage, Letters::Advance, ADVANCE_QUEUE, false).await.expect("moved");
    assert_eq!(moved, Replayed { moved: 1, unreadable: 3, ..Replayed::default() });
    stage.settle().await;
    let twice = stage.customer("bad").await;
    assert_eq!((twice.folded, twice.stage), (once.folded, once.stage));
    assert_eq!(stage.sent("bad"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_that_return_during_a_replay_are_left() {
    let stage = Stage::new().await;
    let queues = stage.stack.cloud.queues().clone();
    let work = r#"{"customer":"shop#anna"}"#;
    for queue in [ADVANCE_QUEUE, SEND_QUEUE, FEEDBACK_QUEUE] {
        queues.send(&format!("{queue}-dead"), &[Outgoing::new(work)]).expect("sent");
    }
    // No dead letter is older than this replay.
    let (client, base) = sqs(&stage).await;
    let replay = Replay {
        client: &client,
        rate: NonZeroU32::MAX,
        dry_run: false,
        discard_unreadable: false,
        started_at: Timestamp::UNIX_EPOCH,
    };
    let (from, to) = (format!("{base}/{ADVANCE_QUEUE}-dead"), format!("{base}/{ADVANCE_QUEUE}"));
    let left = replay.run(Letters::Advance, &from, &to, |_| ()).await.expect("looked");
    assert_eq!(left, Replayed { came_back: 1, ..Replayed::default() });
    assert_eq!((replay.waiting(&from).await.expect("counted"), stage.dead(ADVANCE_QUEUE)), (1, 1));
    // Work for one function is not work for another.
    for (letters, queue) in [(Letters::Send, SEND_QUEUE), (Letters::Feedback, FEEDBACK_QUEUE)] {
        let replay = Replay { started_at: stage.now() + jiff::SignedDuration::from_hours(1), ..replay };
        let (from, to) = (format!("{base}/{queue}-dead"), format!("{base}/{queue}"));
        let left = replay.run(letters, &from, &to, |_| ()).await.expect("looked");
        assert_eq!(left, Replayed { unreadable: 1, ..Replayed::default() }, "{queue}");
    }
}

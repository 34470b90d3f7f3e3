//! The opt-outs that SNS keeps, read into the mailboxes.

use crate::inbound_texts::{closed, note, said, texted};
use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::facts::SuppressionCause;
use rekindle_platform::Clock;
use rekindle_store::sending::opt_out_mirror::MirrorPlace;
use rekindle_store::sending::phone_numbers::TextKind;
use serde_json::json;
use std::sync::atomic::{AtomicI64, Ordering};

/// From one pass over the list of opt-outs to the next: the stack makes the first one when it starts.
const A_PASS: &str = "1d";

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn the_opt_outs_of_sns_are_mirrored_page_by_page_and_a_second_pass_changes_nothing() {
    let stage = texted(TextKind::Other).await;
    for number in 0..250 {
        stage.stack.cloud.opt_outs().opt_out(&format!("+1202555{number:04}")).expect("stored");
    }
    note(&stage, "anna", "+12025550249", TextKind::Other, stage.now()).await;
    stage.skip(A_PASS);
    let feedback = &stage.stack.handlers.feedback;
    // SNS takes nothing at first; the next run reads the list.
    let action = || Matching::Action("ListPhoneNumbersOptedOut".to_owned());
    stage.stack.cloud.faults().plan(Service::Sns, 1, action(), Fault::Throttle);
    feedback.mirror_opt_outs().await.expect_err("SNS takes nothing");
    let event = json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": {} });
    let mirrored = ::feedback::handle_any(feedback, event).await.expect("mirrored");
    // 143 is Anna's and Bela's number, 249 was Anna's alone.
    assert_eq!(mirrored, json!({ "numbers": 250, "closed": 2, "unfinished": false }));
    assert_eq!(closed(&stage, "anna").await, Some(SuppressionCause::Stop));
    let facts = said(&stage, "anna").await;
    stage.skip("1d");
    let again = feedback.mirror_opt_outs().await.expect("mirrored");
    assert_eq!((again.numbers, again.closed), (250, 0));
    assert_eq!(said(&stage, "anna").await, facts);
    let unknown = ::feedback::handle_any(feedback, json!({ "source": "aws.s3" })).await.expect_err("not ours");
    assert!(unknown.to_string().contains("neither a batch"), "{unknown}");
}

/// A clock that advances by a minute with every reading.
fn hurrying_clock(from: Timestamp) -> Clock {
    let minutes = AtomicI64::new(0);
    Clock::from_fn(move || from + SignedDuration::from_mins(minutes.fetch_add(1, Ordering::Relaxed)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_opt_outs_that_is_longer_than_one_run_takes_is_finished_by_the_next_ones() {
    let stage = texted(TextKind::Other).await;
    for number in 0..750 {
        stage.stack.cloud.opt_outs().opt_out(&format!("+1202555{number:04}")).expect("stored");
    }
    note(&stage, "anna", "+12025550749", TextKind::Other, stage.now()).await;
    stage.skip(A_PASS);
    let mut feedback = stage.stack.handlers.feedback.clone();
    feedback.clock = hurrying_clock(stage.now());
    let mut runs = Vec::new();
    loop {
        let mirrored = feedback.mirror_opt_outs().await.expect("mirrored");
        runs.push(mirrored.numbers);
        if !mirrored.unfinished {
            break;
        }
        // The page that SNS fails on is requested again, and the pages before it are not.
        let action = Matching::Action("ListPhoneNumbersOptedOut".to_owned());
        stage.stack.cloud.faults().plan(Service::Sns, 1, action, Fault::ServerError(500));
        feedback.mirror_opt_outs().await.expect_err("SNS takes nothing");
    }
    assert!(runs.len() > 2 && runs.iter().all(|numbers| *numbers < 750), "{runs:?}");
    assert_eq!(runs.iter().sum::<usize>(), 750, "each number once: {runs:?}");
    assert_eq!(closed(&stage, "anna").await, Some(SuppressionCause::Stop));
    assert_eq!(feedback.mirror_opt_outs().await.expect("nothing to do").numbers, 0, "the next pass is not due");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_in_the_opt_outs_that_sns_refuses_restarts_the_list() {
    let stage = texted(TextKind::Other).await;
    for number in 0..250 {
        stage.stack.cloud.opt_outs().opt_out(&format!("+1202555{number:04}")).expect("stored");
    }
    let now = stage.now();
    let place = MirrorPlace { began_at: now, written_at: now, next_page: Some("+12025550199".to_owned()) };
    let (_, revision) = stage.stack.store.mirror_place().await.expect("read");
    assert!(stage.stack.store.put_mirror_place(&place, revision).await.expect("stored"));
    let action = Matching::Action("ListPhoneNumbersOptedOut".to_owned());
    stage.stack.cloud.faults().plan(Service::Sns, 1, action, Fault::Refuse(400, "InvalidParameter"));
    let mirrored = stage.stack.handlers.feedback.mirror_opt_outs().await.expect("mirrored");
    assert_eq!(mirrored.numbers, 250, "not only those behind the refused place");
}

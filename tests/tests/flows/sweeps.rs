//! Sweeps in virtual time: at every full five minutes, as the schedule on AWS has them, and at no other instant.

use crate::stage::{Stage, instant};
use rekindle_emulators::Outgoing;
use rekindle_local_stack::FEEDBACK_QUEUE;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_found_by_the_next_sweep_even_if_the_clock_stops_before_it_for_something_else() {
    let mut stage = Stage::new().await;
    stage.pass("2m").await;
    stage.order("anna", "a1").await;
    stage.settle().await;
    assert_eq!(stage.customer("anna").await.due_at, Some(instant("2026-03-02T11:02:00Z")));

    // A message that becomes visible at 11:03, between the instant at which the customer is due and the next sweep.
    stage.pass("50m").await;
    let delayed = Outgoing { delay: Some(Duration::from_secs(11 * 60)), ..Outgoing::new("{}") };
    stage.stack.cloud.queues().send(FEEDBACK_QUEUE, &[delayed]).expect("sent");
    stage.pass("12m").await;
    assert_eq!(stage.sent("anna"), Vec::<String>::new(), "no sweep is due before 11:05");

    stage.pass("2m").await;
    let sent_at: Vec<_> = stage.mailbox().iter().map(|mail| mail.sent_at).collect();
    assert_eq!(sent_at, [instant("2026-03-02T11:05:00Z")]);
}

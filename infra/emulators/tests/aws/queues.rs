//! Queues through direct calls: visibility, delays and dead letters, all by the virtual clock.

use crate::stage::{DEAD, QUEUE, Stage};
use rekindle_emulators::{CloudError, Outgoing, QueueDepth};
use std::time::{Duration, Instant};

fn bodies(messages: &[rekindle_emulators::QueuedMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

#[tokio::test]
async fn a_received_message_is_hidden_and_comes_back_when_its_visibility_timeout_is_over() {
    let stage = Stage::new().await;
    let queues = stage.cloud.queues();
    queues.send(QUEUE, &[Outgoing::new("one")]).expect("sent");
    let first = queues.receive(QUEUE, 10).expect("received");
    assert_eq!((bodies(&first), first[0].receives), (vec!["one"], 1));
    assert_eq!(queues.next_visible_at(QUEUE).expect("a time"), Some(stage.after(30)));
    stage.advance(Duration::from_millis(29_999));
    assert!(queues.receive(QUEUE, 10).expect("received").is_empty());
    stage.advance(Duration::from_millis(1));
    let second = queues.receive(QUEUE, 10).expect("received");
    assert_eq!((bodies(&second), second[0].receives), (vec!["one"], 2));
    assert_eq!(second[0].message_id, first[0].message_id);
    assert_eq!(second[0].first_received_at, stage.after(0));

    assert_eq!(queues.delete(QUEUE, [first[0].receipt.as_str()]).expect("no failure"), 0, "the older receipt");
    assert!(!queues.is_empty(QUEUE).expect("a queue"));
    assert_eq!(queues.delete(QUEUE, [second[0].receipt.as_str()]).expect("no failure"), 1);
    assert!(queues.is_empty(QUEUE).expect("a queue"));
}

#[tokio::test]
async fn a_delayed_message_is_hidden_until_its_delay_is_over() {
    let stage = Stage::new().await;
    let queues = stage.cloud.queues();
    let delayed = Outgoing { delay: Some(Duration::from_secs(900)), ..Outgoing::new("late") };
    queues.send(QUEUE, &[delayed, Outgoing::new("now")]).expect("sent");
    assert_eq!(queues.depth(QUEUE).expect("a depth"), QueueDepth { visible: 1, in_flight: 0, delayed: 1 });
    assert_eq!(bodies(&queues.receive(QUEUE, 10).expect("received")), ["now"]);
    assert_eq!(queues.depth(QUEUE).expect("a depth"), QueueDepth { visible: 0, in_flight: 1, delayed: 1 });
    stage.advance(Duration::from_secs(900));
    assert_eq!(bodies(&queues.receive(QUEUE, 10).expect("received")), ["now", "late"]);
}

#[tokio::test]
async fn a_message_received_too_often_becomes_a_dead_letter_that_keeps_its_identity_and_age() {
    let stage = Stage::new().await;
    let queues = stage.cloud.queues();
    queues.send(QUEUE, &[Outgoing::new("poison")]).expect("sent");
    let mut message_id = String::new();
    for receives in 1..=3 {
        let received = queues.receive(QUEUE, 10).expect("received");
        assert_eq!(received[0].receives, receives);
        message_id.clone_from(&received[0].message_id);
        stage.advance(Duration::from_secs(30));
    }
    queues.send(QUEUE, &[Outgoing::new("healthy")]).expect("sent");
    assert_eq!(bodies(&queues.receive(QUEUE, 10).expect("received")), ["healthy"]);
    let dead = queues.receive(DEAD, 10).expect("received");
    assert_eq!((bodies(&dead), &dead[0].message_id, dead[0].sent_at), (vec!["poison"], &message_id, stage.after(0)));
}

#[tokio::test]
async fn a_queue_full_of_dead_letters_does_not_hide_the_messages_behind_them() {
    let stage = Stage::new().await;
    let queues = stage.cloud.queues();
    queues.send(QUEUE, &["a", "b"].map(Outgoing::new)).expect("sent");
    for _ in 0..3 {
        queues.receive(QUEUE, 10).expect("received");
        stage.advance(Duration::from_secs(30));
    }
    queues.send(QUEUE, &[Outgoing::new("c")]).expect("sent");
    assert_eq!(bodies(&queues.receive(QUEUE, 2).expect("received")), ["c"]);
    assert_eq!(queues.depth(DEAD).expect("a depth").visible, 2);
}

#[tokio::test]
async fn a_released_message_is_visible_at_once_and_a_postponed_one_later() {
    let stage = Stage::new().await;
    let queues = stage.cloud.queues();
    queues.send(QUEUE, &["a", "b"].map(Outgoing::new)).expect("sent");
    let received = queues.receive(QUEUE, 10).expect("received");
    assert_eq!(queues.release(QUEUE, [received[0].receipt.as_str()]).expect("released"), 1);
    let postponed = queues.change_visibility(QUEUE, [received[1].receipt.as_str()], Duration::from_secs(60));
    assert_eq!(postponed.expect("postponed"), 1);
    assert_eq!(bodies(&queues.receive(QUEUE, 10).expect("received")), ["a"]);
    stage.advance(Duration::from_secs(60));
    assert_eq!(bodies(&queues.receive(QUEUE, 10).expect("received")), ["a", "b"]);
}

#[tokio::test]
async fn a_receipt_deletes_nothing_in_another_queue_and_a_text_that_is_none_deletes_nothing() {
    let stage = Stage::new().await;
    let queues = stage.cloud.queues();
    queues.send(QUEUE, &[Outgoing::new("a")]).expect("sent");
    let received = queues.receive(QUEUE, 1).expect("received");
    assert_eq!(queues.delete(DEAD, [received[0].receipt.as_str(), "1.1", "%", ""]).expect("no failure"), 0);
    assert!(!queues.is_empty(QUEUE).expect("a queue"));
}

#[tokio::test]
async fn a_queue_that_does_not_exist_is_named() {
    let stage = Stage::new().await;
    let refused = stage.cloud.queues().send("sned", &[Outgoing::new("a")]).expect_err("refused");
    assert!(matches!(&refused, CloudError::NoSuchQueue(name) if name == "sned"), "{refused}");
}

#[tokio::test]
async fn a_message_wakes_a_task_that_waits_for_arrivals() {
    let stage = Stage::new().await;
    let mut arrivals = stage.cloud.queues().arrivals();
    assert!(!arrivals.has_changed().expect("open"));
    stage.cloud.queues().send(QUEUE, &[Outgoing::new("a")]).expect("sent");
    assert!(arrivals.has_changed().expect("open"));
    arrivals.changed().await.expect("open");
}

#[tokio::test]
#[ignore = "measures; run it with --ignored --nocapture"]
async fn measure_messages_a_second() {
    const MESSAGES: u32 = 50_000;
    // The last round holds ten times as many messages at once, to compare the memory.
    for (batch, messages) in [(1, MESSAGES), (10, MESSAGES), (10, MESSAGES * 10)] {
        let stage = Stage::new().await;
        let queues = stage.cloud.queues();
        let body = "x".repeat(200);
        let begun = Instant::now();
        for _ in 0..messages / batch {
            let chunk: Vec<_> = (0..batch).map(|_| Outgoing::new(body.as_str())).collect();
            queues.send(QUEUE, &chunk).expect("sent");
        }
        let sent = begun.elapsed();
        let mut done = 0;
        while done < messages {
            let received = queues.receive(QUEUE, batch as usize).expect("received");
            queues.delete(QUEUE, received.iter().map(|message| message.receipt.as_str())).expect("deleted");
            done += u32::try_from(received.len()).expect("few");
        }
        let all = begun.elapsed();
        println!(
            "{messages} in batches of {batch}: {:.0} sent a second, {:.0} sent, received and deleted a second, {}",
            f64::from(messages) / sent.as_secs_f64(),
            f64::from(messages) / all.as_secs_f64(),
            peak_memory()
        );
        assert!(queues.is_empty(QUEUE).expect("a queue"));
    }
}

/// Returns the peak memory of this process, where the system reports it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("peak memory unknown").to_owned()
}

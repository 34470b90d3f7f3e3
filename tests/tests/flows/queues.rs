//! Queues and streams deliver late, twice and in any order, and work that fails for one customer must not stop the
//! others.

use crate::fold::fact_of_order;
use crate::gate::{Gate, Stop};
use crate::stage::{BEGINNING, EVERYBODY, Stage, alone, instant, key, open, order_at, pump, span};
use rekindle_emulators::Outgoing;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::facts::{Fact, Traits};
use rekindle_lifecycle::stage::Stage as Lifecycle;
use rekindle_local_stack::{ADVANCE_QUEUE, FEEDBACK_QUEUE, SEND_QUEUE};
use rekindle_store::work::{AdvanceWork, SendWork};
use std::sync::Arc;

fn with_address() -> Traits {
    Traits { email: EmailAddress::parse("anna@example.com").ok(), ..Traits::default() }
}

fn work(value: impl serde::Serialize) -> Outgoing {
    Outgoing::new(serde_json::to_string(&value).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_is_delivered_many_times_is_done_once() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.order("anna", "a1").await;
    stage.settle().await;
    let queues = stage.stack.cloud.queues().clone();
    let advance = |recount| work(AdvanceWork { recount, ..AdvanceWork::on(&key("anna")) });
    for _ in 0..3 {
        queues.send(ADVANCE_QUEUE, &[advance(false), advance(true), advance(false)]).expect("sent");
        stage.settle().await;
    }
    stage.skip("1h");
    queues.send(ADVANCE_QUEUE, &[advance(false), advance(true), advance(false)]).expect("sent");
    stage.advance("anna").await;
    let send = work(SendWork::on(&key("anna"), &stage.message("anna", "thanks").await.id));
    queues.send(SEND_QUEUE, &vec![send.clone(); 8]).expect("sent");
    stage.settle().await;
    queues.send(SEND_QUEUE, &vec![send; 8]).expect("sent");
    stage.pass("1d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    assert_eq!(stage.message("anna", "thanks").await.attempts, 1);
    assert_eq!(stage.customer("anna").await.folded.orders.recent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_work_becomes_a_dead_letter_and_stops_no_other_work() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    for queue in [ADVANCE_QUEUE, SEND_QUEUE, FEEDBACK_QUEUE] {
        let rubbish = ["", "{}", "not JSON", r#"{"customer":"nobody"}"#, r#"{"customer":"shop#x","message":"short"}"#];
        let rubbish: Vec<_> = rubbish.map(Outgoing::new).into();
        stage.stack.cloud.queues().send(queue, &rubbish).expect("sent");
    }
    // Work about a message that does not exist is not an error: it is finished at once.
    let absent = rekindle_lifecycle::id::MessageId::parse(&"a".repeat(26)).expect("an id");
    stage.stack.cloud.queues().send(SEND_QUEUE, &[work(SendWork::on(&key("nobody"), &absent))]).expect("sent");
    stage.pass("3h").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    for queue in [ADVANCE_QUEUE, SEND_QUEUE, FEEDBACK_QUEUE] {
        assert!(stage.stack.cloud.queues().is_empty(queue).expect("a queue"), "{queue}");
        let dead = stage.stack.cloud.queues().depth(&format!("{queue}-dead")).expect("a queue");
        assert!(dead.visible >= 4, "{queue}: {dead:?}");
    }
    assert_eq!(stage.overview().await.customers, 1, "no customer was invented");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_cannot_be_advanced_goes_to_the_queue_and_blocks_no_neighbour() {
    let (mut stage, gate) = Gate::before_advance().await;
    gate.stop("GetItem", "shop#bad", 1_000, Stop::Refuse);
    let names = ["anna", "bad", "cleo", "dora"];
    let orders: Vec<_> = names.iter().map(|name| order_at(name, name, stage.now())).collect();
    stage.take(&orders).await;
    stage.settle().await;
    for name in ["anna", "cleo", "dora"] {
        assert_eq!(stage.customer(name).await.stage, Lifecycle::New, "{name}");
    }
    assert_eq!(stage.customer("bad").await.version, 0);
    let waiting = stage.stack.cloud.queues().depth(ADVANCE_QUEUE).expect("a queue");
    assert_eq!(waiting.in_flight, 1, "{waiting:?}");
    stage.pass("2m").await;
    assert_eq!(stage.customer("bad").await.version, 0);
    gate.open();
    stage.pass("2m").await;
    let bad = stage.customer("bad").await;
    assert_eq!((bad.stage, bad.folded.orders.recent().len()), (Lifecycle::New, 1), "counted from all facts");
    stage.pass("1h").await;
    assert_eq!(stage.sent("bad"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_the_stream_that_neither_the_table_nor_the_queue_accepts_is_retried() {
    let (mut stage, gate) = Gate::before_advance().await;
    gate.stop("GetItem", "shop#anna", 2, Stop::Refuse);
    let full = rekindle_emulators::Matching::Recipient(ADVANCE_QUEUE.to_owned());
    let refused = rekindle_emulators::Fault::Refuse(400, "AccessDenied");
    stage.stack.cloud.faults().plan(rekindle_emulators::Service::Sqs, 2, full, refused);
    stage.order("anna", "a1").await;
    stage.settle().await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::New);
    assert_eq!(stage.stack.cloud.faults().remaining(), 0);
}

#[test]
fn a_reopened_stack_continues_where_the_stream_and_the_queues_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let anna = key("anna");
    alone(async {
        let stack = open(folder.path(), BEGINNING, "http://127.0.0.1:1").await;
        stack.store.put_policy(&stack.shop.id, EVERYBODY).await.expect("valid");
        let fact = Fact { traits: with_address(), ..fact_of_order("a1", stack.time.now()) };
        stack.store.put_facts(&[(anna.clone(), fact)]).await.expect("stored");
        // Stored and acknowledged; the stack ends before the stream is read.
    });
    alone(async {
        let stack = Arc::new(open(folder.path(), BEGINNING, "http://127.0.0.1:1").await);
        pump(&stack).settle().await.expect("the pump runs");
        assert_eq!(stack.store.customer(&anna).await.expect("a customer").stage, Lifecycle::New);
        stack.time.move_to(stack.time.now() + span("1h"), &stack.data).expect("the time can be kept");
        stack.handlers.advance.advance_customer(&anna, &[], false).await.expect("advanced");
        // On the queue and received; the stack ends before anything is done.
        assert_eq!(stack.cloud.queues().receive(SEND_QUEUE, 10).expect("a queue").len(), 1);
    });
    alone(async {
        let stack = Arc::new(open(folder.path(), BEGINNING, "http://127.0.0.1:1").await);
        assert_eq!(stack.time.now(), instant("2026-03-02T11:00:00Z"), "the clock has not moved");
        pump(&stack).settle().await.expect("the pump runs");
        assert_eq!(stack.cloud.mailbox().count().expect("a count").email, 1);
    });
}

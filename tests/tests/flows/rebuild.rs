//! An outage of the stream: facts are stored and acknowledged, but not processed. A rebuild finds all customers of
//! these facts.

use crate::stage::{Stage, key, order_at};
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::customer::Folded;
use rekindle_lifecycle::id::ShopId;
use rekindle_local_stack::ADVANCE_QUEUE;
use rekindle_operator::deployment::rebuild::{Rebuild, Whose};
use serde_json::{Value, json};
use std::num::NonZeroU32;

/// As fast as possible.
const RATE: NonZeroU32 = NonZeroU32::MAX;

impl Stage {
    /// The stream loses everything that it has not delivered.
    async fn lose_stream(&self) {
        // The last record stays, because the engine numbers the next one by it, so it must not be a fact.
        let activity = &self.stack.store.tables().activity;
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let put = self.stack.dynamodb().put_item().table_name(activity).item("pk", text("shop!lost"));
        put.item("sk", text(&format!("refused#{}", self.now()))).send().await.expect("written");
        let mut reader = self.stack.engine.stream(activity).expect("a stream");
        let batch = reader.next_batch().expect("read");
        reader.done_with(batch);
        self.stack.engine.trim(&[&reader]).expect("forgotten");
    }

    async fn rebuild(&self, whose: &Whose) -> u64 {
        let queue = Some(&self.stack.handlers.advance.advance_queue);
        let rebuild = Rebuild { store: &self.stack.store, queue, rate: RATE };
        rebuild.run(whose, |_| ()).await.expect("all customers are on the queue")
    }
}

/// The events of two days: orders of old and new customers, a correction, a refund, a new address, a refusal.
fn events(stage: &Stage, half_day: usize) -> Vec<Value> {
    let now = stage.now();
    let track = |customer: &str, event: &str, order: &str, total: &str| {
        json!({
            "type": "track", "event": event, "userId": customer, "messageId": format!("{order}-{event}"),
            "timestamp": now.to_string(), "properties": { "order_id": order, "total": total, "currency": "EUR" },
        })
    };
    let tell = |customer: &str, traits: Value| {
        json!({
            "type": "identify", "userId": customer, "messageId": format!("{customer}-{half_day}"),
            "timestamp": now.to_string(), "traits": traits,
        })
    };
    match half_day {
        0 => vec![order_at("anna", "a2", now), order_at("cleo", "c1", now)],
        1 => vec![track("anna", "Order Updated", "a2", "44.00"), tell("bela", json!({ "email": "bela@new.example" }))],
        2 => vec![track("cleo", "Order Refunded", "c1", "30.00"), order_at("dora", "d1", now)],
        _ => vec![tell("dora", json!({ "email_marketing_consent": false })), order_at("bela", "b2", now)],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_two_days_without_the_stream_a_rebuild_leaves_every_customer_as_without_the_outage() {
    let (mut harmed, mut sound) = (Stage::new().await, Stage::new().await);
    for stage in [&mut harmed, &mut sound] {
        stage.order("anna", "a1").await;
        stage.order("bela", "b1").await;
        stage.pass("3d").await;
        assert_eq!(stage.sent("anna").len(), 2);
    }
    for half_day in 0..4 {
        harmed.take(&events(&harmed, half_day)).await;
        harmed.lose_stream().await;
        sound.take(&events(&sound, half_day)).await;
        for stage in [&mut harmed, &mut sound] {
            stage.pass("12h").await;
        }
    }
    assert_eq!(harmed.customer("cleo").await.version, 0, "the fact was not processed");
    assert_eq!(harmed.customer("anna").await.folded.orders.recent().len(), 1);

    assert_eq!(harmed.rebuild(&Whose::All).await, 4);
    harmed.settle().await;
    for name in ["anna", "bela", "cleo", "dora"] {
        let (rebuilt, expected) = (harmed.customer(name).await, sound.customer(name).await);
        assert_eq!(rebuilt.folded, expected.folded, "{name}");
        assert_eq!((rebuilt.stage, rebuilt.stage_since), (expected.stage, expected.stage_since), "{name}");
        let facts = harmed.stack.store.facts_of(&key(name)).all().await.expect("facts");
        let calendar = &rekindle_lifecycle::policy::Policy::built_in().calendar;
        assert_eq!(rebuilt.folded, Folded::recount(&facts, calendar), "{name}");
    }
    // What was sent before is not sent again, and what is decided from now on is the same.
    for stage in [&mut harmed, &mut sound] {
        stage.pass("1d").await;
        assert_eq!(stage.sent("anna"), ["welcome/thanks", "welcome/guide"]);
        assert!(!stage.sent("dora").contains(&"welcome/guide".to_owned()), "dora has refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilding_a_healthy_stack_changes_no_customer_and_can_be_repeated_and_narrowed() {
    let mut stage = Stage::new().await;
    for name in ["anna", "bela", "cleo"] {
        stage.order(name, name).await;
    }
    stage.pass("2h").await;
    let before = [stage.customer("anna").await, stage.customer("bela").await];
    let only_look = Rebuild { store: &stage.stack.store, queue: None, rate: RATE };
    assert_eq!(only_look.run(&Whose::All, |_| ()).await.expect("counted"), 3);
    assert!(stage.stack.cloud.queues().is_empty(ADVANCE_QUEUE).expect("a queue"), "a dry run queues nothing");
    // An order arrives in between.
    stage.order("cleo", "c2").await;
    for _ in 0..2 {
        assert_eq!(stage.rebuild(&Whose::All).await, 3);
    }
    assert_eq!(stage.rebuild(&Whose::Shop(stage.stack.shop.id.clone())).await, 3);
    assert_eq!(stage.rebuild(&Whose::Shop(ShopId::parse("sho").expect("an id"))).await, 0);
    assert_eq!(stage.rebuild(&Whose::Customer(key("anna"))).await, 1);
    stage.settle().await;
    assert_eq!([stage.customer("anna").await, stage.customer("bela").await], before);
    assert_eq!(stage.customer("cleo").await.folded.orders.recent().len(), 2);
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_the_queue_stopped_is_run_again_to_its_end() {
    use rekindle_emulators::{Fault, Matching, Service};
    let mut stage = Stage::new().await;
    let orders: Vec<_> = (0..25).map(|n| order_at(&format!("c{n}"), &format!("o{n}"), stage.now())).collect();
    stage.take(&orders).await;
    stage.lose_stream().await;
    let refused = Fault::Refuse(400, "AccessDenied");
    stage.stack.cloud.faults().plan(Service::Sqs, 1, Matching::Action("SendMessageBatch".to_owned()), refused);
    let queue = Some(&stage.stack.handlers.advance.advance_queue);
    let stopped = Rebuild { store: &stage.stack.store, queue, rate: RATE }.run(&Whose::All, |_| ()).await;
    assert!(stopped.expect_err("the queue refused").to_string().contains("run it again"));
    assert_eq!(stage.rebuild(&Whose::All).await, 25);
    stage.pass("2h").await;
    assert_eq!(stage.overview().await.customers, 25);
    assert_eq!(stage.sent("c7"), ["welcome/thanks"]);
}

//! Work that stops a function, with everything that it works on at the time: the batch gets no answer and comes back, again and
//! again. Only that work becomes a dead letter.

use crate::fold::fact_of_order;
use crate::gate::{Gate, Stop};
use crate::stage::Stage;
use aws_lambda_events::event::sqs::SqsBatchResponse;
use jiff::SignedDuration;
use rekindle_emulators::Outgoing;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::facts::{Fact, Traits};
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_local_stack::{ADVANCE_QUEUE, HOOKS_QUEUE, SEND_QUEUE};
use rekindle_store::webhooks::deliveries::{DeliveryKey, StoredDelivery};
use rekindle_store::work::{AdvanceWork, DeliveryWork, SendWork};
use rekindle_store::{CustomerKey, keys};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::Notify;

/// Every new customer is thanked at once, at any hour.
const THANKS_AT_ONCE: &str = include_str!("../../policies/at_once.toml");
/// Shops with three customers each. With a batch of ten and what stops the function, every batch has messages of several.
const SHOPS: [&str; 5] = ["alder", "birch", "cedar", "elder", "maple"];
/// The shop whose work stops the function.
const BAD: &str = "cedar";
/// Deliveries after which a message is a dead letter, and some for those that come after it.
const MOST_ROUNDS: usize = 40;

fn key(shop: &str, customer: &str) -> CustomerKey {
    let shop = ShopId::parse(shop).expect("a shop id");
    CustomerKey { shop, customer: CustomerId::parse(customer).expect("an id") }
}

/// The customers of all shops, in the order in which their work is put on a queue.
fn customers() -> Vec<CustomerKey> {
    let of_shop = |n: usize| SHOPS.map(|shop| key(shop, &format!("c{n}")));
    (0..3).flat_map(of_shop).collect()
}

/// Stores the first order of every customer. `advance` does not know of it.
async fn order(stage: &Stage) {
    let store = &stage.stack.store;
    let brand = store.get_setting(&stage.stack.shop.id, "brand").await.expect("read").expect("a brand");
    for shop in SHOPS.map(|shop| ShopId::parse(shop).expect("a shop id")) {
        store.put_setting(&shop, "brand", &brand).await.expect("stored");
        store.put_policy(&shop, THANKS_AT_ONCE).await.expect("a valid policy");
    }
    for key in customers() {
        store.put_facts(&[(key.clone(), fact(&key, stage))]).await.expect("stored");
    }
}

fn fact(key: &CustomerKey, stage: &Stage) -> Fact {
    let name = format!("{}.{}", key.customer.as_str(), key.shop.as_str());
    let traits = Traits { email: EmailAddress::parse(&format!("{name}@example.com")).ok(), ..Traits::default() };
    Fact { traits, ..fact_of_order(key.customer.as_str(), stage.now()) }
}

/// Delivers a queue's messages as Lambda does, until none is left. Where the work on one stops at the gate, the function is gone with all
/// that it was working on, and the batch gets no answer.
async fn deliver(
    stage: &Stage,
    queue: &str,
    stopped: &Notify,
    work: impl Fn(Value) -> tokio::task::JoinHandle<SqsBatchResponse>,
) {
    let queues = stage.stack.cloud.queues().clone();
    for _ in 0..MOST_ROUNDS {
        if queues.is_empty(queue).expect("a queue") {
            return;
        }
        let batch = queues.receive(queue, 10).expect("received");
        if batch.is_empty() {
            stage.skip("4m");
            continue;
        }
        let records = batch.iter().map(|message| {
            json!({
                "messageId": message.message_id, "receiptHandle": message.receipt, "body": message.body,
                "attributes": { "ApproximateReceiveCount": message.receives.to_string() }, "eventSource": "aws:sqs",
            })
        });
        let mut working = work(json!({ "Records": records.collect::<Vec<_>>() }));
        tokio::select! {
            answer = &mut working => {
                let failed = answer.expect("no panic").batch_item_failures;
                let failed: HashSet<&str> = failed.iter().map(|failure| failure.item_identifier.as_str()).collect();
                let done = batch.iter().filter(|message| !failed.contains(message.message_id.as_str()));
                queues.delete(queue, done.map(|message| message.receipt.as_str())).expect("deleted");
            }
            () = stopped.notified() => {
                working.abort();
                assert!(working.await.expect_err("stopped").is_cancelled());
            }
        }
    }
    panic!("the queue {queue} is not empty after {MOST_ROUNDS} rounds");
}

/// A gate's rule that stops the function at a text, and what tells of it.
fn stopping(gate: &Gate, operation: &'static str, containing: &str) -> Arc<Notify> {
    let stopped = Arc::new(Notify::new());
    gate.stop(operation, containing, 1_000, Stop::Hold(Arc::clone(&stopped), Arc::new(Notify::new())));
    stopped
}

async fn dead_letters(stage: &Stage, queue: &str) -> u64 {
    let depth = stage.stack.cloud.queues().depth(&format!("{queue}-dead")).expect("a queue");
    depth.visible + depth.in_flight
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_stops_the_sender_takes_no_other_shops_message_to_the_dead_letters() {
    let (stage, gate) = Gate::before_send().await;
    order(&stage).await;
    let advance = stage.stack.handlers.advance.clone();
    let mut messages: Vec<(CustomerKey, MessageId)> = Vec::new();
    for key in customers() {
        advance.advance_customer(&key, &[fact(&key, &stage)], false).await.expect("advanced");
        let customer = stage.stack.store.customer(&key).await.expect("a customer");
        messages.extend(customer.decided.contacts.into_iter().map(|contact| (key.clone(), contact.message)));
    }
    assert_eq!(messages.len(), customers().len());
    let (_, bad) = messages.iter().find(|(key, _)| key.shop.as_str() == BAD).expect("a message of the shop");
    let stopped = stopping(&gate, "GetItem", bad.as_str());
    let sender = stage.stack.handlers.send.clone();
    deliver(&stage, SEND_QUEUE, &stopped, |event| {
        let (sender, event) = (sender.clone(), serde_json::from_value(event).expect("an event"));
        tokio::spawn(async move { send::handle(&sender, event).await })
    })
    .await;
    let filter = rekindle_emulators::MailboxFilter::default();
    let mails = stage.stack.cloud.mailbox().load(&filter, rekindle_emulators::Page::Newest, 100).expect("the mailbox");
    let sent: HashSet<&str> = mails.iter().filter_map(|mail| mail.content.request.tag("message")).collect();
    for (key, message) in &messages {
        let is_bad = key.shop.as_str() == BAD;
        assert!(is_bad || sent.contains(message.as_str()), "{} of {}", key.customer.as_str(), key.shop.as_str());
    }
    assert_eq!(mails.len(), sent.len(), "each once");
    assert!(!sent.contains(bad.as_str()));
    let dead = dead_letters(&stage, SEND_QUEUE).await;
    assert!((1..=3).contains(&dead), "{dead} dead letters: those of the shop at most");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_stops_advance_takes_no_other_shops_customer_to_the_dead_letters() {
    let (stage, gate) = Gate::before_advance().await;
    order(&stage).await;
    let work: Vec<_> = customers()
        .iter()
        .map(|key| Outgoing::new(json!(AdvanceWork { recount: true, ..AdvanceWork::on(key) }).to_string()))
        .collect();
    stage.stack.cloud.queues().send(ADVANCE_QUEUE, &work).expect("sent");
    let stopped = stopping(&gate, "GetItem", &key(BAD, "c1").pk());
    let advance = stage.stack.handlers.advance.clone();
    deliver(&stage, ADVANCE_QUEUE, &stopped, |event| {
        let advance = advance.clone();
        tokio::spawn(async move {
            let answer = advance::handle(&advance, event).await.expect("a batch of the queue");
            serde_json::from_value(answer).expect("an answer")
        })
    })
    .await;
    for key in customers() {
        let version = stage.stack.store.customer(&key).await.expect("read").version;
        assert!(key.shop.as_str() == BAD || version > 0, "{}", key.pk());
    }
    let dead = dead_letters(&stage, ADVANCE_QUEUE).await;
    assert!((1..=3).contains(&dead), "{dead} dead letters: those of the shop at most");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_stops_hooks_takes_no_other_shops_delivery_to_the_dead_letters() {
    let (stage, gate) = Gate::before_hooks().await;
    let (store, now) = (&stage.stack.store, stage.now());
    let mut deliveries = Vec::new();
    for CustomerKey { shop, customer } in customers() {
        let body = format!("{{\"customer\":\"{}\"}}", customer.as_str()).into_bytes();
        let key = DeliveryKey::new(&shop, "shopify", &[], &body);
        let stored = StoredDelivery {
            connector: "shopify".to_owned(),
            received_at: now,
            headers: Vec::new(),
            body,
            kept_until: now + SignedDuration::from_hours(24 * 7),
        };
        assert!(store.put_delivery(&key, &stored).await.expect("stored"));
        deliveries.push(key);
    }
    let work = |key: &DeliveryKey| DeliveryWork {
        shop: key.shop.to_string(),
        delivery: key.digest.clone(),
        waiting_since: None,
        again: false,
    };
    let works: Vec<_> = deliveries.iter().map(|key| Outgoing::new(json!(work(key)).to_string())).collect();
    stage.stack.cloud.queues().send(HOOKS_QUEUE, &works).expect("sent");
    let bad = deliveries.iter().find(|key| key.shop.as_str() == BAD).expect("a delivery of the shop");
    let stopped = stopping(&gate, "Query", &keys::delivery_pk(&bad.shop, &bad.digest));
    let hooks = stage.stack.handlers.hooks.clone();
    deliver(&stage, HOOKS_QUEUE, &stopped, |event| {
        let (hooks, event) = (hooks.clone(), serde_json::from_value(event).expect("an event"));
        tokio::spawn(async move { hooks::handle_queue(&hooks, event).await })
    })
    .await;
    for key in &deliveries {
        let read = store.read_result(key, "shopify", now).await.expect("read");
        assert!(key.shop.as_str() == BAD || read.is_some(), "{} of {}", key.digest, key.shop);
    }
    assert!(store.read_result(bad, "shopify", now).await.expect("read").is_none());
    let dead = dead_letters(&stage, HOOKS_QUEUE).await;
    assert!((1..=3).contains(&dead), "{dead} dead letters: those of the shop at most");
}

/// Takes `send`, `advance` and `hooks` to the calls that they make when a message comes back together with new ones.
pub(crate) async fn work_on_suspects(stage: &mut Stage) {
    let queues = stage.stack.cloud.queues().clone();
    let nobody = key("nobody", "nobody");
    let absent = MessageId::parse(&"a".repeat(26)).expect("an id");
    let works = [
        (SEND_QUEUE, json!(SendWork::on(&nobody, &absent)).to_string()),
        (ADVANCE_QUEUE, json!(AdvanceWork::on(&nobody)).to_string()),
        (HOOKS_QUEUE, json!({ "shop": "nobody", "delivery": "none" }).to_string()),
    ];
    for (queue, work) in &works {
        queues.send(queue, &[Outgoing::new(work.clone())]).expect("sent");
        assert!(!queues.receive(queue, 10).expect("received").is_empty());
    }
    stage.skip("10m");
    for (queue, work) in works {
        queues.send(queue, &[Outgoing::new(work)]).expect("sent");
    }
    stage.settle().await;
}

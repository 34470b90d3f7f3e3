//! The triggers of the functions: the stream, the queues, the schedules. They deliver at least once, in any order
//! across customers, and now and then twice at a time.

use crate::bug::Bug;
use crate::queue::{Message, Queue};
use crate::script::Outage;
use crate::time::beginning;
use crate::world::Shared;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::spawn_local;

/// Seconds between two sweeps.
const SWEEP_EVERY: i64 = 300;
/// How long the stream keeps a record, by the template's mapping.
const RECORD_AGE: Duration = Duration::from_secs(12 * 3_600);
/// Batches of one queue that are handled at once.
const AT_ONCE: usize = 3;
/// Seconds that Lambda lets the functions run, by the template.
const MINUTE: u64 = 60;
const FEEDBACK: u64 = 120;

/// Starts all triggers.
pub(crate) fn start(world: &Shared) {
    spawn_local(stream(Arc::clone(world)));
    spawn_local(schedule(Arc::clone(world)));
    spawn_local(poll(Arc::clone(world), |world| &world.advance_queue, None, advance));
    let send_outage = world.outages.send;
    spawn_local(poll(Arc::clone(world), |world| &world.send_queue, send_outage, send));
    spawn_local(poll(Arc::clone(world), |world| &world.feedback_queue, None, feedback));
}

async fn advance(world: Shared, batch: Vec<Message>) -> Option<Value> {
    let event = Queue::event(&batch);
    world.invoke("advance", MINUTE, async |it| advance::handle(&it.advance, event).await.ok()).await.flatten()
}

async fn send(world: Shared, batch: Vec<Message>) -> Option<Value> {
    let event = Queue::typed(&batch);
    let answer = world.invoke("send", MINUTE, async |it| send::handle(&it.send, event).await).await?;
    serde_json::to_value(answer).ok()
}

async fn feedback(world: Shared, batch: Vec<Message>) -> Option<Value> {
    let event = Queue::typed(&batch);
    let answer = world.invoke("feedback", FEEDBACK, async |it| feedback::handle(&it.feedback, event).await).await?;
    let answer = serde_json::to_value(answer).ok()?;
    crate::actors::note_harm(&world, &batch, &answer);
    Some(answer)
}

/// The mapping of a queue.
async fn poll<F: Future<Output = Option<Value>> + 'static>(
    world: Shared,
    queue: fn(&crate::world::World) -> &Queue,
    outage: Option<Outage>,
    handle: fn(Shared, Vec<Message>) -> F,
) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        if let Some(left) = world.left_of(outage) {
            tokio::time::sleep(left).await;
        }
        let queue_of = queue(&world);
        match queue_of.visible_at() {
            None => queue_of.arrived.notified().await,
            Some(at) if at > tokio::time::Instant::now() => {
                tokio::select! {
                    biased;
                    () = queue_of.arrived.notified() => {}
                    () = tokio::time::sleep_until(at) => {}
                }
            }
            Some(_) => {
                let slot = Arc::clone(&slots).acquire_owned().await.expect("never closed");
                let twice = world.trigger_misbehaves();
                let batch = world.draw(|draws| queue_of.receive(draws, twice));
                if batch.is_empty() {
                    continue;
                }
                if world.has(Bug::DeletedBeforeCommit) {
                    queue_of.done(&batch, &json!({}));
                }
                let world = Arc::clone(&world);
                spawn_local(async move {
                    if let Some(answer) = handle(Arc::clone(&world), batch.clone()).await {
                        queue(&world).done(&batch, &answer);
                    }
                    drop(slot);
                });
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// A record of the stream that is not processed yet.
struct Record {
    customer: String,
    at: tokio::time::Instant,
    record: Value,
}

/// The mapping of the stream: new facts only, those of one customer in order, a batch again until it is handled.
async fn stream(world: Shared) {
    let mut iterator = first_iterator(&world);
    let mut waiting: Vec<Record> = Vec::new();
    loop {
        read(&world, &mut iterator, &mut waiting);
        if let Some(left) = world.left_of(world.outages.stream) {
            tokio::select! {
                biased;
                () = world.activity_written.notified() => {}
                () = tokio::time::sleep(left) => {}
            }
            continue;
        }
        // Records older than the stream's retention are lost.
        waiting.retain(|record| record.at.elapsed() < RECORD_AGE);
        if waiting.is_empty() {
            world.activity_written.notified().await;
            tokio::time::sleep(Duration::from_millis(world.draw(|draws| draws.u64(50..400)))).await;
            continue;
        }
        // Some of the shards' customers, each from the first record on.
        let customers: BTreeSet<String> = waiting.iter().map(|record| record.customer.clone()).collect();
        let mut customers: Vec<String> = customers.into_iter().collect();
        world.draw(|draws| {
            draws.shuffle(&mut customers);
            customers.truncate(draws.usize(1..=customers.len()));
        });
        let (batch, left): (Vec<Record>, Vec<Record>) =
            std::mem::take(&mut waiting).into_iter().partition(|record| customers.contains(&record.customer));
        waiting = left;
        let event = json!({ "Records": batch.iter().map(|record| record.record.clone()).collect::<Vec<_>>() });
        let runs = if world.trigger_misbehaves() { 2 } else { 1 };
        let invoke = || {
            let event = event.clone();
            world.invoke("advance", MINUTE, async move |it| advance::handle(&it.advance, event).await.ok())
        };
        let answer = if runs == 2 { futures::join!(invoke(), invoke()).1 } else { invoke().await };
        let handled = answer.flatten().is_some_and(|answer| answer["batchItemFailures"] == json!([]));
        if !handled && !world.has(Bug::CheckpointAtFetch) {
            waiting.splice(0..0, batch);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

fn first_iterator(world: &Shared) -> String {
    fn request<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).expect("a request")
    }
    let database = &world.database;
    let table = database.describe_table(request(json!({ "TableName": "r-activity" }))).expect("a table");
    let arn = &serde_json::to_value(table).expect("JSON")["Table"]["LatestStreamArn"];
    let stream = database.describe_stream(request(json!({ "StreamArn": arn }))).expect("a stream");
    let shard = &serde_json::to_value(stream).expect("JSON")["StreamDescription"]["Shards"][0]["ShardId"];
    let beginning = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    database.get_shard_iterator(request(beginning)).expect("an iterator").shard_iterator.expect("an iterator")
}

fn read(world: &Shared, iterator: &mut String, waiting: &mut Vec<Record>) {
    let request = serde_json::from_value(json!({ "ShardIterator": iterator, "Limit": 1_000 })).expect("a request");
    let answer = world.database.get_records(request).expect("records");
    if let Some(next) = answer.next_shard_iterator {
        *iterator = next;
    }
    for record in answer.records {
        let record = serde_json::to_value(record).expect("JSON");
        let keys = &record["dynamodb"]["Keys"];
        let sk = keys["sk"]["S"].as_str().unwrap_or_default();
        if record["eventName"] == "INSERT" && (sk.starts_with("order#") || sk.starts_with("fact#")) {
            let customer = keys["pk"]["S"].as_str().unwrap_or_default().to_owned();
            waiting.push(Record { customer, at: tokio::time::Instant::now(), record });
        }
    }
}

/// The schedule of sweeps. A sweep without a due customer changes nothing, so only those are played that may find one,
/// and of the index only the shards that have one.
async fn schedule(world: Shared) {
    loop {
        let now = world.time.now();
        let wait = world.customers_written.notified();
        match world.due().into_iter().map(|(due_at, _)| due_at).min() {
            None => wait.await,
            Some(due_at) => {
                let at = next_sweep(due_at.max(now + SignedDuration::from_secs(1)));
                tokio::select! {
                    biased;
                    () = tokio::time::sleep_until(world.time.instant(at)) => fire(&world),
                    () = wait => tokio::time::sleep(Duration::from_millis(500)).await,
                }
            }
        }
    }
}

fn fire(world: &Shared) {
    let soon = world.time.now() + SignedDuration::from_secs(1);
    let due = world.due().into_iter().filter(|(due_at, _)| *due_at <= soon);
    let shards: BTreeSet<String> = due.map(|(_, shard)| shard).collect();
    let times = if world.trigger_misbehaves() { 2 } else { 1 };
    for _ in 0..times {
        let (world, shards) = (Arc::clone(world), shards.clone());
        spawn_local(async move {
            let _ =
                world.invoke("sweep", MINUTE, async |it| sweep::handle_shards(&it.sweep, shards).await.is_ok()).await;
        });
    }
}

fn next_sweep(due_at: Timestamp) -> Timestamp {
    let seconds = due_at.duration_since(beginning()).as_secs() + 1;
    beginning() + SignedDuration::from_secs((seconds + SWEEP_EVERY - 1) / SWEEP_EVERY * SWEEP_EVERY)
}

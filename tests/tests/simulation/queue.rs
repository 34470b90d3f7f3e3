//! SQS: a queue that delivers at least once and in any order, and moves messages that keep failing to the dead letters.

use aws_lambda_events::event::sqs::SqsEvent;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Deliveries after which a message becomes a dead letter.
const RECEIVES: u32 = 5;
/// What a mapping hands over at a time.
const BATCH: usize = 10;

/// A queue.
pub(crate) struct Queue {
    /// How long a message is hidden from other consumers while one processes it.
    visibility: Duration,
    state: Mutex<State>,
    /// Something was put on it.
    pub(crate) arrived: Notify,
}

#[derive(Default)]
struct State {
    count: u64,
    waiting: Vec<Message>,
    dead: Vec<Message>,
}

/// A message on a queue.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    id: u64,
    body: String,
    visible_at: Instant,
    receives: u32,
    sent_at: i64,
}

impl Message {
    pub(crate) fn id(&self) -> String {
        self.id.to_string()
    }

    pub(crate) fn body(&self) -> &str {
        &self.body
    }
}

impl Queue {
    pub(crate) fn new(visibility: Duration) -> Self {
        Self { visibility, state: Mutex::default(), arrived: Notify::new() }
    }

    /// Puts a message on the queue, visible after a delay.
    pub(crate) fn put(&self, body: String, after: Duration, sent_at: i64) {
        let mut state = self.state.lock().expect("no panic");
        state.count += 1;
        let id = state.count;
        state.waiting.push(Message { id, body, visible_at: Instant::now() + after, receives: 0, sent_at });
        self.arrived.notify_one();
    }

    /// When the first message becomes visible.
    pub(crate) fn visible_at(&self) -> Option<Instant> {
        self.state.lock().expect("no panic").waiting.iter().map(|message| message.visible_at).min()
    }

    /// Receives some visible messages, in any order. `soon` is whether they become visible again a moment later.
    pub(crate) fn receive(&self, draws: &mut fastrand::Rng, soon: bool) -> Vec<Message> {
        let now = Instant::now();
        let mut state = self.state.lock().expect("no panic");
        let mut seen: Vec<usize> = (0..state.waiting.len()).filter(|at| state.waiting[*at].visible_at <= now).collect();
        draws.shuffle(&mut seen);
        seen.truncate(draws.usize(1..=BATCH));
        let hidden = if soon { Duration::from_millis(draws.u64(1..2_000)) } else { self.visibility };
        let (mut batch, mut dead) = (Vec::new(), Vec::new());
        for at in seen {
            let message = &mut state.waiting[at];
            message.receives += 1;
            if message.receives > RECEIVES {
                dead.push(message.id);
            } else {
                message.visible_at = now + hidden;
                batch.push(message.clone());
            }
        }
        let (gone, left) =
            std::mem::take(&mut state.waiting).into_iter().partition(|message| dead.contains(&message.id));
        state.waiting = left;
        state.dead.extend::<Vec<_>>(gone);
        batch
    }

    /// Removes the processed messages; failed ones are delivered again.
    pub(crate) fn done(&self, batch: &[Message], answer: &Value) {
        let failures = answer["batchItemFailures"].as_array();
        let failed: Vec<&str> =
            failures.into_iter().flatten().filter_map(|one| one["itemIdentifier"].as_str()).collect();
        let is_done = |message: &Message| {
            batch.iter().any(|one| one.id == message.id) && !failed.contains(&message.id.to_string().as_str())
        };
        self.state.lock().expect("no panic").waiting.retain(|message| !is_done(message));
    }

    /// Removes a message by its receipt, which is its id.
    pub(crate) fn delete(&self, receipt: &str) {
        self.state.lock().expect("no panic").waiting.retain(|message| message.id() != receipt);
    }

    /// Moves the dead letters back, as the operator does once the failure is over, and returns their bodies.
    pub(crate) fn replay(&self) -> Vec<String> {
        let mut state = self.state.lock().expect("no panic");
        let (dead, now) = (std::mem::take(&mut state.dead), Instant::now());
        let bodies = dead.iter().map(|message| message.body.clone()).collect();
        state.waiting.extend(dead.into_iter().map(|message| Message { receives: 0, visible_at: now, ..message }));
        self.arrived.notify_one();
        bodies
    }

    /// The event with which the mapping triggers its function.
    pub(crate) fn event(batch: &[Message]) -> Value {
        let records: Vec<Value> = batch
            .iter()
            .map(|message| {
                json!({
                    "messageId": message.id.to_string(),
                    "receiptHandle": message.id.to_string(),
                    "body": message.body,
                    "attributes": {
                        "ApproximateReceiveCount": message.receives.to_string(),
                        "SentTimestamp": message.sent_at.to_string(),
                    },
                    "messageAttributes": {},
                    "eventSource": "aws:sqs",
                })
            })
            .collect();
        json!({ "Records": records })
    }

    /// The same, typed.
    pub(crate) fn typed(batch: &[Message]) -> SqsEvent {
        serde_json::from_value(Self::event(batch)).expect("an event")
    }
}

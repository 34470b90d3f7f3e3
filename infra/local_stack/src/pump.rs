//! What triggers the functions, played as AWS plays it: the stream of `activity`, the three queues, the
//! schedule of sweeps. At least once, in batches, and what fails comes again.

use super::engine::{EngineError, StreamReader};
use super::overview::Progress;
use super::{ADVANCE_QUEUE, FEEDBACK_QUEUE, SEND_QUEUE, Stack};
use rekindle_emulators::{CloudError, QueuedMessage};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use jiff::{SignedDuration, Timestamp};
use rekindle_store::keys;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Messages that a queue's mapping hands over at a time.
const BATCH: usize = 64;
/// How often the numbers that SNS sends nothing to are mirrored.
const MIRROR_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How often sweeps are due.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// How long the pump rests in real time when there is nothing to do.
const REST: Duration = Duration::from_millis(100);
/// How long the pump waits in real time after a failure, a full disk for example, before it tries again.
const RECOVERY: Duration = Duration::from_secs(1);
/// How often in a row the stream's batch may fail before the pump gives up.
const STREAM_FAILURES: u32 = 20;

/// Triggers the functions of a stack.
pub struct Pump {
    stack: Arc<Stack>,
    stream: StreamReader,
    stream_failures: u32,
    progress: Arc<Progress>,
    /// When somebody is due first, by shard, as it was when everything was settled last.
    first_due: Vec<(String, Timestamp)>,
    mirrored_at: Option<Timestamp>,
}

/// The pump stopped.
#[derive(Debug, thiserror::Error)]
pub enum PumpError {
    /// The stream cannot be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A queue cannot be read.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The due index cannot be read.
    #[error("a sweep failed")]
    Sweep(#[from] sweep::SweepError),
    /// A function cannot read what it is given.
    #[error("a function cannot read its trigger: {0}")]
    Trigger(String),
    /// The same batch of the stream failed again and again.
    #[error("new facts cannot be handed to `advance`; see the log")]
    StreamStuck,
    /// The time cannot be kept.
    #[error("the data directory cannot be written")]
    Io(#[from] io::Error),
}

impl Pump {
    /// A pump for a stack, counting into `progress` what goes by.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn new(stack: Arc<Stack>, progress: Arc<Progress>) -> Result<Self, PumpError> {
        let stream = stack.engine.stream(&stack.store.tables().activity)?;
        Ok(Self { stack, stream, stream_failures: 0, progress, first_due: Vec::new(), mirrored_at: None })
    }

    /// Runs until nothing is left to do at the present instant: the stream is read, the queues hold
    /// nothing visible, nobody is due.
    ///
    /// # Errors
    /// A trigger failed for good.
    pub async fn settle(&mut self) -> Result<(), PumpError> {
        loop {
            let now = self.stack.time.now();
            // What would come back with nothing is not run: in months there are thousands of instants.
            let due = self.first_due.iter().filter(|(_, due_at)| *due_at <= now).map(|(shard, _)| shard.clone());
            let due: Vec<String> = due.collect();
            if !due.is_empty() {
                sweep::handle_shards(&self.stack.handlers.sweep, due).await?;
                self.mirror_opt_outs(now).await;
            }
            while self.round().await? > 0 {}
            let before = std::mem::take(&mut self.first_due);
            self.first_due = self.stack.engine.first_due(&self.stack.store.tables().customers)?;
            let nobody_is_due = self.first_due.iter().all(|(_, due_at)| *due_at > now);
            // Whoever is due and cannot be advanced now is a matter for the next sweep, as on AWS.
            if nobody_is_due || self.first_due == before {
                return Ok(());
            }
        }
    }

    /// Once a day, as the schedule does on AWS: but only when something else is to be done.
    async fn mirror_opt_outs(&mut self, now: Timestamp) {
        if self.mirrored_at.is_some_and(|last| now.duration_since(last) < MIRROR_EVERY) {
            return;
        }
        self.mirrored_at = Some(now);
        match self.stack.handlers.feedback.mirror_opt_outs().await {
            Ok(mirrored) if mirrored.unfinished => self.mirrored_at = None,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the opt-outs are mirrored tomorrow");
            }
        }
    }

    /// Moves a virtual time to `until`, stopping at every instant at which something is to be done.
    ///
    /// # Errors
    /// A trigger failed for good.
    pub async fn run_until(&mut self, until: Timestamp) -> Result<(), PumpError> {
        self.settle().await?;
        while self.step(until).await? {}
        Ok(())
    }

    /// Moves a virtual time, once all is settled, to the next instant up to `until` at which something is to be done,
    /// and settles it; without one to `until`. Whether there was one.
    ///
    /// # Errors
    /// A trigger failed for good.
    pub async fn step(&mut self, until: Timestamp) -> Result<bool, PumpError> {
        let next = self.next_instant()?.filter(|next| *next <= until);
        self.stack.time.move_to(next.unwrap_or(until), &self.stack.data)?;
        if next.is_some() {
            self.settle().await?;
        }
        Ok(next.is_some())
    }

    /// Runs in real time until the task is dropped. What fails is logged and tried again: a disk that is full
    /// now has room again later, and the API goes on answering meanwhile.
    pub async fn run(&mut self) -> Infallible {
        let mut last_sweep: Option<Timestamp> = None;
        loop {
            let rest = match self.turn(&mut last_sweep).await {
                Ok(0) => REST,
                Ok(_) => continue,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a trigger failed; it is tried again");
                    RECOVERY
                }
            };
            tokio::time::sleep(rest).await;
        }
    }

    async fn turn(&mut self, last_sweep: &mut Option<Timestamp>) -> Result<usize, PumpError> {
        let now = self.stack.time.now();
        if last_sweep.is_none_or(|last| now.duration_since(last) >= SignedDuration::from_secs(5)) {
            *last_sweep = Some(now);
            sweep::handle(&self.stack.handlers.sweep).await?;
            self.mirror_opt_outs(now).await;
        }
        self.round().await
    }

    /// The next instant at which a virtual time has something to do: the sweep that finds the next
    /// customer due, or a message that becomes visible again.
    fn next_instant(&self) -> Result<Option<Timestamp>, PumpError> {
        let now = self.stack.time.now();
        // What is visible or due already was tried at this very instant: not before the next second.
        let soon = now + SignedDuration::from_secs(1);
        let mut next = self.first_due.iter().map(|(_, due_at)| next_sweep((*due_at).max(soon))).min();
        for queue in [ADVANCE_QUEUE, SEND_QUEUE, FEEDBACK_QUEUE] {
            let visible = self.stack.cloud.queues().next_visible_at(queue)?;
            next = [next, visible].into_iter().flatten().min();
        }
        Ok(next.map(|next| next.max(soon)))
    }

    /// Hands each source's next batch to its function, all at once; how many records there were.
    async fn round(&mut self) -> Result<usize, PumpError> {
        let stack = Arc::clone(&self.stack);
        let (streamed, advanced, sent, reported) = tokio::join!(
            self.stream_round(),
            queue_round(&stack, ADVANCE_QUEUE, async |event| {
                let event = with_source(event)?;
                let answer = advance::handle(&stack.handlers.advance, event).await;
                let answer = answer.map_err(|error| PumpError::Trigger(error.to_string()))?;
                serde_json::from_value(answer).map_err(|error| PumpError::Trigger(error.to_string()))
            }),
            queue_round(&stack, SEND_QUEUE, async |event| Ok(send::handle(&stack.handlers.send, event).await)),
            queue_round(&stack, FEEDBACK_QUEUE, async |event| {
                Ok(feedback::handle(&stack.handlers.feedback, event).await)
            }),
        );
        Ok(streamed? + advanced? + sent? + reported?)
    }

    async fn stream_round(&mut self) -> Result<usize, PumpError> {
        let batch = self.stream.next_batch()?;
        if batch.records.is_empty() {
            return Ok(0);
        }
        let read = batch.records.len();
        // The filter of the mapping: new facts only.
        let facts: Vec<&Value> = batch.records.iter().filter(|record| is_new_fact(record)).collect();
        if !facts.is_empty() {
            let answer = advance::handle(&self.stack.handlers.advance, json!({ "Records": facts })).await;
            let answer = answer.map_err(|error| PumpError::Trigger(error.to_string()))?;
            if answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty()) {
                self.stream_failures += 1;
                if self.stream_failures > STREAM_FAILURES {
                    return Err(PumpError::StreamStuck);
                }
                tokio::time::sleep(REST).await;
                return Ok(read);
            }
        }
        self.stream_failures = 0;
        for record in &batch.records {
            self.progress.see(record);
        }
        self.stream.done_with(batch)?;
        Ok(read)
    }
}

async fn queue_round(
    stack: &Stack,
    queue: &str,
    handle: impl AsyncFnOnce(SqsEvent) -> Result<SqsBatchResponse, PumpError>,
) -> Result<usize, PumpError> {
    // Looking costs less than the write that receiving is.
    let visible = stack.cloud.queues().next_visible_at(queue)?;
    if visible.is_none_or(|at| at > stack.time.now()) {
        return Ok(0);
    }
    let messages = stack.cloud.queues().receive(queue, BATCH)?;
    if messages.is_empty() {
        return Ok(0);
    }
    let event = json!({ "Records": messages.iter().map(as_record).collect::<Vec<_>>() });
    let event = serde_json::from_value(event).map_err(|error| PumpError::Trigger(error.to_string()))?;
    let answer = handle(event).await?;
    let failed: HashSet<&str> =
        answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    let done = messages.iter().filter(|message| !failed.contains(message.message_id.as_str()));
    // What failed stays hidden until its visibility timeout is over, and comes again.
    stack.cloud.queues().delete(queue, done.map(|message| message.receipt.as_str()))?;
    Ok(messages.len())
}

fn as_record(message: &QueuedMessage) -> Value {
    json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receives.to_string(),
            "SentTimestamp": message.sent_at.as_millisecond().to_string(),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    })
}

fn with_source(event: SqsEvent) -> Result<Value, PumpError> {
    serde_json::to_value(event).map_err(|error| PumpError::Trigger(error.to_string()))
}

fn is_new_fact(record: &Value) -> bool {
    let sk = record["dynamodb"]["Keys"]["sk"]["S"].as_str();
    record["eventName"] == "INSERT" && sk.is_some_and(keys::is_fact)
}

/// Sweeps come on a grid, so a customer is found at the first point of it at which they are due.
fn next_sweep(due_at: Timestamp) -> Timestamp {
    let step = SWEEP_EVERY.as_secs();
    let second = due_at.as_second() + i64::from(due_at.subsec_nanosecond() > 0);
    Timestamp::from_second(second.div_euclid(step) * step + if second.rem_euclid(step) > 0 { step } else { 0 })
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_finds_a_customer_at_the_first_point_of_its_grid_that_is_not_earlier() {
        for (due, found) in [("12:00:00", "12:00:00"), ("12:00:00.001", "12:05:00"), ("12:04:59", "12:05:00")] {
            let instant = |time: &str| format!("2026-03-01T{time}Z").parse::<Timestamp>().expect("an instant");
            assert_eq!(next_sweep(instant(due)), instant(found));
        }
    }
}

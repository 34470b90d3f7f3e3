//! Triggers the functions as AWS does: by the stream of `activity`, the four queues and the schedules. Records are
//! handed over in batches and at least once; those that fail are handed over again.

mod learning;

use super::engine::{EngineError, StreamReader};
use super::overview::Progress;
use super::sweep_times::SweepTimes;
use super::{ADVANCE_QUEUE, FEEDBACK_QUEUE, HOOKS_QUEUE, SEND_QUEUE, Stack};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::{CloudError, QueuedMessage};
use rekindle_lifecycle::time::first_sweep_from;
use rekindle_store::keys;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Most messages of a queue in a batch.
const BATCH_SIZE: usize = 64;
/// Time between two mirrorings of SNS's opt-outs.
const MIRROR_INTERVAL: SignedDuration = SignedDuration::from_hours(24);
/// Time between two looks for deliveries that wait. Rarer than on AWS: the queues of this machine lose nothing.
const DELIVERY_SWEEP_INTERVAL: SignedDuration = SignedDuration::from_hours(1);
/// Time between two looks for feeds that are due. More often than on AWS, because who stores a feed here is waiting for it.
const FEED_INTERVAL: SignedDuration = SignedDuration::from_secs(10);
/// How long the pump waits in real time when there is nothing to do.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How long the pump waits in real time after a failure (of a full disk, for example) before it tries again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How often in a row a batch of the stream may fail before the pump gives up.
const MAX_STREAM_FAILURES: u32 = 20;

/// Triggers the functions of a stack.
pub struct Pump {
    stack: Arc<Stack>,
    stream: StreamReader,
    stream_failures: u32,
    /// The second reader of the stream, with a place of its own.
    collected: StreamReader,
    collect_failures: u32,
    progress: Arc<Progress>,
    /// The earliest due time of each shard of the due index, as of the last call of [`Pump::settle`].
    first_due: Vec<(String, Timestamp)>,
    sweep_times: SweepTimes,
    mirrored_at: Option<Timestamp>,
    deliveries_swept_at: Option<Timestamp>,
    feeds_fetched_at: Option<Timestamp>,
    learned_at: Option<Timestamp>,
    /// The fetch that is under way. It waits for servers elsewhere, and nothing here waits for it.
    fetch: Option<JoinHandle<()>>,
}

/// Why the pump stopped.
#[derive(Debug, thiserror::Error)]
pub enum PumpError {
    /// The stream cannot be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A queue cannot be read.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The due index cannot be read, or the queue not be written.
    #[error("a sweep failed")]
    Sweep(#[from] sweep::SweepError),
    /// A function cannot parse its trigger.
    #[error("a function cannot read its trigger: {0}")]
    Trigger(String),
    /// The same batch of the stream failed again and again.
    #[error("new facts cannot be handed to `advance`; see the log")]
    StreamStuck,
    /// The virtual time cannot be stored.
    #[error("the data directory cannot be written")]
    Io(#[from] io::Error),
}

impl Pump {
    /// A pump for a stack, which updates `progress` with every record of the stream.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn new(stack: Arc<Stack>, progress: Arc<Progress>) -> Result<Self, PumpError> {
        let stream = stack.engine.stream(&stack.store.tables().activity)?;
        let collected = stack.engine.stream(&stack.store.tables().activity)?;
        Ok(Self {
            stack,
            stream,
            stream_failures: 0,
            collected,
            collect_failures: 0,
            progress,
            first_due: Vec::new(),
            sweep_times: SweepTimes::default(),
            mirrored_at: None,
            deliveries_swept_at: None,
            feeds_fetched_at: None,
            learned_at: None,
            fetch: None,
        })
    }

    /// Runs until there is nothing left to do at the present instant: the stream is read, the queues hold no visible
    /// message, and the sweep of this instant, if there is one, is done.
    ///
    /// # Errors
    /// A trigger failed for good.
    pub async fn settle(&mut self) -> Result<(), PumpError> {
        loop {
            let now = self.stack.time.now();
            let due = self.first_due.iter().filter(|(_, due_at)| *due_at <= now).map(|(shard, _)| shard.clone());
            let due: Vec<String> = due.collect();
            // A sweep that would find no customer is not run: months of virtual time have thousands of them.
            if !due.is_empty() && self.sweep_times.is_due_exactly(now) {
                sweep::handle_shards(&self.stack.handlers.sweep, due).await?;
                self.sweep_times.done(now);
                self.mirror_opt_outs(now).await;
                self.sweep_deliveries(now).await;
            }
            while self.round().await? > 0 {}
            self.first_due = self.stack.engine.first_due(&self.stack.store.tables().customers)?;
            // A customer who is due but not found by this instant's sweep is found by the next one, as on AWS.
            let any_due = self.first_due.iter().any(|(_, due_at)| *due_at <= now);
            if !any_due || !self.sweep_times.is_due_exactly(now) {
                return Ok(());
            }
        }
    }

    /// Mirrors SNS's opt-outs if the last time is a day ago. In virtual time this happens along with a sweep only.
    async fn mirror_opt_outs(&mut self, now: Timestamp) {
        if self.mirrored_at.is_some_and(|last| now.duration_since(last) < MIRROR_INTERVAL) {
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

    /// Looks for deliveries that wait if the last look is an hour ago. In virtual time this happens along with a sweep only.
    async fn sweep_deliveries(&mut self, now: Timestamp) {
        if self.deliveries_swept_at.is_some_and(|last| now.duration_since(last) < DELIVERY_SWEEP_INTERVAL) {
            return;
        }
        self.deliveries_swept_at = Some(now);
        if let Err(error) = hooks::sweep(&self.stack.handlers.hooks).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "deliveries that wait are looked for later");
        }
    }

    /// Begins to fetch the feeds that are due, unless it is under way or was done just now. Only in real time: nothing elsewhere follows a
    /// virtual one.
    async fn fetch_feeds(&mut self, now: Timestamp) {
        let is_soon = self.feeds_fetched_at.is_some_and(|last| now.duration_since(last).abs() < FEED_INTERVAL);
        if is_soon || self.fetch.as_ref().is_some_and(|fetch| !fetch.is_finished()) {
            return;
        }
        self.feeds_fetched_at = Some(now);
        match catalogue::due_feeds(&self.stack.handlers.catalogue).await {
            Ok(due) if due.is_empty() => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "feeds are fetched later");
                return;
            }
        }
        let stack = Arc::clone(&self.stack);
        self.fetch = Some(tokio::spawn(async move {
            if let Err(error) = catalogue::fetch_due(&stack.handlers.catalogue).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "feeds are fetched later");
            }
        }));
    }

    /// Moves a virtual time to `until`, and stops on the way at every instant at which there is something to do.
    ///
    /// # Errors
    /// A trigger failed for good.
    pub async fn run_until(&mut self, until: Timestamp) -> Result<(), PumpError> {
        self.settle().await?;
        while self.step(until).await? {}
        Ok(())
    }

    /// Moves a virtual time, after [`Pump::settle`], to the next instant up to `until` at which there is something to do,
    /// and does it; without such an instant, moves it to `until`. Returns whether there was one.
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

    /// Runs in real time until the task is dropped. A failure is logged and tried again: a full disk may have space again
    /// later, and the API goes on answering meanwhile.
    pub async fn run(&mut self) -> Infallible {
        loop {
            let pause = match self.turn().await {
                Ok(0) => POLL_INTERVAL,
                Ok(_) => continue,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a trigger failed; it is tried again");
                    RETRY_INTERVAL
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Sweeps if a sweep is due, then runs one round. Returns the number of records of the round.
    async fn turn(&mut self) -> Result<usize, PumpError> {
        let now = self.stack.time.now();
        if self.sweep_times.is_due(now) {
            sweep::handle(&self.stack.handlers.sweep).await?;
            self.sweep_times.done(now);
            self.mirror_opt_outs(now).await;
            self.sweep_deliveries(now).await;
        }
        self.fetch_feeds(now).await;
        self.learn_hourly(now).await;
        self.round().await
    }

    /// The next instant at which there is something to do in virtual time: a sweep that finds a customer, or a message that
    /// becomes visible.
    fn next_instant(&self) -> Result<Option<Timestamp>, PumpError> {
        let now = self.stack.time.now();
        // Messages and customers of this very instant were tried already: not again before the next second.
        let soon = now + SignedDuration::from_secs(1);
        let sweep = |due_at: &Timestamp| first_sweep_from((*due_at).max(soon));
        let mut next = self.first_due.iter().map(|(_, due_at)| sweep(due_at)).min();
        for queue in [ADVANCE_QUEUE, SEND_QUEUE, FEEDBACK_QUEUE, HOOKS_QUEUE] {
            let visible = self.stack.cloud.queues().next_visible_at(queue)?;
            next = [next, visible].into_iter().flatten().min();
        }
        Ok(next.map(|next| next.max(soon)))
    }

    /// Hands the next batch of the stream and of each queue to its function, all concurrently. Returns the number of
    /// records.
    async fn round(&mut self) -> Result<usize, PumpError> {
        let stack = Arc::clone(&self.stack);
        let (streamed, advanced, sent, reported, delivered) = tokio::join!(
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
            queue_round(&stack, HOOKS_QUEUE, async |event| {
                Ok(hooks::handle_queue(&stack.handlers.hooks, event).await)
            }),
        );
        let (streamed, collected) = (streamed?, self.collect_round().await?);
        if streamed + collected > 0 {
            self.stack.engine.trim(&[&self.stream, &self.collected])?;
        }
        Ok(streamed + collected + advanced? + sent? + reported? + delivered?)
    }

    async fn stream_round(&mut self) -> Result<usize, PumpError> {
        let batch = self.stream.next_batch()?;
        if batch.records.is_empty() {
            return Ok(0);
        }
        let read = batch.records.len();
        // The event source mapping on AWS filters the same: new facts only.
        let facts: Vec<&Value> = batch.records.iter().filter(|record| is_new_fact(record)).collect();
        if !facts.is_empty() {
            let answer = advance::handle(&self.stack.handlers.advance, json!({ "Records": facts })).await;
            let answer = answer.map_err(|error| PumpError::Trigger(error.to_string()))?;
            if answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty()) {
                self.stream_failures += 1;
                if self.stream_failures > MAX_STREAM_FAILURES {
                    return Err(PumpError::StreamStuck);
                }
                tokio::time::sleep(POLL_INTERVAL).await;
                return Ok(read);
            }
        }
        self.stream_failures = 0;
        for record in &batch.records {
            self.progress.update(record);
        }
        self.stream.done_with(batch);
        Ok(read)
    }

    /// Hands the next batch of the stream to `collect`. A batch that fails again and again is left out, with an error in the log:
    /// what it shows is learned from later events, and nothing else waits for it.
    async fn collect_round(&mut self) -> Result<usize, PumpError> {
        let batch = self.collected.next_batch()?;
        let read = batch.records.len();
        let facts: Vec<&Value> = batch.records.iter().filter(|record| is_new_fact(record)).collect();
        if !facts.is_empty() {
            let answer = collect::handle(&self.stack.handlers.collect, json!({ "Records": facts })).await;
            let answer = answer.map_err(|error| PumpError::Trigger(error.to_string()))?;
            if answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty()) {
                self.collect_failures += 1;
                if self.collect_failures <= MAX_STREAM_FAILURES {
                    tokio::time::sleep(POLL_INTERVAL).await;
                    return Ok(read);
                }
                tracing::error!("products of a batch of the stream cannot be learned; it is left out");
            }
        }
        self.collect_failures = 0;
        if read > 0 {
            self.collected.done_with(batch);
        }
        Ok(read)
    }
}

async fn queue_round(
    stack: &Stack,
    queue: &str,
    handle: impl AsyncFnOnce(SqsEvent) -> Result<SqsBatchResponse, PumpError>,
) -> Result<usize, PumpError> {
    // A look is cheaper than a receive, which writes.
    let visible = stack.cloud.queues().next_visible_at(queue)?;
    if visible.is_none_or(|at| at > stack.time.now()) {
        return Ok(0);
    }
    let messages = stack.cloud.queues().receive(queue, BATCH_SIZE)?;
    if messages.is_empty() {
        return Ok(0);
    }
    let event = json!({ "Records": messages.iter().map(as_record).collect::<Vec<_>>() });
    let event = serde_json::from_value(event).map_err(|error| PumpError::Trigger(error.to_string()))?;
    let answer = handle(event).await?;
    let failed: HashSet<&str> =
        answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    let done = messages.iter().filter(|message| !failed.contains(message.message_id.as_str()));
    // Messages that failed stay hidden until their visibility timeout is over, and are received again.
    stack.cloud.queues().delete(queue, done.map(|message| message.receipt.as_str()))?;
    Ok(messages.len())
}

/// A message as Lambda hands it to a function.
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

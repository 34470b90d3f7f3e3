//! Standard queues of SQS: at-least-once delivery in rough order, with delays, visibility timeouts and dead letters.

use super::Database;
use crate::{CloudError, identifiers};
use jiff::Timestamp;
use rekindle_platform::Clock;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The settings of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// Its name: 1 to 80 letters, digits, hyphens and underscores.
    pub name: String,
    /// How long a received message stays hidden from other receivers.
    pub visibility: Duration,
    /// How long a new message stays hidden, unless it says otherwise; at most 15 minutes.
    pub delay: Duration,
    /// Where messages go that are received again and again.
    pub redrive: Option<Redrive>,
}

/// When a message counts as a dead letter, and where it moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the dead-letter queue.
    pub dead_letter_queue: String,
    /// A message that was received this often moves instead of being received again.
    pub max_receives: u32,
}

impl QueueSettings {
    /// The settings of a queue with SQS's defaults: 30 seconds of visibility, no delay, no dead letters.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), visibility: Duration::from_secs(30), delay: Duration::ZERO, redrive: None }
    }
}

/// A message to send.
#[derive(Clone, Default)]
pub struct Outgoing {
    /// The text of the message.
    pub body: String,
    /// SQS's message attributes as JSON (`{name: {"DataType", "StringValue"}}`), if there are any.
    pub attributes: Option<String>,
    /// How long the message stays hidden at first; `None` means the queue's delay.
    pub delay: Option<Duration>,
}

impl Outgoing {
    /// A message with a body only.
    #[must_use]
    pub fn new(body: impl Into<String>) -> Self {
        Self { body: body.into(), attributes: None, delay: None }
    }
}

/// A message that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The id that SQS gave the message.
    pub message_id: String,
}

/// A received message, which is hidden from other receivers until its visibility timeout is over.
#[derive(Clone, PartialEq, Eq)]
pub struct QueuedMessage {
    /// The id that SQS gave the message.
    pub message_id: String,
    /// The receipt handle, with which the message is deleted or its visibility changed.
    pub receipt: String,
    /// The text of the message.
    pub body: String,
    /// SQS's message attributes as JSON.
    pub attributes: Option<String>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was received for the first time.
    pub first_received_at: Timestamp,
    /// How often it was received, this time included.
    pub receives: u32,
}

/// Leaves out the body, which can hold addresses.
impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing").field("delay", &self.delay).finish_non_exhaustive()
    }
}

/// Leaves out the body, which can hold addresses.
impl std::fmt::Debug for QueuedMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueuedMessage")
            .field("message_id", &self.message_id)
            .field("receives", &self.receives)
            .finish_non_exhaustive()
    }
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueDepth {
    /// Messages that can be received now.
    pub visible: u64,
    /// Received messages that are neither deleted nor visible again.
    pub in_flight: u64,
    /// Messages whose delay is not over.
    pub delayed: u64,
}

/// All queues. Cheap to clone; clones share the queues. A call blocks for the time of one small transaction.
#[derive(Clone)]
pub struct Queues {
    pub(super) database: Arc<Database>,
    pub(super) clock: Clock,
    arrivals: watch::Sender<u64>,
}

/// A row of the table `queue`.
pub(super) struct QueueRow {
    pub(super) id: i64,
    pub(super) visibility_ms: i64,
    pub(super) delay_ms: i64,
    pub(super) dead_letter_queue: Option<String>,
    pub(super) max_receives: Option<u32>,
}

impl Queues {
    pub(crate) fn new(database: Arc<Database>, clock: Clock) -> Self {
        Self { database, clock, arrivals: watch::Sender::new(0) }
    }

    /// Creates a queue, or changes the settings of the one with that name and keeps its messages.
    ///
    /// # Errors
    /// The database fails.
    pub fn create(&self, queue: &QueueSettings) -> Result<(), CloudError> {
        let now = self.clock.now().as_millisecond();
        self.database.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO queue (name, visibility_ms, delay_ms, dead_letter_queue, max_receives, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO UPDATE SET visibility_ms = ?2,
                     delay_ms = ?3, dead_letter_queue = ?4, max_receives = ?5",
                )?
                .execute(params![
                    queue.name,
                    milliseconds(queue.visibility),
                    milliseconds(queue.delay),
                    queue.redrive.as_ref().map(|redrive| &redrive.dead_letter_queue),
                    queue.redrive.as_ref().map(|redrive| redrive.max_receives),
                    now
                ])?;
            Ok(())
        })
    }

    /// The settings of a queue and when it was created; `None` if there is no such queue.
    ///
    /// # Errors
    /// The database fails.
    pub fn settings(&self, queue: &str) -> Result<Option<(QueueSettings, Timestamp)>, CloudError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT visibility_ms, delay_ms, dead_letter_queue, max_receives, created_at FROM queue WHERE name = ?1",
            )?;
            let settings = |row: &Row<'_>| {
                let dead_letter_queue: Option<String> = row.get(2)?;
                let max_receives: Option<u32> = row.get(3)?;
                let settings = QueueSettings {
                    name: queue.to_owned(),
                    visibility: Duration::from_millis(row.get(0)?),
                    delay: Duration::from_millis(row.get(1)?),
                    redrive: dead_letter_queue
                        .zip(max_receives)
                        .map(|(dead_letter_queue, max_receives)| Redrive { dead_letter_queue, max_receives }),
                };
                Ok((settings, instant(row.get(4)?)))
            };
            Ok(statement.query_row([queue], settings).optional()?)
        })
    }

    /// Stores messages in one transaction, and returns their ids in the order of `messages`.
    ///
    /// # Errors
    /// There is no such queue, or the database fails; then nothing was stored.
    pub fn send(&self, queue: &str, messages: &[Outgoing]) -> Result<Vec<Sent>, CloudError> {
        let sent = self.database.write(|transaction| self.send_within(transaction, queue, messages))?;
        self.notify_receivers();
        Ok(sent)
    }

    /// [`Queues::send`] as part of a larger transaction. Call [`Queues::notify_receivers`] after the commit.
    pub(crate) fn send_within(
        &self,
        transaction: &Transaction<'_>,
        queue: &str,
        messages: &[Outgoing],
    ) -> Result<Vec<Sent>, CloudError> {
        let row = find(transaction, queue)?;
        let now = self.clock.now().as_millisecond();
        let mut insert = transaction.prepare_cached(
            "INSERT INTO queued (queue, message_id, sent_at, visible_at, attributes, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let mut sent = Vec::with_capacity(messages.len());
        for message in messages {
            let message_id = identifiers::uuid();
            let visible_at = now + message.delay.map_or(row.delay_ms, milliseconds);
            insert.execute(params![row.id, message_id, now, visible_at, message.attributes, message.body])?;
            sent.push(Sent { message_id });
        }
        Ok(sent)
    }

    /// Wakes the tasks that wait on [`Queues::arrivals`].
    pub(crate) fn notify_receivers(&self) {
        self.arrivals.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Changes whenever a message may have become receivable for another reason than the passing of time. Await
    /// `changed()` on it instead of polling.
    #[must_use]
    pub fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }
}

/// The row of a queue.
pub(super) fn find(connection: &rusqlite::Connection, queue: &str) -> Result<QueueRow, CloudError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, visibility_ms, delay_ms, dead_letter_queue, max_receives FROM queue WHERE name = ?1",
    )?;
    let row = statement
        .query_row([queue], |row| {
            Ok(QueueRow {
                id: row.get(0)?,
                visibility_ms: row.get(1)?,
                delay_ms: row.get(2)?,
                dead_letter_queue: row.get(3)?,
                max_receives: row.get(4)?,
            })
        })
        .optional()?;
    row.ok_or_else(|| CloudError::NoSuchQueue(queue.to_owned()))
}

/// A duration in milliseconds, as it is stored.
pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

/// A stored instant. One outside of the calendar can only be in a file that was edited by hand.
pub(super) fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

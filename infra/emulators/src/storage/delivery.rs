//! The receiving side of a queue: receiving, deleting, changing visibility, and moving dead letters.

use super::queues::{find, instant, milliseconds};
use super::{QueueDepth, QueuedMessage, Queues};
use crate::CloudError;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};
use std::time::Duration;

/// SQS's longest delay, and so the longest for which a message stays hidden after a restart.
const MAX_DELAY_MS: i64 = 900_000;

impl Queues {
    /// Receives up to `max` messages, oldest first, and hides each for the queue's visibility timeout. A message that was
    /// received as often as the queue allows moves to the dead-letter queue instead.
    ///
    /// # Errors
    /// There is no such queue or no such dead-letter queue, or the database fails.
    pub fn receive(&self, queue: &str, max: usize) -> Result<Vec<QueuedMessage>, CloudError> {
        self.receive_for(queue, max, None)
    }

    /// [`Queues::receive`] with another visibility timeout than the queue's.
    ///
    /// # Errors
    /// As [`Queues::receive`].
    pub(crate) fn receive_for(
        &self,
        queue: &str,
        max: usize,
        visibility: Option<Duration>,
    ) -> Result<Vec<QueuedMessage>, CloudError> {
        let now = self.clock.now().as_millisecond();
        let mut moved = false;
        let received = self.database.write(|transaction| {
            let row = find(transaction, queue)?;
            let visible_again = now + visibility.map_or(row.visibility_ms, milliseconds);
            let limit = row.max_receives.unwrap_or(u32::MAX);
            let mut received = Vec::new();
            let mut select = transaction.prepare_cached(
                "SELECT id, message_id, body, attributes, sent_at, receives, first_received_at FROM queued
                 WHERE queue = ?1 AND visible_at <= ?2 ORDER BY visible_at, id LIMIT ?3",
            )?;
            let mut hide = transaction.prepare_cached(
                "UPDATE queued SET visible_at = ?2, receives = ?3, first_received_at = ?4 WHERE id = ?1",
            )?;
            // Another round only if the last one found nothing but dead letters.
            loop {
                let mut batch = Vec::new();
                let mut rows = select.query(params![row.id, now, i64::try_from(max).unwrap_or(i64::MAX)])?;
                while let Some(found) = rows.next()? {
                    let (id, message_id): (i64, String) = (found.get(0)?, found.get(1)?);
                    let receives = found.get::<_, u32>(5)?.saturating_add(1);
                    let message = QueuedMessage {
                        receipt: receipt(id, receives, &message_id),
                        message_id,
                        body: found.get(2)?,
                        attributes: found.get(3)?,
                        sent_at: instant(found.get(4)?),
                        first_received_at: instant(found.get::<_, Option<i64>>(6)?.unwrap_or(now)),
                        receives,
                    };
                    batch.push((id, message));
                }
                drop(rows);
                let mut dead = false;
                for (id, message) in batch {
                    if let (Some(dead_letters), true) = (&row.dead_letter_queue, message.receives > limit) {
                        move_to_dead_letters(transaction, id, dead_letters, now)?;
                        dead = true;
                    } else {
                        let first = message.first_received_at.as_millisecond();
                        hide.execute(params![id, visible_again, message.receives, first])?;
                        received.push(message);
                    }
                }
                moved |= dead;
                if !dead || !received.is_empty() {
                    return Ok(received);
                }
            }
        })?;
        if moved {
            self.notify_receivers();
        }
        Ok(received)
    }

    /// Deletes messages in one transaction, and returns how many. A receipt older than the newest one of its message
    /// deletes nothing.
    ///
    /// # Errors
    /// There is no such queue, or the database fails; then nothing was deleted.
    pub fn delete<'a>(&self, queue: &str, receipts: impl IntoIterator<Item = &'a str>) -> Result<usize, CloudError> {
        self.database.write(|transaction| {
            let row = find(transaction, queue)?;
            let mut delete = transaction.prepare_cached(
                "DELETE FROM queued WHERE id = ?1 AND queue = ?2 AND receives = ?3 AND message_id = ?4",
            )?;
            let mut deleted = 0;
            for (id, receives, message_id) in receipts.into_iter().filter_map(parse_receipt) {
                deleted += delete.execute(params![id, row.id, receives, message_id])?;
            }
            Ok(deleted)
        })
    }

    /// Makes received messages visible at once, and returns how many. For messages that could not be processed.
    ///
    /// # Errors
    /// There is no such queue, or the database fails.
    pub fn release<'a>(&self, queue: &str, receipts: impl IntoIterator<Item = &'a str>) -> Result<usize, CloudError> {
        self.change_visibility(queue, receipts, Duration::ZERO)
    }

    /// Makes received messages visible when `timeout`, counted from now, is over, and returns how many.
    ///
    /// # Errors
    /// There is no such queue, or the database fails.
    pub fn change_visibility<'a>(
        &self,
        queue: &str,
        receipts: impl IntoIterator<Item = &'a str>,
        timeout: Duration,
    ) -> Result<usize, CloudError> {
        let visible_at = self.clock.now().as_millisecond() + milliseconds(timeout);
        let changed = self.database.write(|transaction| {
            let row = find(transaction, queue)?;
            let mut change = transaction.prepare_cached(
                "UPDATE queued SET visible_at = ?5 WHERE id = ?1 AND queue = ?2 AND receives = ?3 AND message_id = ?4",
            )?;
            let mut changed = 0;
            for (id, receives, message_id) in receipts.into_iter().filter_map(parse_receipt) {
                changed += change.execute(params![id, row.id, receives, message_id, visible_at])?;
            }
            Ok(changed)
        })?;
        self.notify_receivers();
        Ok(changed)
    }

    /// The earliest instant at which a message of the queue is or becomes visible, including delayed messages and those
    /// in flight. It may lie in the past. `None` if the queue is empty.
    ///
    /// # Errors
    /// There is no such queue, or the database fails.
    pub fn next_visible_at(&self, queue: &str) -> Result<Option<Timestamp>, CloudError> {
        self.database.read(|connection| {
            let row = find(connection, queue)?;
            let mut statement = connection
                .prepare_cached("SELECT visible_at FROM queued WHERE queue = ?1 ORDER BY visible_at LIMIT 1")?;
            Ok(statement.query_row([row.id], |row| row.get(0)).optional()?.map(instant))
        })
    }

    /// Whether the queue holds no message, visible or not.
    ///
    /// # Errors
    /// There is no such queue, or the database fails.
    pub fn is_empty(&self, queue: &str) -> Result<bool, CloudError> {
        Ok(self.next_visible_at(queue)?.is_none())
    }

    /// How many messages the queue holds.
    ///
    /// # Errors
    /// There is no such queue, or the database fails.
    pub fn depth(&self, queue: &str) -> Result<QueueDepth, CloudError> {
        let now = self.clock.now().as_millisecond();
        self.database.read(|connection| {
            let row = find(connection, queue)?;
            let mut statement = connection.prepare_cached(
                "SELECT COUNT(*) FILTER (WHERE visible_at <= ?2),
                        COUNT(*) FILTER (WHERE visible_at > ?2 AND receives > 0),
                        COUNT(*) FILTER (WHERE visible_at > ?2 AND receives = 0) FROM queued WHERE queue = ?1",
            )?;
            Ok(statement.query_row(params![row.id, now], |row| {
                Ok(QueueDepth { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? })
            })?)
        })
    }

    /// Deletes every message of the queue.
    ///
    /// # Errors
    /// There is no such queue, or the database fails.
    pub fn purge(&self, queue: &str) -> Result<(), CloudError> {
        self.database.write(|transaction| {
            let row = find(transaction, queue)?;
            transaction.prepare_cached("DELETE FROM queued WHERE queue = ?1")?.execute([row.id])?;
            Ok(())
        })
    }

    /// Makes visible what an earlier process had in flight: that process cannot delete it any more. The receive counts
    /// stay, so that a message that kills the process still becomes a dead letter. Delays are cut to [`MAX_DELAY_MS`],
    /// in case the virtual time of that process was later.
    pub(crate) fn release_in_flight(&self) -> Result<usize, CloudError> {
        let now = self.clock.now().as_millisecond();
        self.database.write(|transaction| {
            transaction.execute(
                "UPDATE queued SET visible_at = ?1 + ?2 WHERE visible_at > ?1 + ?2",
                params![now, MAX_DELAY_MS],
            )?;
            Ok(transaction
                .execute("UPDATE queued SET visible_at = ?1 WHERE visible_at > ?1 AND receives > 0", [now])?)
        })
    }
}

/// Moves a message to the dead-letter queue. It keeps its id and the time at which it was sent, and its receive count
/// starts again.
fn move_to_dead_letters(
    transaction: &Transaction<'_>,
    id: i64,
    dead_letters: &str,
    now: i64,
) -> Result<(), CloudError> {
    let target = find(transaction, dead_letters)?;
    transaction
        .prepare_cached(
            "UPDATE queued SET queue = ?2, visible_at = ?3, receives = 0, first_received_at = NULL WHERE id = ?1",
        )?
        .execute(params![id, target.id, now])?;
    Ok(())
}

fn receipt(id: i64, receives: u32, message_id: &str) -> String {
    format!("{id}.{receives}.{message_id}")
}

/// The parts of a receipt; `None` if the text is none.
pub(super) fn parse_receipt(receipt: &str) -> Option<(i64, u32, &str)> {
    let (id, rest) = receipt.split_once('.')?;
    let (receives, message_id) = rest.split_once('.')?;
    Some((id.parse().ok()?, receives.parse().ok()?, message_id))
}

/// Whether a text has the form of a receipt.
pub(crate) fn is_receipt(receipt: &str) -> bool {
    parse_receipt(receipt).is_some()
}

//! The events that were put on a bus. They are kept for good.

use super::Database;
use super::queues::instant;
use crate::{CloudError, identifiers};
use jiff::Timestamp;
use rekindle_platform::Clock;
use rusqlite::params;
use std::sync::Arc;

/// An event to put on a bus.
#[derive(Clone, PartialEq, Eq)]
pub struct NewBusEvent {
    /// The bus.
    pub bus: String,
    /// The name of the sending system.
    pub source: String,
    /// The kind of event.
    pub detail_type: String,
    /// The details as JSON.
    pub detail: String,
    /// When it happened, according to the sender; `None` means now.
    pub time: Option<Timestamp>,
}

/// An event on a bus.
#[derive(Clone, PartialEq, Eq)]
pub struct BusEvent {
    /// Its id, new with every call.
    pub id: String,
    /// When it was put on the bus.
    pub put_at: Timestamp,
    /// What was put there.
    pub content: NewBusEvent,
}

/// The events of all buses. Cheap to clone; clones share the events.
#[derive(Clone)]
pub struct BusEvents {
    database: Arc<Database>,
    clock: Clock,
}

impl BusEvents {
    pub(crate) fn new(database: Arc<Database>, clock: Clock) -> Self {
        Self { database, clock }
    }

    /// Stores events in one transaction, and returns their ids in the order of `events`.
    ///
    /// # Errors
    /// The database fails; then nothing was stored.
    pub fn put(&self, events: &[NewBusEvent]) -> Result<Vec<String>, CloudError> {
        let now = self.clock.now().as_millisecond();
        self.database.write(|transaction| {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO bus_event (event_id, put_at, happened_at, bus, source, detail_type, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            let mut ids = Vec::with_capacity(events.len());
            for event in events {
                let id = identifiers::uuid();
                let happened_at = event.time.map(Timestamp::as_millisecond);
                insert.execute(params![
                    id,
                    now,
                    happened_at,
                    event.bus,
                    event.source,
                    event.detail_type,
                    event.detail
                ])?;
                ids.push(id);
            }
            Ok(ids)
        })
    }

    /// Up to `limit` events, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub fn newest(&self, limit: u32) -> Result<Vec<BusEvent>, CloudError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT event_id, put_at, happened_at, bus, source, detail_type, detail FROM bus_event
                 ORDER BY id DESC LIMIT ?1",
            )?;
            let events = statement.query_map([limit], |row| {
                let content = NewBusEvent {
                    bus: row.get(3)?,
                    source: row.get(4)?,
                    detail_type: row.get(5)?,
                    detail: row.get(6)?,
                    time: row.get::<_, Option<i64>>(2)?.map(instant),
                };
                Ok(BusEvent { id: row.get(0)?, put_at: instant(row.get(1)?), content })
            })?;
            Ok(events.collect::<Result<_, _>>()?)
        })
    }

    /// How many events there are.
    ///
    /// # Errors
    /// The database fails.
    pub fn count(&self) -> Result<u64, CloudError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT COUNT(*) FROM bus_event")?;
            Ok(statement.query_row([], |row| row.get(0))?)
        })
    }
}

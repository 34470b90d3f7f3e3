//! The database of a local stack: an embedded DynamoDB engine on one file. The real SDK calls it over HTTP; its stream is read
//! as Lambda's poller reads one.

use crate::dynamodb_api;
use dynoxide::Database;
use jiff::Timestamp;
use rekindle_emulators::{Durability, private_files};
use rekindle_store::keys::due_shards;
use rekindle_store::table::tables::DUE_INDEX;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Most records of a batch of the stream.
const BATCH_SIZE: usize = 500;

/// The engine. Clones share it.
#[derive(Clone)]
pub struct Engine {
    database: Database,
    /// A second connection to the same file, which deletes records of the stream that were read: the engine keeps all of
    /// them, and scans them to number a new one.
    trimmer: Arc<Mutex<Connection>>,
}

/// A failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The file cannot be opened, or is not the engine's.
    #[error(
        "the database file {path} cannot be opened ({reason}); restore it from a backup, or start with another --data"
    )]
    NotOpened {
        /// The file.
        path: String,
        /// The engine's message.
        reason: String,
    },
    /// The stream cannot be read.
    #[error("the stream of the table {table} cannot be read: {reason}")]
    Stream {
        /// The table.
        table: String,
        /// The engine's message.
        reason: String,
    },
    /// The due index cannot be read.
    #[error("the due index of the table {table} cannot be read: {reason}")]
    DueIndex {
        /// The table.
        table: String,
        /// The engine's message.
        reason: String,
    },
}

impl Engine {
    /// Opens the engine on a file, creating it if it does not exist.
    ///
    /// # Errors
    /// The file cannot be opened, or is damaged.
    pub fn open(path: &Path, durability: Durability) -> Result<Self, EngineError> {
        let shown = path.display().to_string();
        let not_opened = |reason: String| EngineError::NotOpened { path: shown.clone(), reason };
        // SQLite gives its other files the mode of this one.
        private_files::create_if_missing(path).map_err(|error| not_opened(error.to_string()))?;
        let database = Database::new(&shown).map_err(|error| not_opened(error.to_string()))?;
        let trimmer = Connection::open(path).map_err(|error| not_opened(error.to_string()))?;
        let busy = trimmer.busy_timeout(Duration::from_secs(10));
        busy.map_err(|error| not_opened(error.to_string()))?;
        if durability == Durability::Relaxed {
            database.enable_bulk_loading().map_err(|error| not_opened(error.to_string()))?;
            let relaxed = trimmer.pragma_update(None, "synchronous", "OFF");
            relaxed.map_err(|error| not_opened(error.to_string()))?;
        }
        Ok(Self { database, trimmer: Arc::new(Mutex::new(trimmer)) })
    }

    /// Serves DynamoDB's API to everyone who reaches a port, whatever the signature, until the task is dropped. A stack never does: this
    /// is for tests that play AWS in another way.
    pub async fn serve(self, listener: tokio::net::TcpListener) {
        dynoxide::server::serve_on(listener, self.database).await;
    }

    /// DynamoDB's HTTP API.
    pub(crate) fn router(&self) -> axum::Router {
        dynamodb_api::router(self.database.clone())
    }

    /// The earliest due time of each shard of the due index that is not empty, by which virtual time knows where to stop.
    /// On AWS there is no such query: the schedule sweeps every few minutes.
    ///
    /// # Errors
    /// The table has no due index.
    pub(crate) fn first_due(&self, customers: &str) -> Result<Vec<(String, Timestamp)>, EngineError> {
        let mut first = Vec::new();
        for shard in due_shards() {
            let due = self.first_due_in(customers, &shard);
            let due = due.map_err(|reason| EngineError::DueIndex { table: customers.to_owned(), reason })?;
            first.extend(due.map(|due_at| (shard, due_at)));
        }
        Ok(first)
    }

    fn first_due_in(&self, customers: &str, shard: &str) -> Result<Option<Timestamp>, String> {
        let request = json!({
            "TableName": customers,
            "IndexName": DUE_INDEX.name,
            "KeyConditionExpression": format!("{} = :shard", DUE_INDEX.hash),
            "ExpressionAttributeValues": { ":shard": { "S": shard } },
            "Limit": 1,
        });
        let answer = self.database.query(typed(request)?).map_err(|error| error.to_string())?;
        let answer = serde_json::to_value(answer).map_err(|error| error.to_string())?;
        let due_at = &answer["Items"][0][DUE_INDEX.range]["N"];
        let millis = due_at.as_str().and_then(|millis| millis.parse().ok());
        Ok(millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
    }

    /// A reader of a table's stream, which starts at the oldest record that was not deleted.
    ///
    /// # Errors
    /// The table has no stream.
    pub fn stream(&self, table: &str) -> Result<StreamReader, EngineError> {
        let iterator = self.oldest(table).map_err(|reason| stream_error(table, reason))?;
        Ok(StreamReader { engine: self.clone(), table: table.to_owned(), iterator, done: None })
    }

    /// Deletes the records of a stream that all of its readers have proceeded past, except the last one, by which the engine numbers
    /// the next. Records that were not deleted are read again after a restart.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn trim(&self, readers: &[&StreamReader]) -> Result<(), EngineError> {
        let Some(reader) = readers.first() else { return Ok(()) };
        let failed = |reason: String| stream_error(&reader.table, reason);
        let trimmer = self.trimmer.lock().map_err(|error| failed(error.to_string()))?;
        let trim = || {
            let mut oldest: Option<i64> = None;
            let mut place = trimmer.prepare_cached("SELECT MAX(id) FROM _stream_records WHERE event_id = ?1")?;
            for reader in readers {
                // A reader that has not proceeded yet may still have to read everything.
                let Some(done) = &reader.done else { return Ok(()) };
                let Some(id) = place.query_row([done], |row| row.get::<_, Option<i64>>(0))? else { return Ok(()) };
                oldest = Some(oldest.map_or(id, |known| known.min(id)));
            }
            let mut delete = trimmer.prepare_cached("DELETE FROM _stream_records WHERE table_name = ?1 AND id < ?2")?;
            delete.execute((&reader.table, oldest)).map(|_| ())
        };
        trim().map_err(|error: rusqlite::Error| failed(error.to_string()))
    }

    fn oldest(&self, table: &str) -> Result<String, String> {
        let text = |error: dynoxide::DynoxideError| error.to_string();
        let described = self.database.describe_table(typed(json!({ "TableName": table }))?).map_err(text)?;
        let described = serde_json::to_value(described).map_err(|error| error.to_string())?;
        let arn = described["Table"]["LatestStreamArn"].as_str().ok_or("it has no stream")?.to_owned();
        let stream = self.database.describe_stream(typed(json!({ "StreamArn": arn }))?).map_err(text)?;
        let stream = serde_json::to_value(stream).map_err(|error| error.to_string())?;
        let shard = stream["StreamDescription"]["Shards"][0]["ShardId"].as_str().ok_or("it has no shard")?;
        let request = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        let answer = self.database.get_shard_iterator(typed(request)?).map_err(text)?;
        answer.shard_iterator.ok_or_else(|| "its shard cannot be read".to_owned())
    }
}

/// Reads the stream of a table as Lambda's poller does: the next batch follows only when the function is done with this
/// one.
pub struct StreamReader {
    engine: Engine,
    table: String,
    iterator: String,
    /// The last record that it proceeded past.
    done: Option<String>,
}

/// Records of a stream, in Lambda's form.
pub struct StreamBatch {
    /// The records, oldest first.
    pub records: Vec<Value>,
    next: String,
    last_event_id: Option<String>,
}

impl StreamReader {
    /// The next records. They stay the same until [`StreamReader::done_with`] is called.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_batch(&self) -> Result<StreamBatch, EngineError> {
        let failed = |reason: String| stream_error(&self.table, reason);
        let request = typed(json!({ "ShardIterator": self.iterator, "Limit": BATCH_SIZE })).map_err(failed)?;
        let answer = self.engine.database.get_records(request).map_err(|error| failed(error.to_string()))?;
        let last_event_id = answer.records.last().map(|record| record.event_id.clone());
        let records: Result<Vec<Value>, _> = answer.records.into_iter().map(serde_json::to_value).collect();
        Ok(StreamBatch {
            records: records.map_err(|error| failed(error.to_string()))?,
            next: answer.next_shard_iterator.unwrap_or_else(|| self.iterator.clone()),
            last_event_id,
        })
    }

    /// Proceeds past a batch. See [`Engine::trim`].
    pub fn done_with(&mut self, batch: StreamBatch) {
        self.iterator = batch.next;
        self.done = batch.last_event_id.or_else(|| self.done.take());
    }
}

fn stream_error(table: &str, reason: String) -> EngineError {
    EngineError::Stream { table: table.to_owned(), reason }
}

fn typed<T: serde::de::DeserializeOwned>(request: Value) -> Result<T, String> {
    serde_json::from_value(request).map_err(|error| error.to_string())
}

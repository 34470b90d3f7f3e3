//! Rows of one order that do not stand together, put together on disk: memory does not grow with the file.

use super::line::{BadLine, Line};
use crate::file::Row;
use crate::history::RowError;
use rusqlite::{Connection, params};
use serde_json::Value;
use std::sync::Arc;

/// Rows that were read from disk at a time.
const PAGE: usize = 1_000;

/// Rows in the order of the first row of their order. The database is a temporary file that vanishes with its connection.
pub(crate) struct Sorter {
    connection: Connection,
    /// The place after which the next page begins: the first line of the order, and the line.
    after: (i64, i64),
}

impl Sorter {
    /// # Errors
    /// There is no room for the temporary file.
    pub(crate) fn new() -> rusqlite::Result<Self> {
        // An empty name makes a temporary database on disk.
        let connection = Connection::open("")?;
        connection.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; BEGIN;
             CREATE TABLE orders (key TEXT PRIMARY KEY, first INTEGER) WITHOUT ROWID;
             CREATE TABLE rows (first INTEGER, line INTEGER, key TEXT, field TEXT, body TEXT, PRIMARY KEY (first, line)) WITHOUT ROWID;",
        )?;
        Ok(Self { connection, after: (-1, -1) })
    }

    /// Adds a row, of which a line was read or not.
    ///
    /// # Errors
    /// There is no room for the temporary file.
    pub(crate) fn add(&self, line: u64, key: Option<&str>, content: &Content<'_>) -> rusqlite::Result<()> {
        let at = i64::try_from(line).unwrap_or(i64::MAX);
        let first: i64 = match key {
            Some(key) => {
                self.connection
                    .prepare_cached("INSERT OR IGNORE INTO orders VALUES (?1, ?2)")?
                    .execute(params![key, at])?;
                self.connection
                    .prepare_cached("SELECT first FROM orders WHERE key = ?1")?
                    .query_row([key], |row| row.get(0))?
            }
            None => at,
        };
        let (field, body) = match content {
            Content::Row(row) => {
                let cells: Vec<(&str, &Value)> = row.cells.iter().map(|(name, value)| (&**name, value)).collect();
                (None, serde_json::to_string(&cells).unwrap_or_default())
            }
            Content::Error(error) => (Some(error.field.as_str()), error.reason.clone()),
        };
        self.connection
            .prepare_cached("INSERT INTO rows VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![first, at, key, field, body])?;
        Ok(())
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(crate) fn next_page(&mut self) -> rusqlite::Result<Vec<Result<Row, BadLine>>> {
        let mut select = self.connection.prepare_cached(
            "SELECT first, line, key, field, body FROM rows WHERE (first, line) > (?1, ?2) ORDER BY first, line LIMIT ?3",
        )?;
        let mut rows = select.query(params![self.after.0, self.after.1, i64::try_from(PAGE).unwrap_or(1)])?;
        let mut page = Vec::new();
        let mut after = self.after;
        while let Some(row) = rows.next()? {
            after = (row.get(0)?, row.get(1)?);
            let line = u64::try_from(after.1).unwrap_or_default();
            let (key, field, body): (Option<String>, Option<String>, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
            page.push(match field {
                Some(field) => Err(BadLine { key, error: RowError { line, field, reason: body } }),
                None => {
                    let cells: Vec<(String, Value)> = serde_json::from_str(&body).unwrap_or_default();
                    Ok(Row { line, cells: cells.into_iter().map(|(name, value)| (Arc::from(name), value)).collect() })
                }
            });
        }
        self.after = after;
        Ok(page)
    }
}

/// What is kept of a row.
pub(crate) enum Content<'r> {
    Row(&'r Row),
    Error(&'r RowError),
}

/// The row of a line that was read, or the error of one that was not.
pub(crate) fn content<'r>(row: &'r Row, read: &'r Result<Line, BadLine>) -> (Option<&'r str>, Content<'r>) {
    match read {
        Ok(line) => (Some(&line.key), Content::Row(row)),
        Err(bad) => (bad.key.as_deref(), Content::Error(&bad.error)),
    }
}

//! The source of an import.

use crate::history::{ReadError, Reader, RowError, event};
use serde_json::Value;

/// The rows of a file as events to post. The same row always makes the same event, so posting it again changes nothing.
pub trait Rows {
    /// The next row: its line and its event, or what is wrong with it. `None` at the end of the file, or where it cannot be
    /// read.
    fn next_event(&mut self) -> Option<Result<(u64, Value), RowError>>;

    /// Bytes of the file that were read so far.
    fn bytes(&self) -> u64;

    /// Checks, after the last row, that the file was read to its end.
    ///
    /// # Errors
    /// The file could not be read to its end.
    fn finish(&mut self) -> Result<(), ReadError>;

    /// The column from which a field of an event is taken.
    fn column(field: &str) -> &str
    where
        Self: Sized;
}

impl Rows for Reader {
    fn next_event(&mut self) -> Option<Result<(u64, Value), RowError>> {
        Some(self.next()?.map(|row| (row.line, event::for_row(&row))))
    }

    fn bytes(&self) -> u64 {
        Self::bytes(self)
    }

    fn finish(&mut self) -> Result<(), ReadError> {
        Self::finish(self)
    }

    fn column(field: &str) -> &str {
        match field {
            "" => "the line",
            "userId" => "customer_id",
            "timestamp" => "ordered_at",
            "properties.total" => "amount",
            other => {
                other.strip_prefix("properties.").or_else(|| other.strip_prefix("context.traits.")).unwrap_or(other)
            }
        }
    }
}

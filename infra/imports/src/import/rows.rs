//! The source of an import.

use crate::history::{ColumnNames, Entry, ReadError, Reader, Refused};

/// The entries of a file. The same rows always make the same events, so posting them again changes nothing.
pub trait Rows {
    /// The next entry, or rows that are not taken. `None` at the end of the file, or where it cannot be read.
    fn next_entry(&mut self) -> Option<Result<Entry, Refused>>;

    /// Bytes of the file that were read so far.
    fn bytes(&self) -> u64;

    /// Checks, after the last row, that the file was read to its end.
    ///
    /// # Errors
    /// The file could not be read to its end.
    fn finish(&mut self) -> Result<(), ReadError>;

    /// The columns from which the fields of events are taken.
    fn columns(&self) -> ColumnNames;
}

impl Rows for Reader {
    fn next_entry(&mut self) -> Option<Result<Entry, Refused>> {
        self.next()
    }

    fn bytes(&self) -> u64 {
        Self::bytes(self)
    }

    fn finish(&mut self) -> Result<(), ReadError> {
        Self::finish(self)
    }

    fn columns(&self) -> ColumnNames {
        Self::columns(self)
    }
}

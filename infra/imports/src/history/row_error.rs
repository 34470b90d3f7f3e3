//! What is wrong with a row.

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {field} {reason}")]
pub struct RowError {
    /// Line of the file, from 1.
    pub line: u64,
    /// The column.
    pub field: String,
    /// What is wrong with it, as the predicate of a sentence about the column.
    pub reason: String,
}

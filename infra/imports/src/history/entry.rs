//! What one order or customer of a file becomes.

use super::RowError;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// The events of an order or a customer. The same rows always make the same events, so posting them again changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// How many rows it has.
    pub rows: u64,
    /// Who it is about, in one word.
    pub who: String,
    /// The events, in the order in which they are posted.
    pub events: Vec<Value>,
    /// What was left out of it.
    pub warnings: Vec<RowError>,
}

/// Rows that are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Refused {
    /// The line on which the order or row begins, from 1.
    pub line: u64,
    /// How many rows are not taken.
    pub rows: u64,
    /// Why.
    pub error: RowError,
}

impl From<RowError> for Refused {
    fn from(error: RowError) -> Self {
        Self { line: error.line, rows: 1, error }
    }
}

/// The columns from which the fields of events are taken.
#[derive(Debug, Clone, Default)]
pub struct ColumnNames(Arc<HashMap<String, String>>);

impl ColumnNames {
    pub(crate) fn new(names: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(Arc::new(names.into_iter().collect()))
    }

    /// The column of a field of an event, such as `properties.total`.
    #[must_use]
    pub fn column(&self, field: &str) -> String {
        let short = || field.strip_prefix("properties.").or_else(|| field.strip_prefix("context.traits."));
        let known = self.0.get(field).map(String::as_str);
        known.or_else(short).unwrap_or(field).to_owned()
    }
}

//! CSV with a header (RFC 4180), separated by commas, semicolons or tabs.

use super::lines::{Line, Lines, MAX_LINE_BYTES};
use super::row::RowError;
use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

/// Most lines of one record, so that a quote that is never closed does not take the rest of the file with it.
const MAX_RECORD_LINES: usize = 50;

/// The columns and the separator of a file, by its header.
pub(crate) struct CsvRows {
    names: Vec<String>,
    separator: u8,
}

impl CsvRows {
    /// Parses a header. Names of columns are lower-cased.
    pub(crate) fn with_header(header: &str) -> Self {
        let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
        // Of equally frequent separators the last one, which is the comma.
        let separator = [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',');
        let names = split(header, separator).unwrap_or_default();
        Self { names: names.iter().map(str::to_lowercase).collect(), separator }
    }

    /// Whether there is a column of a name.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.names.iter().any(|name| name == column)
    }

    /// The row that begins with a line: names and values of its columns, in the order of the header.
    pub(crate) fn row(&self, first: Line, lines: &mut Lines) -> Result<Vec<(String, Value)>, RowError> {
        let line = first.number;
        let refuse = |reason: &str| RowError { line, field: "the line".to_owned(), reason: reason.to_owned() };
        let text = self.record(first, lines)?;
        let record = split(&text, self.separator).ok_or_else(|| refuse("is not CSV"))?;
        // A comma in a value without quotes moves all following values into wrong columns.
        if record.iter().skip(self.names.len()).any(|value| !value.is_empty()) {
            let (found, named) = (record.len(), self.names.len());
            return Err(refuse(&format!(
                "has {found} values, but the header names {named} columns; put values with separators in quotes"
            )));
        }
        Ok(self.names.iter().zip(record.iter()).map(|(name, text)| (name.clone(), Value::from(text))).collect())
    }

    /// The text of a record: its first line, and the following ones while a quote is open.
    fn record(&self, first: Line, lines: &mut Lines) -> Result<String, RowError> {
        let line = first.number;
        let refuse = |reason: String| RowError { line, field: "the line".to_owned(), reason };
        let mut text = first.text.map_err(refuse)?;
        let mut quote = Quote::default().after(&text, self.separator);
        let mut taken = Vec::new();
        while quote.is_open() {
            let next = lines.next();
            let more = next.as_ref().and_then(|next| next.text.as_ref().ok()).cloned();
            taken.extend(next);
            match more {
                Some(more) if taken.len() < MAX_RECORD_LINES && text.len() + more.len() < MAX_LINE_BYTES => {
                    quote = quote.after(&format!("\n{more}"), self.separator);
                    text = format!("{text}\n{more}");
                }
                _ => {
                    lines.give_back(taken);
                    return Err(refuse("has a quote that is never closed".to_owned()));
                }
            }
        }
        Ok(text)
    }
}

/// The values of one record, trimmed.
fn split(text: &str, separator: u8) -> Option<StringRecord> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).delimiter(separator).flexible(true).trim(csv::Trim::All);
    builder.buffer_capacity(text.len().max(1)).from_reader(text.as_bytes()).records().next()?.ok()
}

/// The state of a scan for quotes. A quote opens a value only at its beginning, and a doubled one inside is a literal
/// quote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Quote {
    #[default]
    BeginningOfValue,
    Unquoted,
    Open,
    /// After a quote in an open value: its end, or the first half of a doubled quote.
    Closing,
}

impl Quote {
    fn is_open(self) -> bool {
        self == Self::Open
    }

    /// The state after a text.
    fn after(self, text: &str, separator: u8) -> Self {
        text.bytes().fold(self, |quote, byte| match (quote, byte) {
            (Self::Open, b'"') => Self::Closing,
            (Self::Open, _) => Self::Open,
            (Self::BeginningOfValue | Self::Closing, b'"') => Self::Open,
            (_, byte) if byte == separator => Self::BeginningOfValue,
            (Self::BeginningOfValue, b' ') => Self::BeginningOfValue,
            _ => Self::Unquoted,
        })
    }
}

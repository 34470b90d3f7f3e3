//! CSV with a header (RFC 4180), separated by commas, semicolons, tabs or bars. Quotes in quotes are doubled, or, as some shop
//! systems write them, behind a backslash.

use super::header;
use super::lines::{Line, Lines, MAX_LINE_BYTES};
use crate::history::RowError;
use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;
use std::sync::Arc;

/// Most lines of one record, so that a quote that is never closed does not take the rest of the file with it.
const MAX_RECORD_LINES: usize = 50;

/// The columns and the separator of a file, by its header.
pub(crate) struct CsvRows {
    names: Vec<Arc<str>>,
    separator: u8,
}

/// What an escaped quote looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    Doubled,
    Backslash,
}

impl CsvRows {
    /// Parses a header. Names of columns are lower-cased; one that is there before gets a number, as `email#2`, and one that
    /// is missing its place, as `#3`.
    pub(crate) fn with_header(header: &str) -> Self {
        Self::with_separator(header, separator_of(header))
    }

    /// The same, with the separator that the file itself names.
    pub(crate) fn with_separator(header: &str, separator: u8) -> Self {
        let names = split(header, separator, Escape::Doubled).unwrap_or_default();
        Self { names: header::names(names.iter()), separator }
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// The separator.
    pub(crate) fn separator(&self) -> char {
        char::from(self.separator)
    }

    /// Whether there is a column of a name.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.names.iter().any(|name| &**name == column)
    }

    /// The row that begins with a line: names and values of its columns, in the order of the header.
    pub(crate) fn row(&self, first: Line, lines: &mut Lines) -> Result<Vec<(Arc<str>, Value)>, RowError> {
        let line = first.number;
        let refuse = |reason: &str| RowError { line, field: "the line".to_owned(), reason: reason.to_owned() };
        let record = match self.record_with_backslashes(&first) {
            Some(record) => record,
            None => {
                let text = self.record(first, lines)?;
                split(&text, self.separator, Escape::Doubled).ok_or_else(|| refuse("is not CSV"))?
            }
        };
        // A comma in a value without quotes moves all following values into wrong columns.
        if record.iter().skip(self.names.len()).any(|value| !value.is_empty()) {
            let (found, named) = (record.len(), self.names.len());
            return Err(refuse(&format!(
                "has {found} values, but the header names {named} columns; put values with separators in quotes"
            )));
        }
        Ok(self.names.iter().zip(record.iter()).map(|(name, text)| (Arc::clone(name), Value::from(text))).collect())
    }

    /// The record of a line in which backslashes escape quotes: it is whole only when it is read so.
    fn record_with_backslashes(&self, line: &Line) -> Option<StringRecord> {
        let text = line.text.as_ref().ok().filter(|text| text.contains("\\\""))?;
        let read = |escape| {
            let is_closed = !Quote::default().after(text, self.separator, escape).is_open();
            let record = if is_closed { split(text, self.separator, escape) } else { None };
            record.filter(|record| record.len() == self.names.len())
        };
        if read(Escape::Doubled).is_some() { None } else { read(Escape::Backslash) }
    }

    /// The text of a record: its first line, and the following ones while a quote is open.
    fn record(&self, first: Line, lines: &mut Lines) -> Result<String, RowError> {
        let line = first.number;
        let refuse = |reason: String| RowError { line, field: "the line".to_owned(), reason };
        let mut text = first.text.map_err(refuse)?;
        let mut quote = Quote::default().after(&text, self.separator, Escape::Doubled);
        let mut taken = Vec::new();
        while quote.is_open() {
            let next = lines.next();
            let more = next.as_ref().and_then(|next| next.text.as_ref().ok()).cloned();
            taken.extend(next);
            match more {
                Some(more) if taken.len() < MAX_RECORD_LINES && text.len() + more.len() < MAX_LINE_BYTES => {
                    quote = quote.after(&format!("\n{more}"), self.separator, Escape::Doubled);
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

/// The separator of a header: of those that it has outside of quotes the most frequent one.
fn separator_of(header: &str) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b'|', 0), (b'\t', 0), (b';', 0), (b',', 0)];
    for byte in header.bytes() {
        is_quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| *separator == byte && !is_quoted) {
            *count += 1;
        }
    }
    // Of equally frequent separators the last one, which is the comma.
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| separator)
}

/// The values of one record, trimmed.
fn split(text: &str, separator: u8, escape: Escape) -> Option<StringRecord> {
    if !text.contains('"') && !text.trim().is_empty() {
        // Without quotes a record is what is between its separators. A reader of its own would cost more than the rest of the row.
        return Some(text.split(char::from(separator)).map(str::trim).collect());
    }
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).delimiter(separator).flexible(true).trim(csv::Trim::All);
    if escape == Escape::Backslash {
        builder.escape(Some(b'\\')).double_quote(false);
    }
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
    fn after(self, text: &str, separator: u8, escape: Escape) -> Self {
        let mut is_escaped = false;
        text.bytes().fold(self, |quote, byte| {
            if std::mem::take(&mut is_escaped) {
                return quote;
            }
            is_escaped = escape == Escape::Backslash && byte == b'\\' && quote == Self::Open;
            match (quote, byte) {
                (Self::Open, b'"') => Self::Closing,
                (Self::Open, _) => Self::Open,
                (Self::BeginningOfValue | Self::Closing, b'"') => Self::Open,
                (_, byte) if byte == separator => Self::BeginningOfValue,
                (Self::BeginningOfValue, b' ') => Self::BeginningOfValue,
                _ => Self::Unquoted,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Result<Vec<String>, RowError>> {
        let mut lines = Lines::new(Box::new(std::io::Cursor::new(text.to_owned())));
        let header = lines.next().and_then(|line| line.text.ok()).expect("a header");
        let csv = CsvRows::with_header(&header);
        let values = |row: Vec<(Arc<str>, Value)>| {
            row.iter().filter_map(|(_, value)| Some(value.as_str()?.to_owned())).collect()
        };
        std::iter::from_fn(|| lines.next().map(|line| csv.row(line, &mut lines).map(values))).collect()
    }

    #[test]
    fn the_separator_is_the_most_frequent_one_of_the_header() {
        for separator in [",", ";", "\t", "|"] {
            let text = "a,b,\"c,d;e|f\"\n1,2,3\n".replace(',', separator);
            assert_eq!(rows(&text), [Ok(vec!["1".to_owned(), "2".to_owned(), "3".to_owned()])], "{separator}");
        }
    }

    #[test]
    fn quotes_behind_a_backslash_are_read_where_doubled_ones_are_not_meant() {
        let found = rows("a,item,b\n1,\"Monitor 24\\\" black, matt\",x\n2,\"C:\\\",y\n3,\"24\\\"\",z\n4,\"7\"\"\",w\n");
        let items: Vec<_> = found.iter().map(|row| row.as_ref().expect("a row")[1].as_str()).collect();
        assert_eq!(items, ["Monitor 24\" black, matt", "C:\\", "24\"", "7\""]);
    }

    #[test]
    fn columns_without_a_name_or_with_the_name_of_another_have_one_of_their_own() {
        let csv = CsvRows::with_header("Email,, email ,EMAIL");
        let names: Vec<&str> = csv.names().iter().map(|name| &**name).collect();
        assert_eq!(names, ["email", "#2", "email#2", "email#3"]);
    }
}

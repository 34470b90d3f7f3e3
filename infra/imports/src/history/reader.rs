//! Parses an order history from a file, row by row.

use super::cdnow::Cdnow;
use super::csv_rows::CsvRows;
use super::lines::{Line, Lines};
use super::row::{OrderRow, REQUIRED, RowError, WHO};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Iterates over the rows of a history in the order of the file. An invalid row is an error of its own and does not affect
/// other rows.
pub struct Reader {
    path: PathBuf,
    lines: Lines,
    form: Form,
}

enum Form {
    Csv(CsvRows),
    Ndjson,
    Cdnow(Cdnow),
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system cannot open or read it.
    #[error("{path} cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Its first line is not text.
    #[error("the first line of {path} {reason}; it should be CSV with a header, or one JSON object a line")]
    NotText {
        /// The file.
        path: PathBuf,
        /// The predicate of a sentence about the line.
        reason: String,
    },
    /// A required column is missing.
    #[error("{path} has no column {column}; the first line must name the columns, at least {needed}")]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The first column that is missing.
        column: &'static str,
        /// The required columns.
        needed: &'static str,
    },
}

impl Reader {
    /// Opens a history. It is NDJSON if its first line is a JSON object, a text file of the CDNOW data set if that line is
    /// four or five numbers (or the header of that set), and CSV with a header otherwise. Empty lines are ignored.
    ///
    /// # Errors
    /// The file cannot be read, or has no header.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
        Self::new(path, Box::new(file))
    }

    fn new(path: &Path, file: Box<dyn Read + Send>) -> Result<Self, ReadError> {
        let path = path.to_owned();
        let mut lines = Lines::new(file);
        let first = loop {
            match lines.next() {
                Some(line) if line.is_blank() => {}
                other => break other,
            }
        };
        if let Some(source) = lines.failure() {
            return Err(ReadError::Io { path, source });
        }
        let text = match &first {
            None => "",
            Some(Line { text: Ok(text), .. }) => text.trim(),
            Some(Line { text: Err(reason), .. }) => return Err(ReadError::NotText { path, reason: reason.clone() }),
        };
        let form = if text.starts_with('{') {
            Form::Ndjson
        } else if Cdnow::begins_with(text) {
            Form::Cdnow(Cdnow::default())
        } else {
            let csv = CsvRows::with_header(text);
            let lacks = |column: &&str| !csv.has(column);
            let who = WHO.iter().all(lacks).then_some("customer_id");
            if let Some(column) = who.or_else(|| REQUIRED.into_iter().find(lacks)) {
                let needed = "order_id, ordered_at, amount and customer_id, email or phone";
                return Err(ReadError::NoColumn { path, column, needed });
            }
            Form::Csv(csv)
        };
        if !matches!(form, Form::Csv(_)) {
            lines.give_back(first.into_iter().collect());
        }
        Ok(Self { path, lines, form })
    }

    /// Bytes of the file that were read so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.lines.bytes()
    }

    /// Checks, after the last row, that the file was read to its end.
    ///
    /// # Errors
    /// The file could not be read to its end.
    pub fn finish(&mut self) -> Result<(), ReadError> {
        let failure = self.lines.failure();
        failure.map_or(Ok(()), |source| Err(ReadError::Io { path: self.path.clone(), source }))
    }
}

impl Iterator for Reader {
    type Item = Result<OrderRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.lines.next()?;
            if line.is_blank() {
                continue;
            }
            let number = line.number;
            let row = match (&mut self.form, line.text) {
                (Form::Csv(csv), text) => {
                    let columns = csv.row(Line { number, text }, &mut self.lines);
                    Some(columns.and_then(|columns| OrderRow::parse(number, &columns.into_iter().collect())))
                }
                (_, Err(reason)) => Some(Err(RowError { line: number, field: "the line".to_owned(), reason })),
                (Form::Ndjson, Ok(text)) => Some(json_row(number, &text)),
                (Form::Cdnow(cdnow), Ok(text)) => cdnow.row(number, &text),
            };
            if row.is_some() {
                return row;
            }
        }
    }
}

fn json_row(line: u64, text: &str) -> Result<OrderRow, RowError> {
    let columns = serde_json::from_str::<Map<String, Value>>(text).map_err(|error| RowError {
        line,
        field: "the line".to_owned(),
        reason: format!("is not a JSON object (column {})", error.column()),
    })?;
    OrderRow::parse(line, &columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: impl Into<Vec<u8>>) -> Vec<Result<OrderRow, RowError>> {
        let file = Box::new(io::Cursor::new(text.into()));
        Reader::new(Path::new("orders"), file).expect("a history").collect()
    }

    fn refused(text: &str) -> ReadError {
        Reader::new(Path::new("orders"), Box::new(io::Cursor::new(text.to_owned()))).err().expect("refused")
    }

    /// Each row in short: line and order, or the complaint.
    fn lines(text: impl Into<Vec<u8>>) -> Vec<String> {
        let short = |row: Result<OrderRow, RowError>| match row {
            Ok(row) => {
                let customer = row.customer_id.map_or("guest".to_owned(), |id| id.to_string());
                format!("{} {customer} {} {}", row.line, row.order_id, row.amount)
            }
            Err(error) => error.to_string(),
        };
        rows(text).into_iter().map(short).collect()
    }

    #[test]
    fn csv_is_read_with_a_byte_order_mark_windows_lines_quotes_and_empty_lines() {
        let text = "\u{feff}Order_ID,customer_id , ordered_at,amount,city\r\n\r\n\
                    o1,anna,2026-03-01,12.50,\"Bad \"\"Ischl\"\", Upper\r\nAustria\"\r\n\
                    o2, bo ,2026-03-02T10:00:00Z,7,\r\n";
        let rows = rows(text);
        let first = rows[0].as_ref().expect("a row");
        let customer = |row: &OrderRow| row.customer_id.clone().map(|id| id.to_string()).unwrap_or_default();
        assert_eq!((first.line, customer(first).as_str(), first.order_id.as_str()), (3, "anna", "o1"));
        assert_eq!(first.extra["city"], "Bad \"Ischl\", Upper\nAustria");
        assert_eq!(first.ordered_at.to_string(), "2026-03-01T12:00:00Z");
        let second = rows[1].as_ref().expect("a row");
        assert_eq!((second.line, customer(second).as_str(), second.extra.len()), (5, "bo", 0));
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn one_bad_row_does_not_affect_the_others() {
        let head = "customer_id,order_id,ordered_at,amount\n";
        let good = "anna,o1,2026-03-01,1\n";
        for (bad, complaint) in [
            ("anna,o9\n", "line 3: ordered_at is missing"),
            (",o9,2026-03-01,1\n", "line 3: customer_id is missing"),
            ("anna,o9,2026-03-01,1,234.50\n", "line 3: the line has 5 values, but the header names 4 columns"),
            ("anna,o9,2026-03-01,abc\n", "line 3: amount is \"abc\", which is not a decimal amount"),
            ("anna,o9,yesterday,1\n", "line 3: ordered_at is \"yesterday\"; write an instant"),
            ("\"anna,o9,2026-03-01,1\n", "line 3: the line has a quote that is never closed"),
            ("anna,\"o9\nx,2026-03-01,1\n", "line 3: the line has a quote that is never closed"),
        ] {
            let found = lines(format!("{head}{good}{bad}bo,o2,2026-03-02,2\n"));
            assert!(found[1].starts_with(complaint), "{found:?}");
            assert_eq!(found[0], "2 anna o1 1.00 USD");
            assert!(found.last().expect("rows").ends_with("bo o2 2.00 USD"), "{found:?}");
        }
        let mut bytes = format!("{head}{good}").into_bytes();
        bytes.extend_from_slice(b"anna,o\xff,2026-03-01,1\nbo,o2,2026-03-02,2\n");
        assert_eq!(lines(bytes)[1..], ["line 3: the line is not text in UTF-8", "4 bo o2 2.00 USD"]);
    }

    #[test]
    fn a_file_of_guests_needs_no_column_of_customers() {
        let text = "order_id,ordered_at,amount,email\no1,2026-03-01,1,anna@example.com\no2,2026-03-02,2,\n";
        let unnamed = "line 3: customer_id is missing, and neither email nor phone says who ordered";
        assert_eq!(lines(text), ["2 guest o1 1.00 USD", unnamed]);
        let error = refused("order_id,ordered_at,amount,city\n").to_string();
        assert!(error.contains("customer_id, email or phone"), "{error}");
    }

    #[test]
    fn a_quote_inside_a_value_opens_nothing() {
        let text =
            "customer_id,order_id,ordered_at,amount,title\nanna,o1,2026-03-01,1,7\" single\nbo,o2,2026-03-02,2,\n";
        let rows = rows(text);
        assert_eq!(rows[0].as_ref().expect("a row").extra["title"], "7\" single");
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn semicolons_and_tabs_separate_as_well() {
        for separator in [";", "\t"] {
            let text = "customer_id,order_id,ordered_at,amount\nanna,o1,2026-03-01,1.50\n".replace(',', separator);
            assert_eq!(lines(text), ["2 anna o1 1.50 USD"]);
        }
    }

    #[test]
    fn ndjson_takes_numbers_as_json_writes_them() {
        let text = "{\"customer_id\":42,\"order_id\":\"o1\",\"ordered_at\":\"2026-03-01\",\"amount\":0.30000000000000004}\n\
                    \n{broken}\n[1]\n\
                    {\"customer_id\":\"bo\",\"order_id\":7,\"ordered_at\":\"2026-03-01\",\"amount\":null}\n";
        assert_eq!(
            lines(text),
            [
                "1 42 o1 0.30 USD",
                "line 3: the line is not a JSON object (column 2)",
                "line 4: the line is not a JSON object (column 0)",
                "line 5: amount is missing"
            ]
        );
    }

    #[test]
    fn both_forms_of_cdnow_are_read_and_rows_that_are_alike_are_two_orders() {
        let master = " 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n 00002 19970112  1   12.00\n";
        assert_eq!(
            lines(master),
            [
                "1 00001 00001-19970101-1-11.77 11.77 USD",
                "2 00002 00002-19970112-1-12.00 12.00 USD",
                "3 00002 00002-19970112-1-12.00-2 12.00 USD"
            ]
        );
        let sample = "customer_id date number_of_cds dollar_value\n00004 1 19970101 2 29.33\n1 2 3\n";
        let found = lines(sample);
        assert_eq!(found[0], "2 00004 00004-19970101-2-29.33 29.33 USD");
        assert_eq!(found[1], "line 3: the line does not have four or five columns");
    }

    #[test]
    fn a_file_that_is_no_history_is_refused_with_what_is_missing() {
        for text in ["", "\n\n", "customer_id,order_id,amount\n", "hello"] {
            assert!(matches!(refused(text), ReadError::NoColumn { .. }), "{text:?}");
        }
        let error = refused("customer_id,order_id,amount\n").to_string();
        assert!(error.contains("has no column ordered_at"), "{error}");
        let missing = Reader::open(Path::new("/nowhere/orders.csv")).err().expect("refused");
        assert!(missing.to_string().contains("/nowhere/orders.csv"), "{missing}");
        assert!(matches!(Reader::open(&std::env::temp_dir()).err(), Some(ReadError::Io { .. })));
    }
}

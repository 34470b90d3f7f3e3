//! Reading an order history from a file, row by row.

use super::row::{OrderRow, RowError};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Reads a history. Rows come as they stand in the file; a row that is wrong is an error of its own and
/// costs no other row.
pub struct Reader {
    rows: Box<dyn Iterator<Item = Result<OrderRow, RowError>> + Send>,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system does not give it.
    #[error("the order history {path} cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It has no usable header.
    #[error(
        "{path} has no column {column}; the first line must name the columns, at least customer_id, order_id, ordered_at, amount"
    )]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The first column that is missing.
        column: &'static str,
    },
}

impl Reader {
    /// Opens a history: NDJSON if its first line is a JSON object, the text form of the CDNOW data set if
    /// it is four or five numbers (or that set's header), CSV with a header otherwise.
    ///
    /// # Errors
    /// The file cannot be read, or has no header.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        let mut first = String::new();
        BufReader::new(File::open(path).map_err(io)?).read_line(&mut first).map_err(io)?;
        let first = first.trim_start_matches('\u{feff}').trim();
        let file = BufReader::new(File::open(path).map_err(io)?);
        let rows: Box<dyn Iterator<Item = _> + Send> = if first.starts_with('{') {
            Box::new(ndjson(file))
        } else if is_cdnow(first) {
            Box::new(cdnow(file))
        } else {
            csv_rows(path, file)?
        };
        Ok(Self { rows })
    }
}

impl Iterator for Reader {
    type Item = Result<OrderRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

fn csv_rows(
    path: &Path,
    file: BufReader<File>,
) -> Result<Box<dyn Iterator<Item = Result<OrderRow, RowError>> + Send>, ReadError> {
    let mut csv = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
    let header =
        csv.headers().cloned().map_err(|error| ReadError::Io { path: path.to_owned(), source: error.into() })?;
    let names: Vec<String> =
        header.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_lowercase()).collect();
    for column in ["customer_id", "order_id", "ordered_at", "amount"] {
        if !names.iter().any(|name| name == column) {
            return Err(ReadError::NoColumn { path: path.to_owned(), column });
        }
    }
    Ok(Box::new(csv.into_records().map(move |record| match record {
        Ok(record) => {
            let line = record.position().map_or(0, csv::Position::line);
            let columns = names.iter().zip(record.iter()).map(|(name, text)| (name.clone(), Value::from(text)));
            OrderRow::parse(line, &columns.collect())
        }
        Err(error) => {
            let line = error.position().map_or(0, csv::Position::line);
            Err(RowError { line, field: "the line".to_owned(), reason: "is not CSV in UTF-8".to_owned() })
        }
    })))
}

fn ndjson(file: BufReader<File>) -> impl Iterator<Item = Result<OrderRow, RowError>> {
    numbered(file).filter(|line| line.as_ref().map_or(true, |(_, text)| !text.trim().is_empty())).map(|line| {
        let (line, text) = line?;
        let columns = serde_json::from_str::<Map<String, Value>>(&text).map_err(|error| RowError {
            line,
            field: "the line".to_owned(),
            reason: format!("is not a JSON object (column {})", error.column()),
        })?;
        OrderRow::parse(line, &columns)
    })
}

fn is_cdnow(first: &str) -> bool {
    let words: Vec<&str> = first.split_whitespace().collect();
    let numbers = |words: &[&str]| words.iter().all(|word| word.parse::<f64>().is_ok());
    words == ["customer_id", "date", "number_of_cds", "dollar_value"]
        || ((4..=5).contains(&words.len()) && numbers(&words))
}

/// Customer, (customer within the sample,) day, number of CDs, dollars. The set has no order ids: they are
/// made of the row itself and, for rows that are alike, their number, so that they do not depend on the order of
/// the rows.
fn cdnow(file: BufReader<File>) -> impl Iterator<Item = Result<OrderRow, RowError>> {
    let mut alike: HashMap<u64, u32> = HashMap::new();
    numbered(file).filter(|line| line.as_ref().map_or(true, |(_, text)| text.chars().any(|c| c.is_ascii_digit()))).map(
        move |line| {
            let (line, text) = line?;
            let words: Vec<&str> = text.split_whitespace().collect();
            let (customer, day, cds, dollars) = match words.as_slice() {
                [customer, day, cds, dollars] | [customer, _, day, cds, dollars] => (*customer, *day, *cds, *dollars),
                _ => {
                    let reason = "does not have four or five columns".to_owned();
                    return Err(RowError { line, field: "the line".to_owned(), reason });
                }
            };
            let mut order_id = format!("{customer}-{day}-{cds}-{dollars}");
            let mut hasher = DefaultHasher::new();
            order_id.hash(&mut hasher);
            let number = alike.entry(hasher.finish()).or_insert(0);
            *number += 1;
            if *number > 1 {
                order_id = format!("{order_id}-{number}");
            }
            let ordered_at = match (day.get(..4), day.get(4..6), day.get(6..)) {
                (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
                _ => day.to_owned(),
            };
            let columns = [
                ("customer_id", customer),
                ("order_id", &order_id),
                ("ordered_at", &ordered_at),
                ("amount", dollars),
                ("cds", cds),
                ("email", &format!("customer-{customer}@example.com")),
            ];
            let columns = columns.into_iter().map(|(name, text)| (name.to_owned(), Value::from(text)));
            OrderRow::parse(line, &columns.collect())
        },
    )
}

fn numbered(file: BufReader<File>) -> impl Iterator<Item = Result<(u64, String), RowError>> {
    (1_u64..).zip(file.lines()).map(|(line, text)| match text {
        Ok(text) => Ok((line, text.trim_start_matches('\u{feff}').to_owned())),
        Err(_) => Err(RowError { line, field: "the line".to_owned(), reason: "is not text in UTF-8".to_owned() }),
    })
}

//! The endpoints of a file.

use super::endpoint::{Endpoint, OptedIn};
use crate::file::csv_rows::CsvRows;
use crate::file::lines::{Line, Lines};
use crate::file::source;
use crate::history::{ColumnNames, Entry, ReadError, Refused, RowError};
use crate::import::Rows;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most names of ignored columns that are collected. Pinpoint allows 250 custom attributes.
const MAX_IGNORED_COLUMNS: usize = 400;

/// Parses an export in the order of the file: CSV with a header, or one JSON object a line. An invalid row is an error of its
/// own and does not affect other rows. Memory does not grow with the file.
pub struct Endpoints {
    path: PathBuf,
    lines: Lines,
    csv: Option<CsvRows>,
    opted_in: OptedIn,
    read: Arc<AtomicU64>,
    ignored_columns: BTreeSet<String>,
}

impl Endpoints {
    /// Opens an export.
    ///
    /// # Errors
    /// The file cannot be read, or has no header.
    pub fn open(path: &Path, opted_in: OptedIn) -> Result<Self, ReadError> {
        let failed = |source| ReadError::from_io(path, source);
        let source = source::open(path, None).map_err(failed)?;
        let read = Arc::clone(&source.read);
        let mut lines = Lines::of_source(source);
        let first = loop {
            match lines.next() {
                Some(line) if line.is_blank() => {}
                other => break other,
            }
        };
        if let Some(source) = lines.failure() {
            return Err(failed(source));
        }
        let text = match &first {
            None => "",
            Some(Line { text: Ok(text), .. }) => text.trim(),
            Some(Line { text: Err(reason), .. }) => {
                return Err(ReadError::NotText { path: path.to_owned(), reason: reason.clone() });
            }
        };
        let csv = if text.starts_with('{') { None } else { Some(CsvRows::with_header(text)) };
        match &csv {
            None => lines.give_back(first.into_iter().collect()),
            Some(csv) => {
                let missing = [("channeltype", "ChannelType"), ("address", "Address")];
                if let Some((_, column)) = missing.into_iter().find(|(name, _)| !csv.has(name)) {
                    let needed = "ChannelType, Address";
                    return Err(ReadError::NoColumn { path: path.to_owned(), column, needed, found: String::new() });
                }
            }
        }
        let path = path.to_owned();
        Ok(Self { path, lines, csv, opted_in, read, ignored_columns: BTreeSet::new() })
    }

    /// The next endpoint.
    pub fn next_endpoint(&mut self) -> Option<Result<Endpoint, RowError>> {
        loop {
            let line = self.lines.next()?;
            if line.is_blank() {
                continue;
            }
            let number = line.number;
            let columns = match &self.csv {
                Some(csv) => csv.row(line, &mut self.lines).map(|columns| {
                    columns
                        .into_iter()
                        .map(|(name, value)| (without_number(&name), value.as_str().unwrap_or_default().to_owned()))
                        .collect()
                }),
                None => json_columns(line),
            };
            return Some(columns.and_then(|columns: Vec<(String, String)>| {
                let endpoint = Endpoint::parse(number, &columns)?;
                for name in Endpoint::ignored_columns(&columns) {
                    if self.ignored_columns.len() < MAX_IGNORED_COLUMNS && !self.ignored_columns.contains(name) {
                        self.ignored_columns.insert(name.to_owned());
                    }
                }
                Ok(endpoint)
            }));
        }
    }

    /// The columns, in lower case, that had values in valid endpoints and were not used.
    #[must_use]
    pub fn ignored_columns(&self) -> &BTreeSet<String> {
        &self.ignored_columns
    }
}

impl Rows for Endpoints {
    fn next_entry(&mut self) -> Option<Result<Entry, Refused>> {
        let endpoint = self.next_endpoint()?;
        let entry = |endpoint: Endpoint| {
            let event = endpoint.event(self.opted_in);
            let who = event["userId"].as_str().unwrap_or_default().to_owned();
            Entry { line: endpoint.line, rows: 1, who, events: vec![event], warnings: Vec::new() }
        };
        Some(endpoint.map(entry).map_err(Refused::from))
    }

    fn bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    fn finish(&mut self) -> Result<(), ReadError> {
        let failure = self.lines.failure();
        failure.map_or(Ok(()), |source| Err(ReadError::from_io(&self.path, source)))
    }

    fn columns(&self) -> ColumnNames {
        let names = [
            ("", "the line"),
            ("userId", "User.UserId"),
            ("timestamp", "EffectiveDate"),
            ("traits.email", "Address"),
            ("traits.phone", "Address"),
            ("traits.timezone", "Demographic.Timezone"),
            ("traits.locale", "Demographic.Locale"),
        ];
        ColumnNames::new(names.map(|(field, column)| (field.to_owned(), column.to_owned())))
    }
}

/// The name of a column that is there several times, once for each value.
fn without_number(name: &str) -> String {
    let repeated = name.rsplit_once('#').filter(|(name, number)| !name.is_empty() && number.parse::<u32>().is_ok());
    repeated.map_or(name, |(name, _)| name).to_owned()
}

/// The values of a JSON object by dotted names in lower case, as in a CSV file.
fn json_columns(line: Line) -> Result<Vec<(String, String)>, RowError> {
    let number = line.number;
    let refuse = |reason: String| RowError { line: number, field: "the line".to_owned(), reason };
    let text = line.text.map_err(refuse)?;
    let object: Map<String, Value> = serde_json::from_str(&text)
        .map_err(|error| refuse(format!("is not a JSON object (column {})", error.column())))?;
    let mut columns = Vec::new();
    flatten("", &object, &mut columns);
    Ok(columns)
}

/// Adds the values of an object. The parser allows 128 levels, so the recursion is bounded.
fn flatten(prefix: &str, object: &Map<String, Value>, columns: &mut Vec<(String, String)>) {
    for (name, value) in object {
        let name = format!("{prefix}{}", name.to_lowercase());
        match value {
            Value::Object(inner) => flatten(&format!("{name}."), inner, columns),
            Value::Array(values) => {
                columns.extend(values.iter().filter_map(plain).map(|value| (name.clone(), value)));
            }
            other => columns.extend(plain(other).map(|value| (name, value))),
        }
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    const CSV: &str = "ChannelType,Address,Location.Country,Demographic.Timezone,User.UserId,User.UserAttributes.hobby,User.UserAttributes.hobby\r\n\
        SMS,+16045550182,CA,America/Vancouver,user-1,,\r\n\
        EMAIL,john@example.com,US,,user-2,chess,\"go, too\"\r\n";
    const JSON: &str = r#"{"ChannelType":"SMS","Address":"+16045550182","Location":{"Country":"CA"},"Demographic":{"Timezone":"America/Vancouver"},"User":{"UserId":"user-1"}}
{"ChannelType":"EMAIL","Address":"john@example.com","Location":{"Country":"US"},"User":{"UserId":"user-2","UserAttributes":{"hobby":["chess","go, too"]}}}
"#;

    /// The event or the error of each endpoint of a file, and the ignored columns.
    fn load(content: &[u8]) -> (Vec<String>, Vec<String>) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), content).expect("written");
        let mut endpoints = Endpoints::open(file.path(), OptedIn::SaysNothing).expect("an export");
        let mut results = Vec::new();
        while let Some(row) = endpoints.next_entry() {
            results.push(row.map_or_else(|refused| refused.to_string(), |entry| entry.events[0].to_string()));
        }
        endpoints.finish().expect("read to its end");
        assert_eq!(endpoints.bytes(), content.len() as u64);
        (results, endpoints.ignored_columns().iter().cloned().collect())
    }

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(content).expect("packed");
        packed.finish().expect("packed")
    }

    #[test]
    fn csv_json_and_gzip_give_the_same_result() {
        let (events, ignored_columns) = load(CSV.as_bytes());
        assert_eq!(events.len(), 2);
        assert!(
            events[0].contains("\"userId\":\"user-1\"") && events[0].contains("America/Vancouver"),
            "{}",
            events[0]
        );
        assert_eq!(ignored_columns, ["location.country", "user.userattributes.hobby"]);
        for content in [JSON.as_bytes().to_vec(), packed(CSV.as_bytes()), packed(JSON.as_bytes())] {
            assert_eq!(load(&content), (events.clone(), ignored_columns.clone()));
        }
        // Parts that were compressed separately and concatenated are one file.
        let (head, tail) = JSON.split_at(JSON.find('\n').expect("two lines") + 1);
        assert_eq!(load(&[packed(head.as_bytes()), packed(tail.as_bytes())].concat()).0, events);
    }

    #[test]
    fn a_rejected_row_does_not_affect_the_others() {
        let text = format!("{JSON}\n{{broken}}\n{{\"ChannelType\":\"GCM\",\"Address\":\"token\"}}\n{JSON}");
        let (results, _) = load(text.as_bytes());
        assert_eq!(results[2], "line 4: the line is not a JSON object (column 2)");
        assert_eq!(results[3], "line 5: ChannelType is GCM; messages go out as EMAIL and SMS only");
        assert_eq!(results[4..], results[..2]);
    }

    #[test]
    fn a_file_that_is_no_export_or_was_cut_off_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for text in ["", "User.UserId\nuser-1 user-2\n", "ChannelType,User.UserId\n"] {
            std::fs::write(file.path(), text).expect("written");
            let error = Endpoints::open(file.path(), OptedIn::SaysNothing).err().expect("refused");
            assert!(error.to_string().ends_with("the columns, at least ChannelType, Address"), "{error}");
        }
        // Not repetitive, so that the compressed file is longer than one read.
        let row = |n: u32| {
            format!("EMAIL,{}@example.com,,,user-{n},,\n", rekindle_lifecycle::id::short_digest(&[&n.to_string()], 20))
        };
        let long = packed(format!("{CSV}{}", (0..2_000).map(row).collect::<String>()).as_bytes());
        std::fs::write(file.path(), &long[..long.len() / 2]).expect("written");
        let mut endpoints = Endpoints::open(file.path(), OptedIn::SaysNothing).expect("the beginning is there");
        while endpoints.next_endpoint().is_some() {}
        assert!(matches!(endpoints.finish(), Err(ReadError::Io { .. })), "a file that was cut off is no whole file");
    }
}

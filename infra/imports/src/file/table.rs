//! The rows of a file of any form.

use super::csv_rows::CsvRows;
use super::encodings::FileEncoding;
use super::json_objects::JsonObjects;
use super::lines::{Line, Lines};
use super::nested::cells_of;
use super::source;
use crate::history::cdnow::Cdnow;
use crate::history::{ReadError, RowError};
use crate::presets::Join;
use serde_json::{Map, Value};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The values of a row, by column.
pub(crate) type Cells = Vec<(Arc<str>, Value)>;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// The line of the file on which it begins, from 1.
    pub(crate) line: u64,
    /// Its values.
    pub(crate) cells: Cells,
}

/// Iterates over the rows of a file in its order. A row that cannot be read is an error of its own.
pub(crate) struct Table {
    path: PathBuf,
    form: Form,
    encoding: FileEncoding,
    read: Arc<AtomicU64>,
    join: Option<Arc<Join>>,
}

enum Form {
    Csv(CsvRows, Lines),
    Ndjson(Lines),
    Json(JsonObjects),
    Cdnow(Cdnow, Lines),
}

impl Table {
    /// Opens a file. It is JSON if it begins with a bracket or brace, a text file of the CDNOW data set if its first line is
    /// four or five numbers (or the header of that set), and CSV with a header otherwise. Empty lines are ignored.
    ///
    /// # Errors
    /// The file cannot be read, or is no text.
    pub(crate) fn open(path: &Path, encoding: Option<FileEncoding>) -> Result<Self, ReadError> {
        let failed = |source: io::Error| ReadError::from_io(path, source);
        let source = source::open(path, encoding).map_err(failed)?;
        let (encoding, read) = (source.encoding, Arc::clone(&source.read));
        let mut lines = Lines::of_source(source);
        let mut first = next_line(&mut lines);
        let mut separator = None;
        if let Some(named) = first.as_ref().and_then(separator_line) {
            separator = Some(named);
            first = next_line(&mut lines);
        }
        if let Some(source) = lines.failure() {
            return Err(failed(source));
        }
        let text = match &first {
            None => "",
            Some(Line { text: Ok(text), .. }) => text.trim(),
            // A list on one line is longer than a line of a table.
            Some(Line { text: Err(_), .. }) if begins_json(path, encoding).map_err(failed)? => "[",
            Some(Line { text: Err(reason), .. }) => {
                return Err(ReadError::NotText { path: path.to_owned(), reason: reason.clone() });
            }
        };
        let form = if text.starts_with('[') || (text.starts_with('{') && is_no_object(text)) {
            // From the beginning: an object may have begun on the first line.
            let source = source::open(path, Some(encoding)).map_err(failed)?;
            let form = Form::Json(JsonObjects::new(source.text));
            return Ok(Self { path: path.to_owned(), form, encoding, read: source.read, join: None });
        } else if text.starts_with('{') {
            lines.give_back(first.into_iter().collect());
            Form::Ndjson(lines)
        } else if Cdnow::begins_with(text) {
            lines.give_back(first.into_iter().collect());
            Form::Cdnow(Cdnow::default(), lines)
        } else {
            let text = text.to_owned();
            let csv = separator.map_or_else(|| CsvRows::with_header(&text), |own| CsvRows::with_separator(&text, own));
            Form::Csv(csv, lines)
        };
        Ok(Self { path: path.to_owned(), form, encoding, read, join: None })
    }

    /// The same rows, with what other files say about them.
    pub(crate) fn joined(self, join: Option<&Arc<Join>>) -> Self {
        Self { join: join.cloned(), ..self }
    }

    /// The names of the columns, if the file has a header.
    pub(crate) fn header(&self) -> Option<&[Arc<str>]> {
        match &self.form {
            Form::Csv(csv, _) => Some(csv.names()),
            _ => None,
        }
    }

    /// The encoding.
    pub(crate) fn encoding(&self) -> FileEncoding {
        self.encoding
    }

    /// Whether the file is one of the CDNOW data set.
    pub(crate) fn is_cdnow(&self) -> bool {
        matches!(self.form, Form::Cdnow(..))
    }

    /// What the file is, in words.
    pub(crate) fn description(&self) -> String {
        let form = match &self.form {
            Form::Csv(csv, _) => match csv.separator() {
                '\t' => "columns separated by tabs".to_owned(),
                separator => format!("columns separated by {separator:?}"),
            },
            Form::Ndjson(_) => "one JSON object a line".to_owned(),
            Form::Json(_) => "JSON objects".to_owned(),
            Form::Cdnow(..) => "text of the CDNOW data set".to_owned(),
        };
        format!("{form}, in {}", self.encoding)
    }

    /// Bytes of the file that were read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Checks, after the last row, that the file was read to its end.
    ///
    /// # Errors
    /// The file could not be read to its end.
    pub(crate) fn finish(&mut self) -> Result<(), ReadError> {
        let failure = match &mut self.form {
            Form::Csv(_, lines) | Form::Ndjson(lines) | Form::Cdnow(_, lines) => lines.failure(),
            Form::Json(objects) => objects.failure(),
        };
        failure.map_or(Ok(()), |source| Err(ReadError::from_io(&self.path, source)))
    }
}

impl Iterator for Table {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = self.next_row()?;
        if let (Some(join), Ok(row)) = (&self.join, &mut row) {
            join.apply(row);
        }
        Some(row)
    }
}

impl Table {
    fn next_row(&mut self) -> Option<Result<Row, RowError>> {
        loop {
            let (csv, lines) = match &mut self.form {
                Form::Json(objects) => {
                    return Some(objects.next()?.map(|(line, object)| Row { line, cells: cells_of(object) }));
                }
                Form::Cdnow(cdnow, lines) => {
                    let line = next_line(lines)?;
                    let number = line.number;
                    let row = match line.text {
                        Ok(text) => cdnow.row(number, &text),
                        Err(reason) => Some(Err(RowError { line: number, field: "the line".to_owned(), reason })),
                    };
                    match row {
                        Some(row) => return Some(row.map(|cells| Row { line: number, cells })),
                        None => continue,
                    }
                }
                Form::Csv(csv, lines) => (Some(csv), lines),
                Form::Ndjson(lines) => (None, lines),
            };
            let line = next_line(lines)?;
            let number = line.number;
            let cells = match csv {
                Some(csv) => csv.row(line, lines),
                None => json_line(line),
            };
            return Some(cells.map(|cells| Row { line: number, cells }));
        }
    }
}

/// The next line that is not empty.
fn next_line(lines: &mut Lines) -> Option<Line> {
    loop {
        match lines.next() {
            Some(line) if line.is_blank() => {}
            other => return other,
        }
    }
}

/// The separator that a first line such as `sep=;` names.
fn separator_line(line: &Line) -> Option<u8> {
    let text = line.text.as_ref().ok()?.trim_start().trim_matches('"');
    let rest = text.get(..4).filter(|key| key.eq_ignore_ascii_case("sep="))?;
    match &text.as_bytes()[rest.len()..] {
        [separator] => Some(*separator),
        _ => None,
    }
}

/// Whether a line that begins with a brace holds no whole object.
fn is_no_object(text: &str) -> bool {
    let error = serde_json::from_str::<Map<String, Value>>(text).err();
    error.is_some_and(|error| error.is_eof())
}

/// Whether the first byte of the text that is no white space begins a list or an object.
fn begins_json(path: &Path, encoding: FileEncoding) -> io::Result<bool> {
    let mut text = source::open(path, Some(encoding))?.text;
    let mut byte = [0];
    while text.read(&mut byte)? == 1 {
        if !byte[0].is_ascii_whitespace() {
            return Ok(matches!(byte[0], b'[' | b'{'));
        }
    }
    Ok(false)
}

fn json_line(line: Line) -> Result<Cells, RowError> {
    let refuse = |reason| RowError { line: line.number, field: "the line".to_owned(), reason };
    let text = line.text.map_err(refuse)?;
    let object = serde_json::from_str::<Map<String, Value>>(&text)
        .map_err(|error| refuse(format!("is not a JSON object (column {})", error.column())))?;
    Ok(cells_of(object))
}

//! Feeds as tables: a line with the names of the columns, then a product a line, separated by tabs.

use super::entries::{FeedEntry, FeedError};
use std::io::BufRead;

pub(super) struct TableEntries<R: BufRead> {
    reader: csv::Reader<R>,
    columns: Vec<String>,
    entries: u64,
}

impl<R: BufRead> TableEntries<R> {
    pub(super) fn new(input: R) -> Result<Self, FeedError> {
        let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').flexible(true).from_reader(input);
        let header = reader.byte_headers().map_err(|error| failure(error, 0))?;
        let name = |name: &[u8]| {
            let name = String::from_utf8_lossy(name);
            name.trim_start_matches('\u{feff}').trim().trim_start_matches("g:").to_ascii_lowercase()
        };
        let columns: Vec<String> = header.iter().map(name).collect();
        if !columns.iter().any(|column| column == "id") {
            return Err(FeedError::NoFeed);
        }
        Ok(Self { reader, columns, entries: 0 })
    }

    /// The next entry; nothing after the last. A table has no closing tag: its last line is whole if it has as many columns as the
    /// first.
    pub(super) fn next_entry(&mut self) -> Result<Option<FeedEntry>, FeedError> {
        let mut record = csv::ByteRecord::new();
        loop {
            let is_there = self.reader.read_byte_record(&mut record).map_err(|error| failure(error, self.entries))?;
            if !is_there {
                return Ok(None);
            }
            if record.len() < self.columns.len() && self.reader.is_done() {
                return Err(FeedError::Cut { after: self.entries });
            }
            self.entries += 1;
            let mut entry = FeedEntry { number: self.entries, ..FeedEntry::default() };
            for (name, value) in self.columns.iter().zip(&record) {
                entry.add(name, &String::from_utf8_lossy(value));
            }
            if !entry.fields.is_empty() {
                return Ok(Some(entry));
            }
        }
    }
}

fn failure(error: csv::Error, after: u64) -> FeedError {
    let reason = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => FeedError::Io(error),
        _ => FeedError::Malformed { after, reason },
    }
}

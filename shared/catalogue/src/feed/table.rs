//! Feeds as tables: a line with the names of the columns, then a product a line, separated by tabs.

use super::error::FeedError;
use super::fields::FeedEntry;
use csv::ByteRecord;
use std::io::{BufRead, Read};

pub(super) struct TableEntries<R: BufRead> {
    reader: csv::Reader<LastByte<R>>,
    columns: Vec<String>,
    /// The record after the one that was returned last, if it had to be looked at.
    next: Option<ByteRecord>,
    entries: u64,
}

/// Remembers the last byte that was read.
struct LastByte<R> {
    input: R,
    last: u8,
}

impl<R: Read> Read for LastByte<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.last = buffer[..read].last().copied().unwrap_or(self.last);
        Ok(read)
    }
}

impl<R: BufRead> TableEntries<R> {
    pub(super) fn new(input: R) -> Result<Self, FeedError> {
        let input = LastByte { input, last: b'\n' };
        let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').flexible(true).from_reader(input);
        let header = reader.byte_headers().map_err(|error| failure(error, 0))?;
        let name = |name: &[u8]| {
            let name = String::from_utf8_lossy(name);
            name.trim().trim_start_matches("g:").to_ascii_lowercase()
        };
        let columns: Vec<String> = header.iter().map(name).collect();
        if !columns.iter().any(|column| column == "id") {
            return Err(FeedError::NoFeed);
        }
        Ok(Self { reader, columns, next: None, entries: 0 })
    }

    /// The next entry; nothing after the last. A table has no closing tag: it is cut if its last line has fewer columns than the first
    /// and no line end.
    pub(super) fn next_entry(&mut self) -> Result<Option<FeedEntry>, FeedError> {
        loop {
            let record = match self.next.take() {
                Some(record) => Some(record),
                None => self.read()?,
            };
            let Some(record) = record else { return Ok(None) };
            if record.len() < self.columns.len() {
                self.next = self.read()?;
                let ends_a_line = matches!(self.reader.get_ref().last, b'\n' | b'\r');
                if self.next.is_none() && !ends_a_line {
                    return Err(FeedError::Cut { after: self.entries });
                }
            }
            let mut entry = FeedEntry { number: self.entries + 1, ..FeedEntry::default() };
            for (name, value) in self.columns.iter().zip(&record) {
                entry.add(name, &String::from_utf8_lossy(value));
            }
            if !entry.fields.is_empty() {
                self.entries += 1;
                return Ok(Some(entry));
            }
        }
    }

    fn read(&mut self) -> Result<Option<ByteRecord>, FeedError> {
        let mut record = ByteRecord::new();
        let is_there = self.reader.read_byte_record(&mut record).map_err(|error| failure(error, self.entries))?;
        Ok(is_there.then_some(record))
    }
}

fn failure(error: csv::Error, after: u64) -> FeedError {
    let reason = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => FeedError::Io(error),
        _ => FeedError::Malformed { after, reason },
    }
}

//! Groups the entries of a file into calls.

use super::Rows;
use crate::history::{Entry, Refused, RowError};

/// Most events of a call, but for the last entry's second one.
const MAX_EVENTS: usize = 100;
/// Most bytes of a call's body. The endpoint accepts 500 KB; an entry has up to 64 KB, and more as JSON.
const MAX_BODY_BYTES: usize = 450_000;
/// Most entries of a batch, rejected ones included.
const MAX_ENTRIES: usize = 1_000;

/// Consecutive entries of a file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The entries to post: the line and the number of rows of each.
    entries: Vec<(u64, u64)>,
    /// Their events: the entry and the JSON of each.
    events: Vec<(usize, String)>,
    /// The invalid ones among them.
    pub(super) refused: Vec<Refused>,
    /// What was left out of the others.
    pub(super) warnings: Vec<RowError>,
    /// The line of the last entry.
    pub(super) through_line: u64,
    /// How many bytes of the file were read by the end of the batch.
    pub(super) through_byte: u64,
    bytes: usize,
}

impl Batch {
    /// How many rows its entries have.
    pub(super) fn rows(&self) -> u64 {
        self.entries.iter().map(|(_, rows)| rows).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The entry of the event at an index: its place, its line, and the number of its rows.
    pub(super) fn entry(&self, index: usize) -> Option<(usize, u64, u64)> {
        let (place, _) = self.events.get(index)?;
        self.entries.get(*place).map(|(line, rows)| (*place, *line, *rows))
    }

    /// The body of the call.
    pub(super) fn body(&self) -> String {
        let events: Vec<&str> = self.events.iter().map(|(_, event)| event.as_str()).collect();
        format!("{{\"batch\":[{}]}}", events.join(","))
    }

    fn has_room_for(&self, events: &[String]) -> bool {
        let bytes: usize = events.iter().map(|event| event.len() + 1).sum();
        self.events.is_empty()
            || (self.events.len() + events.len() <= MAX_EVENTS && self.bytes + bytes < MAX_BODY_BYTES)
    }

    fn push(&mut self, entry: Written) {
        self.through_line = entry.line;
        for event in entry.events {
            self.bytes += event.len() + 1;
            self.events.push((self.entries.len(), event));
        }
        self.entries.push((entry.line, entry.rows));
        self.warnings.extend(entry.warnings);
    }

    fn count(&self) -> usize {
        self.entries.len() + self.refused.len()
    }
}

/// An entry with its events as text.
struct Written {
    line: u64,
    rows: u64,
    events: Vec<String>,
    warnings: Vec<RowError>,
}

impl From<Entry> for Written {
    fn from(entry: Entry) -> Self {
        let events = entry.events.iter().map(ToString::to_string).collect();
        Self { line: entry.line, rows: entry.rows, events, warnings: entry.warnings }
    }
}

/// The entries after a line, in batches.
pub(super) fn split(rows: &mut impl Rows, after_line: u64) -> impl Iterator<Item = Batch> {
    let mut surplus: Option<Written> = None;
    std::iter::from_fn(move || {
        let mut batch = Batch { bytes: "{\"batch\":[]}".len(), ..Batch::default() };
        if let Some(entry) = surplus.take() {
            batch.push(entry);
        }
        while batch.count() < MAX_ENTRIES && batch.events.len() < MAX_EVENTS {
            match rows.next_entry() {
                None => break,
                Some(Ok(entry)) if entry.line <= after_line => {}
                Some(Err(refused)) if refused.line <= after_line => {}
                Some(Err(refused)) => {
                    batch.through_line = refused.line;
                    batch.refused.push(refused);
                }
                Some(Ok(entry)) => {
                    let entry = Written::from(entry);
                    if !batch.has_room_for(&entry.events) {
                        surplus = Some(entry);
                        break;
                    }
                    batch.push(entry);
                }
            }
        }
        batch.through_byte = rows.bytes();
        (batch.count() > 0).then_some(batch)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Reader;

    fn batches(rows: &str, after_line: u64) -> Vec<Batch> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = format!("customer_id,order_id,ordered_at,amount,note\n{rows}");
        std::fs::write(file.path(), text).expect("written");
        let mut reader = Reader::open(file.path()).expect("a history");
        split(&mut reader, after_line).collect()
    }

    #[test]
    fn a_batch_has_at_most_a_hundred_events_and_450_kilobytes() {
        let rows: String = (0..250).map(|n| format!("anna,o{n},2026-03-01,1,\n")).collect();
        let found = batches(&rows, 0);
        assert_eq!(found.iter().map(Batch::rows).collect::<Vec<_>>(), [100, 100, 50]);
        assert_eq!(found.iter().map(|batch| batch.through_line).collect::<Vec<_>>(), [101, 201, 251]);

        let long = "ü\\".repeat(15_000);
        let rows: String = (0..25).map(|n| format!("anna,o{n},2026-03-01,1,{long}\n")).collect();
        let found = batches(&rows, 0);
        assert!(found.len() > 2 && found.iter().all(|batch| batch.body().len() <= MAX_BODY_BYTES));
        assert_eq!(found.iter().map(Batch::rows).sum::<u64>(), 25);
        assert!(found.is_sorted_by_key(|batch| batch.through_line));
    }

    #[test]
    fn objects_that_share_a_line_are_acknowledged_one_by_one() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let object = |n: u32| {
            format!("{{\"customer_id\":\"a\",\"order_id\":\"o{n}\",\"ordered_at\":\"2026-03-01\",\"amount\":{n}}}")
        };
        std::fs::write(file.path(), format!("[{}]", [1, 2, 3].map(object).join(","))).expect("written");
        let mut reader = Reader::open(file.path()).expect("a history");
        let found: Vec<Batch> = split(&mut reader, 1).collect();
        assert_eq!((found.len(), found[0].rows(), found[0].entry(0)), (1, 2, Some((0, 2, 1))));
    }

    #[test]
    fn lines_that_were_acknowledged_are_not_posted_again_whether_good_or_bad() {
        let rows = "anna,o1,2026-03-01,1,\nanna,o2,never,1,\nanna,o3,2026-03-01,1,\nanna,o4,never,1,\n";
        let found = batches(rows, 3);
        assert_eq!((found.len(), found[0].entry(0), found[0].refused[0].line), (1, Some((0, 4, 1)), 5));
        let found = batches(rows, 4);
        assert_eq!((found[0].rows(), found[0].refused.len()), (0, 1));
        assert_eq!(batches(rows, 5).len(), 0);
    }
}

//! Groups the rows of a file into calls.

use super::Rows;
use crate::history::RowError;

/// Most events of a call.
const MAX_EVENTS: usize = 100;
/// Most bytes of a call's body. The endpoint accepts 500 KB; a row has up to 64 KB, and more as JSON.
const MAX_BODY_BYTES: usize = 450_000;
/// Most rows of a batch, rejected ones included.
const MAX_ROWS: usize = 1_000;

/// Consecutive rows of a file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The events to post: the line and the JSON of each.
    events: Vec<(u64, String)>,
    /// The invalid rows among them.
    pub(super) refused: Vec<RowError>,
    /// The line of the last row.
    pub(super) through_line: u64,
    /// How many bytes of the file were read by the end of the batch.
    pub(super) through_byte: u64,
    bytes: usize,
}

impl Batch {
    /// How many events there are.
    pub(super) fn len(&self) -> u64 {
        self.events.len() as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The line of the event at an index.
    pub(super) fn line(&self, index: usize) -> Option<u64> {
        self.events.get(index).map(|(line, _)| *line)
    }

    /// The body of the call.
    pub(super) fn body(&self) -> String {
        let events: Vec<&str> = self.events.iter().map(|(_, event)| event.as_str()).collect();
        format!("{{\"batch\":[{}]}}", events.join(","))
    }

    fn has_room_for(&self, event: &str) -> bool {
        self.events.len() < MAX_EVENTS && self.bytes + event.len() < MAX_BODY_BYTES
    }

    fn push(&mut self, line: u64, event: String) {
        self.bytes += event.len() + 1;
        self.through_line = line;
        self.events.push((line, event));
    }

    fn rows(&self) -> usize {
        self.events.len() + self.refused.len()
    }
}

/// The rows after a line, in batches.
pub(super) fn split(rows: &mut impl Rows, after_line: u64) -> impl Iterator<Item = Batch> {
    let mut surplus: Option<(u64, String)> = None;
    std::iter::from_fn(move || {
        let mut batch = Batch { bytes: "{\"batch\":[]}".len(), ..Batch::default() };
        if let Some((line, event)) = surplus.take() {
            batch.push(line, event);
        }
        while batch.rows() < MAX_ROWS && batch.events.len() < MAX_EVENTS {
            match rows.next_event() {
                None => break,
                Some(Ok((line, _))) if line <= after_line => {}
                Some(Err(error)) if error.line <= after_line => {}
                Some(Err(error)) => {
                    batch.through_line = error.line;
                    batch.refused.push(error);
                }
                Some(Ok((line, event))) => {
                    let event = event.to_string();
                    if !batch.has_room_for(&event) {
                        surplus = Some((line, event));
                        break;
                    }
                    batch.push(line, event);
                }
            }
        }
        batch.through_byte = rows.bytes();
        (batch.rows() > 0).then_some(batch)
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
        assert_eq!(found.iter().map(Batch::len).collect::<Vec<_>>(), [100, 100, 50]);
        assert_eq!(found.iter().map(|batch| batch.through_line).collect::<Vec<_>>(), [101, 201, 251]);

        let long = "ü\\".repeat(15_000);
        let rows: String = (0..25).map(|n| format!("anna,o{n},2026-03-01,1,{long}\n")).collect();
        let found = batches(&rows, 0);
        assert!(found.len() > 2 && found.iter().all(|batch| batch.body().len() <= MAX_BODY_BYTES));
        assert_eq!(found.iter().map(Batch::len).sum::<u64>(), 25);
        assert!(found.is_sorted_by_key(|batch| batch.through_line));
    }

    #[test]
    fn lines_that_were_acknowledged_are_not_posted_again_whether_good_or_bad() {
        let rows = "anna,o1,2026-03-01,1,\nanna,o2,never,1,\nanna,o3,2026-03-01,1,\nanna,o4,never,1,\n";
        let found = batches(rows, 3);
        assert_eq!((found.len(), found[0].line(0), found[0].refused[0].line), (1, Some(4), 5));
        let found = batches(rows, 4);
        assert_eq!((found[0].len(), found[0].refused.len()), (0, 1));
        assert_eq!(batches(rows, 5).len(), 0);
    }
}

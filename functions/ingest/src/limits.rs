//! How much a call may bring. The numbers are those of Segment's specification, which its libraries
//! keep to.

use crate::wire::Rejection;
use jiff::SignedDuration;
use serde_json::Value;

/// Longest body of a batch, uncompressed, in bytes.
pub(crate) const BATCH_BYTES: usize = 500 * 1024;
/// Longest event, in bytes of JSON.
pub(crate) const EVENT_BYTES: usize = 32 * 1024;
/// Most events in a batch.
pub(crate) const EVENTS: usize = 2_500;
/// Longest message id, in characters.
pub(crate) const MESSAGE_ID: usize = 100;
/// Longest name of an event, in characters; what is longer is cut.
pub(crate) const NAME: usize = 128;
/// Deepest nesting of lists and objects in an event.
pub(crate) const DEPTH: usize = 32;
/// How far a time may lie ahead of ours.
pub(crate) const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Refuses an event that is too long or too deep.
pub(crate) fn check(event: &Value) -> Result<(), Rejection> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, event).map_err(|_| Rejection::new("", "cannot be written as JSON"))?;
    if length.0 > EVENT_BYTES {
        return Err(Rejection::new("", format!("is {} bytes long; at most {EVENT_BYTES} are allowed", length.0)));
    }
    if depth(event) > DEPTH {
        return Err(Rejection::new("", format!("is nested deeper than {DEPTH} levels")));
    }
    Ok(())
}

/// The parser allows 128 levels, so this recursion ends.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Counts what is written and keeps nothing.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

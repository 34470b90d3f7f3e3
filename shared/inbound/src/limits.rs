//! Limits of one event. The numbers are those of Segment's specification, which its libraries keep to.

use crate::rejection::Rejection;
use crate::rejection_kind::RejectionKind;
use jiff::SignedDuration;
use serde_json::Value;

/// Maximum length of an event that is no order, in bytes of JSON.
pub const MAX_EVENT_BYTES: usize = 32 * 1024;
/// Maximum length of an order, in bytes of JSON: some hundreds of products with all that shop systems say about them.
pub const MAX_ORDER_BYTES: usize = 256 * 1024;
/// Maximum length of a message id, in characters.
pub(crate) const MAX_MESSAGE_ID_LEN: usize = 100;
/// Maximum length of an event's name and of other names, in characters; a longer one is cut.
pub(crate) const MAX_NAME_LEN: usize = 128;
/// Maximum nesting of lists and objects in an event.
pub(crate) const MAX_DEPTH: usize = 32;
/// How far the time of an event may lie ahead of our clock.
pub(crate) const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Refuses an event that is too deep.
pub(crate) fn check_depth(event: &Value) -> Result<(), Rejection> {
    if depth(event) > MAX_DEPTH {
        let reason = format!("is nested deeper than {MAX_DEPTH} levels");
        return Err(Rejection::new("", reason).of_kind(RejectionKind::TooLarge));
    }
    Ok(())
}

/// Refuses an event that is longer than `max_bytes`.
pub(crate) fn check_length(event: &Value, max_bytes: usize) -> Result<(), Rejection> {
    let length = length(event).ok_or_else(|| Rejection::new("", "cannot be written as JSON"))?;
    if length > max_bytes {
        let reason = format!("is {length} bytes long; at most {max_bytes} are allowed");
        return Err(Rejection::too_large("", reason));
    }
    Ok(())
}

/// The length of a value as JSON, in bytes.
pub(crate) fn length(value: &Value) -> Option<usize> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, value).ok()?;
    Some(length.0)
}

/// The parser allows 128 levels, so this recursion ends.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// A writer that only counts bytes.
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

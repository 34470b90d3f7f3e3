//! Instants as systems write them.

use crate::fields::clean;
use jiff::fmt::rfc2822;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned, civil};
use serde_json::Value;

/// Reads an instant: RFC 3339; date and time without an offset, or a date, in `zone`; seconds, milliseconds, microseconds or
/// nanoseconds since 1970 as a number or a text; RFC 2822; and what JavaScript writes for a date. Numbers may lack their
/// leading zeros. Nothing if it is none of them.
pub(crate) fn read(value: &Value, zone: &TimeZone) -> Option<Timestamp> {
    match value {
        Value::Number(number) => number.as_i64().map_or_else(|| since_1970(number.as_f64()?), whole_since_1970),
        Value::String(text) => from_text(clean(text, MAX_LEN)?.as_str(), zone),
        _ => None,
    }
}

/// Whether a text names a local time, which is an instant only with a zone.
pub(crate) fn needs_zone(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        read(value, &TimeZone::UTC).is_some_and(|utc| {
            // A zone in which no local time is that of UTC.
            let east = TimeZone::fixed(jiff::tz::offset(1));
            from_text(text.trim(), &east) != Some(utc)
        })
    })
}

/// Longest text that is read, in characters.
const MAX_LEN: usize = 80;

fn from_text(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.len() >= MIN_EPOCH_DIGITS {
        return text.parse::<i64>().ok().map_or_else(|| since_1970(text.parse().ok()?), whole_since_1970);
    }
    let padded = padded(text);
    padded
        .parse::<Timestamp>()
        .ok()
        .or_else(|| padded.parse::<Zoned>().ok().map(|at| at.timestamp()))
        .or_else(|| local(&padded, zone))
        .or_else(|| rfc2822::parse(text).ok().map(|at| at.timestamp()))
        .or_else(|| of_javascript(text))
}

/// Shortest text of digits that counts seconds since 1970; a shorter one may be a date such as `20261122`.
const MIN_EPOCH_DIGITS: usize = 9;

fn local(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let at: civil::DateTime = text.parse().ok()?;
    zone.to_ambiguous_zoned(at).compatible().ok().map(|at| at.timestamp())
}

/// `Sun Nov 22 2026 10:00:00 GMT+0100 (Central European Standard Time)`.
fn of_javascript(text: &str) -> Option<Timestamp> {
    let plain = text.split(" (").next()?;
    strtime::parse("%a %b %d %Y %H:%M:%S GMT%z", plain).ok()?.to_timestamp().ok()
}

/// The size shows the unit: as seconds, each of the bounds is a year beyond 5000.
fn whole_since_1970(number: i64) -> Option<Timestamp> {
    match number.unsigned_abs() {
        0..100_000_000_000 => Timestamp::from_second(number).ok(),
        100_000_000_000..100_000_000_000_000 => Timestamp::from_millisecond(number).ok(),
        100_000_000_000_000..100_000_000_000_000_000 => Timestamp::from_microsecond(number).ok(),
        _ => Timestamp::from_nanosecond(i128::from(number)).ok(),
    }
}

fn since_1970(number: f64) -> Option<Timestamp> {
    if !number.is_finite() || number.abs() >= 1e17 {
        return None;
    }
    // Milliseconds are all that is stored.
    let millis = if number.abs() < 1e11 { number * 1_000.0 } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let whole = millis.round() as i64;
    if number.abs() < 1e14 { Timestamp::from_millisecond(whole).ok() } else { whole_since_1970(whole) }
}

/// The text with hyphens in its date and leading zeros where they are missing: `2026/3/2 9:05` is `2026-03-02 09:05`.
fn padded(text: &str) -> String {
    let mut padded = String::with_capacity(text.len() + 4);
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut in_fraction = false;
    for (at, c) in text.char_indices() {
        in_fraction = c == '.' || (in_fraction && c.is_ascii_digit());
        let stands_alone = c.is_ascii_digit() && !is_digit(at + 1) && (at == 0 || !is_digit(at - 1));
        // Not the region of a zone such as `Etc/GMT+1`.
        if stands_alone && !in_fraction && !padded.contains('[') {
            padded.push('0');
        }
        padded.push(if c == '/' && at < "2026/12/".len() { '-' } else { c });
    }
    padded
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_instant_is_read_in_every_form_that_systems_write() {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        for (written, instant) in [
            (json!("2026-03-02T09:05:00Z"), "2026-03-02T09:05:00Z"),
            (json!("2026-03-02T09:05:00.250+01:00"), "2026-03-02T08:05:00.25Z"),
            (json!("2026-03-02T09:05:00+0100"), "2026-03-02T08:05:00Z"),
            (json!("2026-03-02 09:05:00"), "2026-03-02T08:05:00Z"),
            (json!("2026-07-02T09:05"), "2026-07-02T07:05:00Z"),
            (json!("2026-03-02"), "2026-03-01T23:00:00Z"),
            (json!("2026/03/02"), "2026-03-01T23:00:00Z"),
            (json!("20260302"), "2026-03-01T23:00:00Z"),
            (json!("2026-3-2T9:5:0.5Z"), "2026-03-02T09:05:00.5Z"),
            (json!("2026-3-2 9:05:00"), "2026-03-02T08:05:00Z"),
            (json!("2026-03-02T09:05:00[Europe/London]"), "2026-03-02T09:05:00Z"),
            (json!(1_772_442_300), "2026-03-02T09:05:00Z"),
            (json!("1772442300"), "2026-03-02T09:05:00Z"),
            (json!("1772442300.25"), "2026-03-02T09:05:00.25Z"),
            (json!(1_772_442_300.25), "2026-03-02T09:05:00.25Z"),
            (json!(1_772_442_300_250_i64), "2026-03-02T09:05:00.25Z"),
            (json!("1772442300250"), "2026-03-02T09:05:00.25Z"),
            (json!(1_772_442_300_250_000_i64), "2026-03-02T09:05:00.25Z"),
            (json!(1_772_442_300_250_000_000_i64), "2026-03-02T09:05:00.25Z"),
            (json!("Mon, 02 Mar 2026 09:05:00 GMT"), "2026-03-02T09:05:00Z"),
            (json!("Mon, 2 Mar 2026 09:05:00 +0100"), "2026-03-02T08:05:00Z"),
            (json!("Mon Mar 02 2026 09:05:00 GMT+0100 (Central European Standard Time)"), "2026-03-02T08:05:00Z"),
            // The hour that does not exist is the one after it.
            (json!("2026-03-29T02:30:00"), "2026-03-29T01:30:00Z"),
        ] {
            assert_eq!(read(&written, &zone).map(|at| at.to_string()), Some(instant.to_owned()), "{written}");
        }
        for written in [json!("yesterday"), json!("02.03.2026"), json!("3/2/2026"), json!(""), json!(true), json!({})] {
            assert_eq!(read(&written, &zone), None, "{written}");
        }
        assert!(needs_zone(&json!("2026-03-02")) && needs_zone(&json!("2026-03-02 09:05:00")));
        assert!(!needs_zone(&json!("2026-03-02T09:05:00Z")) && !needs_zone(&json!(1_772_442_300)));
    }
}

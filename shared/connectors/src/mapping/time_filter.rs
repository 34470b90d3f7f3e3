//! The filter of instants.

use super::values::{is_nothing, text_of, wrong};
use crate::fields::parse_time;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use minijinja::Error;
use minijinja::value::Value;

/// An instant in the form of the API. Without a format it has an offset; times without one need a zone.
pub(super) fn time(value: &Value, format: Option<&str>, zone: Option<&str>) -> Result<Value, Error> {
    if is_nothing(value) {
        return Ok(Value::UNDEFINED);
    }
    let text = text_of(value).ok_or_else(|| wrong("is not a time"))?;
    let zone =
        zone.map(|name| TimeZone::get(name).map_err(|_| wrong("is read in a time zone that is none"))).transpose()?;
    let format = format.unwrap_or_default();
    let instant = match format {
        "" | "iso" => parse_time(&text).or_else(|| civil(&text)?.to_zoned(zone?).ok().map(|zoned| zoned.timestamp())),
        "utc" => {
            parse_time(&text).or_else(|| civil(&text)?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()))
        }
        "seconds" => text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok()),
        "milliseconds" => text.parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok()),
        "rfc2822" => rfc2822::parse(&text).ok().map(|zoned| zoned.timestamp()),
        pattern => by_pattern(pattern, &text, zone),
    };
    let missing_zone = "is not a time of that form; without an offset it needs a time zone: time('', 'Europe/Berlin')";
    instant.map(|at| Value::from(at.to_string())).ok_or_else(|| wrong(missing_zone))
}

fn civil(text: &str) -> Option<DateTime> {
    text.parse().ok()
}

fn by_pattern(pattern: &str, text: &str, zone: Option<TimeZone>) -> Option<Timestamp> {
    let parsed = strtime::parse(pattern, text).ok()?;
    if let Ok(instant) = parsed.to_timestamp() {
        return Some(instant);
    }
    let date_time = parsed.to_datetime().ok().or_else(|| parsed.to_date().ok().map(Date::into));
    date_time?.to_zoned(zone?).ok().map(|zoned| zoned.timestamp())
}

//! The item of a limit.

use super::recent::RecentSends;
use crate::table::attributes::number;
use crate::table::calls::Item;
use crate::table::error::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::sending_rate::SendingRate;

/// The instant of the next free slot, in microseconds.
pub(super) const TAT: &str = "tat";
/// The rate, as JSON.
pub(super) const RATE: &str = "rate";
/// The latest sends of a shop with a limit of its own, as JSON.
pub(super) const RECENT: &str = "recent";
/// The end of the line of the messages that wait, in microseconds.
pub(super) const LINE: &str = "line";

/// The item as it was seen last.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) tat: Option<Timestamp>,
    pub(super) line: Option<Timestamp>,
    pub(super) recent: RecentSends,
    /// The same as it is written, by which a condition names it.
    pub(super) recent_written: Option<String>,
    pub(super) rate: SendingRate,
    /// The rate as it is written, by which a condition names it; nothing if none was written yet.
    pub(super) written: Option<String>,
}

impl Seen {
    pub(super) fn from_item(item: &Item) -> Result<Self, StoreError> {
        let unreadable = |attribute| StoreError::Unreadable { family: RATE, attribute };
        let instant = |attribute| {
            let value: Option<&AttributeValue> = item.get(attribute);
            let read = value.map(|value| {
                let micros = value.as_n().ok().and_then(|micros| micros.parse().ok());
                micros.and_then(|micros| Timestamp::from_microsecond(micros).ok()).ok_or_else(|| unreadable(attribute))
            });
            read.transpose()
        };
        let written = item.get(RATE).map(|value| value.as_s().cloned().map_err(|_| unreadable(RATE))).transpose()?;
        let rate = written.as_ref().map(|rate| serde_json::from_str(rate).map_err(|_| unreadable(RATE)));
        let rate = rate.transpose()?.unwrap_or_default();
        let recent_written = item.get(RECENT).and_then(|value| value.as_s().ok()).cloned();
        let recent: Vec<i64> = match &recent_written {
            Some(recent) => serde_json::from_str(recent).map_err(|_| unreadable(RECENT))?,
            None => Vec::new(),
        };
        let recent =
            recent.into_iter().map(|micros| Timestamp::from_microsecond(micros).map_err(|_| unreadable(RECENT)));
        let recent = RecentSends::new(recent.collect::<Result<_, _>>()?);
        Ok(Self { tat: instant(TAT)?, line: instant(LINE)?, recent, recent_written, rate, written })
    }

    /// The condition that the rate is still this one.
    pub(super) fn same(&self) -> &'static str {
        if self.written.is_some() { "#rate = :rate" } else { "attribute_not_exists(#rate)" }
    }
}

pub(super) fn micros(at: Timestamp) -> AttributeValue {
    number(at.as_microsecond())
}

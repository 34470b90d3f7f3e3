//! The item of a limit as a worker saw it last: it saves the read before each lease.

use super::{LINE, RATE, RECENT, RecentSends, SendingLimit, TAT};
use crate::calls::Item;
use crate::error::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::sending_rate::SendingRate;
use std::collections::HashMap;
use std::sync::Mutex;

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

/// The items as they were seen last.
#[derive(Debug, Default)]
pub(crate) struct KnownRates(Mutex<HashMap<SendingLimit, Seen>>);

impl Seen {
    pub(super) fn read(item: &Item) -> Result<Self, StoreError> {
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

impl KnownRates {
    pub(super) fn get(&self, limit: &SendingLimit) -> Option<Seen> {
        self.0.lock().ok()?.get(limit).cloned()
    }

    pub(super) fn put(&self, limit: &SendingLimit, seen: Seen) {
        if let Ok(mut known) = self.0.lock() {
            known.insert(limit.clone(), seen);
        }
    }
}

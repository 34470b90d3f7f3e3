//! How often a customer may be written to.

use super::channel_table::{Key, Keys};
use crate::channel::{Channel, PerChannel};
use crate::time::Period;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// How often a customer may be written to, over all channels and journeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrequencyCap {
    /// The sliding window.
    pub window: Period,
    /// Messages in any such window.
    pub total: usize,
    /// Messages of single channels among them: of those whose row says that they have a cap of their own.
    pub own: PerChannel<Option<usize>>,
    /// Least time between two messages.
    pub min_gap: Period,
}

impl FrequencyCap {
    /// The channel's own cap, if it has one.
    #[must_use]
    pub fn own(&self, channel: Channel) -> Option<usize> {
        self.own.get(channel).flatten()
    }

    /// The most messages on a channel in any window.
    #[must_use]
    pub fn most(&self, channel: Channel) -> usize {
        self.own(channel).map_or(self.total, |own| own.min(self.total))
    }
}

const KEYS: Keys = Keys { channels: |row| row.has_own_cap, others: &["window", "total", "min_gap"] };

impl<'de> Deserialize<'de> for FrequencyCap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(CapTable)
    }
}

struct CapTable;

impl<'de> Visitor<'de> for CapTable {
    type Value = FrequencyCap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the table frequency_cap")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<FrequencyCap, A::Error> {
        let (mut window, mut total, mut min_gap) = (None, None, None);
        let mut own = PerChannel::default();
        while let Some(key) = KEYS.next(&mut table)? {
            match key {
                Key::Channel(channel) => own.set(channel, Some(table.next_value()?)),
                Key::Other("window") => window = Some(table.next_value()?),
                Key::Other("total") => total = Some(table.next_value()?),
                Key::Other(_) => min_gap = Some(table.next_value()?),
            }
        }
        Ok(FrequencyCap {
            window: window.ok_or_else(|| Error::missing_field("window"))?,
            total: total.ok_or_else(|| Error::missing_field("total"))?,
            own,
            min_gap: min_gap.ok_or_else(|| Error::missing_field("min_gap"))?,
        })
    }
}

//! How instants, newest first, are stored: the newest in milliseconds since 1970, then the gaps.

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(instants: &[Timestamp], serializer: S) -> Result<S::Ok, S::Error> {
    let mut newer = 0;
    serializer.collect_seq(instants.iter().enumerate().map(|(place, at)| {
        let at = at.as_millisecond();
        let stored = if place == 0 { at } else { newer - at };
        newer = at;
        stored
    }))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Timestamp>, D::Error> {
    let mut newer = None;
    let stored = Vec::<i64>::deserialize(deserializer)?.into_iter();
    let instants = stored.map(|stored| {
        let at = newer.map_or(stored, |newer: i64| newer.saturating_sub(stored));
        newer = Some(at);
        Timestamp::from_millisecond(at).map_err(D::Error::custom)
    });
    instants.collect()
}

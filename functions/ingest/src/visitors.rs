//! How much one device may send with a public key, beside what the key may: anybody can read the key and name a device.

use crate::batch::Batch;
use crate::problem::Problem;
use jiff::Timestamp;
use rekindle_platform::{KeyLimits, Throttle};
use std::collections::BTreeMap;

/// A person who clicks as fast as they can stays below both.
const LIMITS: KeyLimits = KeyLimits { requests_per_second: 2.0, events_per_second: 5.0 };

/// Admits the devices of a call, and takes their events out of their buckets.
pub(crate) fn admit(visitors: &Throttle, key_hash: &str, batch: &Batch, now: Timestamp) -> Result<(), Problem> {
    let mut devices: BTreeMap<String, usize> = BTreeMap::new();
    for event in batch.elements().iter().filter_map(|element| element.value().ok()) {
        if let Some(device) = rekindle_inbound::device_named(event) {
            *devices.entry(format!("{key_hash} {device}")).or_default() += 1;
        }
    }
    for device in devices.keys() {
        visitors.admit(device, LIMITS, now).map_err(|too_much| {
            tracing::warn!("a device sent too much; it was asked to try again later");
            Problem::from(too_much.of_visitor())
        })?;
    }
    for (device, events) in devices {
        visitors.charge(&device, events, LIMITS, now);
    }
    Ok(())
}

//! How the function is wired, on Lambda as on one machine.

use crate::Sweep;
use rekindle_platform::{Parts, SettingError};
use rekindle_store::Store;

/// Most customers that one run takes from a shard: 40,000 in all, well within the minute that a run has.
const MAX_CUSTOMERS_PER_SHARD: usize = 5_000;

/// Wires the function.
///
/// # Errors
/// A variable is missing or malformed.
pub fn wire(parts: &Parts) -> Result<Sweep, SettingError> {
    Ok(Sweep {
        store: Store::from_parts(parts)?,
        advance_queue: parts.advance_queue()?,
        clock: parts.clock.clone(),
        limit_per_shard: MAX_CUSTOMERS_PER_SHARD,
    })
}

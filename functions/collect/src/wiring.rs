//! How the function is wired, on Lambda as on one machine.

use crate::{Collect, Learned};
use rekindle_platform::{Parts, SettingError};
use rekindle_store::Store;

/// Wires the function.
///
/// # Errors
/// A variable is missing or malformed.
pub fn wire(parts: &Parts) -> Result<Collect, SettingError> {
    Ok(Collect { store: Store::from_parts(parts)?, learned: Learned::default(), clock: parts.clock.clone() })
}

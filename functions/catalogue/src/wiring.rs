//! How the function is wired, on Lambda as on one machine.

use crate::Catalogue;
use rekindle_platform::{Parts, SettingError};
use rekindle_store::Store;

/// Wires the function.
///
/// # Errors
/// A variable is missing or malformed.
pub fn wire(parts: &Parts) -> Result<Catalogue, SettingError> {
    let store = Store::from_parts(parts)?;
    Ok(Catalogue { store, clock: parts.clock.clone(), throttle: parts.throttle.clone() })
}

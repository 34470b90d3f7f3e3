//! How the function is wired, on Lambda as on one machine.

use crate::Settings;
use rekindle_platform::{Parts, SettingError};
use rekindle_store::Store;

/// Wires the function.
///
/// # Errors
/// A variable is missing or malformed.
pub fn wire(parts: &Parts) -> Result<Settings, SettingError> {
    let store = Store::from_parts(parts)?;
    Ok(Settings { store, clock: parts.clock.clone(), throttle: parts.throttle.clone() })
}

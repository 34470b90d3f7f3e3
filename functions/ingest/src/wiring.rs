//! How the function is wired, on Lambda as on one machine.

use crate::Ingest;
use rekindle_intake::Guests;
use rekindle_platform::{Parts, SettingError};
use rekindle_store::Store;

/// Wires the function.
///
/// # Errors
/// A variable is missing or malformed.
pub fn wire(parts: &Parts) -> Result<Ingest, SettingError> {
    let ingest = Ingest::new(Store::from_parts(parts)?, Guests::from_parts(parts)?, parts.clock.clone());
    let (throttle, visitors) = (parts.throttle.clone(), parts.throttle.apart());
    Ok(Ingest { throttle, visitors, ..ingest })
}

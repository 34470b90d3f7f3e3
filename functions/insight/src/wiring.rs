//! How the function is wired, on Lambda as on one machine.

use crate::{Insight, Limits};
use rekindle_platform::{Parts, SettingError};
use rekindle_store::Store;

/// Wires the function.
///
/// # Errors
/// A variable is missing or malformed.
pub fn wire(parts: &Parts) -> Result<Insight, SettingError> {
    let (store, advance_queue) = (Store::from_parts(parts)?, parts.advance_queue()?);
    Ok(Insight { store, advance_queue, clock: parts.clock.clone(), limits: Limits::default() })
}

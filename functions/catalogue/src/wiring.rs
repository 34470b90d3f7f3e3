//! How the function is wired, on Lambda as on one machine.

use crate::{Catalogue, Limits};
use rekindle_platform::public_web::PublicWeb;
use rekindle_platform::{Parts, SettingError};
use rekindle_store::Store;

/// Wires the function.
///
/// # Errors
/// A variable is missing or malformed.
pub fn wire(parts: &Parts) -> Result<Catalogue, SettingError> {
    let store = Store::from_parts(parts)?;
    let (clock, throttle) = (parts.clock.clone(), parts.throttle.clone());
    Ok(Catalogue { store, clock, throttle, web: PublicWeb::system(), limits: Limits::default() })
}

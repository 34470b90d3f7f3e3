//! How the function is wired, on Lambda as on one machine.

use crate::Settings;
use rekindle_messaging::LinkKeys;
use rekindle_platform::Parts;
use rekindle_store::Store;
use std::error::Error;

/// Wires the function. It comes with the link keys as they are now, and with their source, to be asked again before each event.
///
/// # Errors
/// A variable is missing or malformed, or the link keys cannot be read: one line that says what is wrong.
pub async fn wire(parts: &Parts) -> Result<(Settings, LinkKeys), Box<dyn Error + Send + Sync>> {
    let store = Store::from_parts(parts)?;
    let hooks_queue = parts.hooks_queue()?;
    let keys = LinkKeys::from_parts(parts).await?;
    let link_keys = keys.at(parts.clock.now()).await;
    let (clock, throttle) = (parts.clock.clone(), parts.throttle.clone());
    Ok((Settings { store, clock, throttle, link_keys, hooks_queue }, keys))
}

//! How the function is wired, on Lambda as on one machine.

use crate::Hooks;
use rekindle_messaging::LinkKeys;
use rekindle_platform::{Parts, Remembered};
use rekindle_store::Store;
use std::error::Error;

/// Wires the function. It comes with the link keys as they are now, and with their source, to be asked again before each event.
///
/// # Errors
/// A variable is missing or malformed, or the link keys cannot be read: one line that says what is wrong.
pub async fn wire(parts: &Parts) -> Result<(Hooks, LinkKeys), Box<dyn Error + Send + Sync>> {
    let store = Store::from_parts(parts)?;
    let queue = parts.hooks_queue()?;
    let base_url = parts.environment.links_base_url()?;
    let keys = LinkKeys::from_parts(parts).await?;
    let link_keys = keys.at(parts.clock.now()).await;
    let clock = parts.clock.clone();
    let (connections, noted) = (Remembered::default(), Remembered::default());
    Ok((Hooks { store, queue, link_keys, base_url, clock, connections, noted }, keys))
}

//! How the function is wired, on Lambda as on one machine.

use crate::Links;
use rekindle_messaging::{LinkKeys, ProviderLists};
use rekindle_platform::Parts;
use rekindle_store::Store;
use std::error::Error;

/// Wires the function. It comes with the link keys as they are now, and with their source, to be asked again before each event.
///
/// # Errors
/// A variable is missing or malformed, or the link keys cannot be read: one line that says what is wrong.
pub async fn wire(parts: &Parts) -> Result<(Links, LinkKeys), Box<dyn Error + Send + Sync>> {
    let store = Store::from_parts(parts)?;
    let links_base_url = parts.environment.links_base_url()?;
    let keys = LinkKeys::from_parts(parts).await?;
    let link_keys = keys.at(parts.clock.now()).await;
    let (provider_lists, clock) = (ProviderLists::from_parts(parts), parts.clock.clone());
    let throttle = parts.throttle.clone();
    Ok((Links { store, links_base_url, link_keys, provider_lists, clock, throttle }, keys))
}

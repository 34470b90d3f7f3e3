//! How the function is wired, on Lambda as on one machine.

use crate::{Api, Console};
use rekindle_messaging::LinkKeys;
use rekindle_platform::{OwnApi, Parts};
use std::error::Error;

/// Wires the function. It comes with the link keys as they are now, and with their source, to be asked again before each event.
///
/// # Errors
/// A variable is missing or malformed, or the link keys cannot be read: one line that says what is wrong.
pub async fn wire(parts: &Parts) -> Result<(Console, LinkKeys), Box<dyn Error + Send + Sync>> {
    let api = Api::deployed(OwnApi::from_env(&parts.environment)?);
    let keys = LinkKeys::from_parts(parts).await?;
    let link_keys = keys.at(parts.clock.now()).await;
    Ok((Console { api, link_keys, clock: parts.clock.clone() }, keys))
}

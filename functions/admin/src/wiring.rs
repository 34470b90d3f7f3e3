//! The function as Lambda runs it.

use crate::Admin;
use rekindle_messaging::LinkKeys;
use rekindle_platform::{Clock, Platform, Throttle};
use rekindle_store::{Store, Tables};
use std::error::Error;

impl Admin {
    /// What the environment says, with the link keys as they are now; and where to ask for them again before each event.
    ///
    /// # Errors
    /// A variable is missing or malformed, or the link keys cannot be read: one line that says what is wrong.
    pub async fn from_platform(platform: &Platform) -> Result<(Self, LinkKeys), Box<dyn Error + Send + Sync>> {
        let Platform { environment, clients } = platform;
        let clock = Clock::system();
        let setting = environment.link_keys_secret()?;
        let store = Store::new(clients.dynamodb(), Tables::from_environment(environment)?);
        // Last, for it is the only one that asks the network.
        let keys = LinkKeys::read(setting, || clients.secrets(), clock.now()).await?;
        let link_keys = keys.at(clock.now()).await;
        let started = Self { store, link_keys, clock, throttle: Throttle::full() };
        Ok((started, keys))
    }
}

//! The function as Lambda runs it.

use crate::Advance;
use rekindle_messaging::LinkKeys;
use rekindle_platform::{Clock, Platform, WorkQueue};
use rekindle_store::{Store, Tables};
use std::error::Error;

impl Advance {
    /// What the environment says, with the link keys as they are now; and where to ask for them again before each event.
    ///
    /// # Errors
    /// A variable is missing or malformed, or the link keys cannot be read: one line that says what is wrong.
    pub async fn from_platform(platform: &Platform) -> Result<(Self, LinkKeys), Box<dyn Error + Send + Sync>> {
        let Platform { environment, clients } = platform;
        let clock = Clock::system();
        let setting = environment.link_keys_secret()?;
        let store = Store::new(clients.dynamodb(), Tables::from_environment(environment)?);
        let send_queue = WorkQueue::new(clients.sqs(), environment.queue_send_url()?);
        let advance_queue = WorkQueue::new(clients.sqs(), environment.queue_advance_url()?);
        // Last, for it is the only one that asks the network.
        let keys = LinkKeys::read(setting, || clients.secrets(), clock.now()).await?;
        let link_keys = keys.at(clock.now()).await;
        let started = Self { store, send_queue, advance_queue, link_keys, clock };
        Ok((started, keys))
    }
}

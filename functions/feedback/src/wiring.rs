//! The function as Lambda runs it.

use crate::Feedback;
use rekindle_messaging::{EventBus, LinkKeys, Texter};
use rekindle_platform::{Clock, Platform};
use rekindle_store::{Store, Tables};
use std::error::Error;
use std::time::Duration;

/// The pause between two pages of opted-out numbers: a little more than SNS asks for.
const BETWEEN_PAGES: Duration = Duration::from_millis(1_100);

impl Feedback {
    /// What the environment says, with the link keys as they are now; and where to ask for them again before each event.
    ///
    /// # Errors
    /// A variable is missing or malformed, or the link keys cannot be read: one line that says what is wrong.
    pub async fn from_platform(platform: &Platform) -> Result<(Self, LinkKeys), Box<dyn Error + Send + Sync>> {
        let Platform { environment, clients } = platform;
        let clock = Clock::system();
        let setting = environment.link_keys_secret()?;
        let store = Store::new(clients.dynamodb(), Tables::from_environment(environment)?);
        let links_base_url = environment.links_base_url()?;
        let events = environment.event_bus_name()?;
        let events = events.map_or_else(EventBus::none, |name| EventBus::named(clients.eventbridge(), name));
        let sns = clients.sns();
        let texter = Texter::new(&sns);
        // Last, for it is the only one that asks the network.
        let keys = LinkKeys::read(setting, || clients.secrets(), clock.now()).await?;
        let link_keys = keys.at(clock.now()).await;
        let started =
            Self { store, texter, sns, events, links_base_url, between_pages: BETWEEN_PAGES, link_keys, clock };
        Ok((started, keys))
    }
}

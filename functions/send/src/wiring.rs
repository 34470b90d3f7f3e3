//! The function as Lambda runs it.

use crate::Sender;
use crate::limits::RateCaps;
use crate::shop_context::ShopContexts;
use rekindle_messaging::{EventBus, LinkKeys, Mailer, Templates, Texter};
use rekindle_platform::{Clock, Platform, WorkQueue};
use rekindle_store::{Store, Tables};
use std::error::Error;

impl Sender {
    /// What the environment says, with the link keys as they are now; and where to ask for them again before each event.
    ///
    /// # Errors
    /// A variable is missing or malformed, or the link keys cannot be read: one line that says what is wrong.
    pub async fn from_platform(platform: &Platform) -> Result<(Self, LinkKeys), Box<dyn Error + Send + Sync>> {
        let Platform { environment, clients } = platform;
        let clock = Clock::system();
        let setting = environment.link_keys_secret()?;
        let store = Store::new(clients.dynamodb(), Tables::from_environment(environment)?);
        let mailer = Mailer::new(&clients.ses(), Some(environment.ses_configuration_set()?));
        let texter = Texter::new(&clients.sns());
        let events = environment.event_bus_name()?;
        let events = events.map_or_else(EventBus::none, |name| EventBus::named(clients.eventbridge(), name));
        let send_queue = WorkQueue::new(clients.sqs(), environment.queue_send_url()?);
        let rate_caps = RateCaps {
            emails_per_second: environment.emails_per_second()?,
            texts_per_second: environment.texts_per_second()?,
        };
        let canary_from = environment.canary_from()?;
        let links_base_url = environment.links_base_url()?;
        let shops = ShopContexts::new(Templates::built_in());
        // Last, for it is the only one that asks the network.
        let keys = LinkKeys::read(setting, || clients.secrets(), clock.now()).await?;
        let link_keys = keys.at(clock.now()).await;
        let started = Self {
            store,
            mailer,
            texter,
            events,
            canary_from,
            shops,
            links_base_url,
            link_keys,
            send_queue,
            rate_caps,
            clock,
        };
        Ok((started, keys))
    }
}

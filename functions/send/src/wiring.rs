//! How the function is wired, on Lambda as on one machine.

use crate::Sender;
use crate::limits::rate_caps;
use crate::shop_context::ShopContexts;
use rekindle_messaging::{EventBus, LinkKeys, Mailer, Templates, Texter};
use rekindle_platform::{Parts, SettingError};
use rekindle_store::Store;
use std::error::Error;

/// Wires the function. It comes with the link keys as they are now, and with their source, to be asked again before each event.
///
/// # Errors
/// A variable is missing or malformed, or the link keys cannot be read: one line that says what is wrong.
pub async fn wire(parts: &Parts) -> Result<(Sender, LinkKeys), Box<dyn Error + Send + Sync>> {
    let Parts { environment, clients, clock, .. } = parts;
    let store = Store::from_parts(parts)?;
    let mailer = Mailer::new(&clients.ses(), Some(environment.ses_configuration_set()?));
    let texter = Texter::new(&clients.sns());
    let events = EventBus::from_parts(parts)?;
    let send_queue = parts.send_queue()?;
    let rate_caps = rate_caps(environment)?;
    let canary_from = environment.canary_from()?;
    let links_base_url = environment.links_base_url()?;
    let templates = parts.once(|_| Ok::<_, SettingError>(Templates::built_in()))?;
    let shops = ShopContexts::new(templates);
    let keys = LinkKeys::from_parts(parts).await?;
    let link_keys = keys.at(clock.now()).await;
    let sender = Sender {
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
        clock: clock.clone(),
    };
    Ok((sender, keys))
}

//! What a shop's messages are made of and limited by, read from its settings.

use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::{Brand, CheckedTemplate, Templates};
use rekindle_platform::Remembered;
use rekindle_store::sending::limits::SendingLimits;
use rekindle_store::shop::settings::{BRAND, TEMPLATE};
use rekindle_store::{Store, StoreError};
use std::sync::Arc;

/// A shop's brand and templates, and how fast it sends.
#[derive(Debug)]
pub struct ShopContext {
    /// Whether the shop's sending is stopped.
    pub paused: bool,
    /// The shop's own limits.
    pub limits: SendingLimits,
    /// Name, sender, postal address, colour.
    pub brand: Brand,
    /// The built-in templates with the shop's own in their place.
    pub templates: Templates,
}

/// The contexts of shops. Each is read at most once a minute.
#[derive(Clone)]
pub struct ShopContexts {
    built_in: Arc<Templates>,
    known: Remembered<ShopContext>,
}

/// Why a shop cannot send.
#[derive(Debug, thiserror::Error)]
pub enum ShopContextError {
    /// The settings could not be read.
    #[error("the shop's settings could not be read")]
    Store(#[from] StoreError),
    /// The shop has no brand, or one that this version cannot read.
    #[error("the shop has no valid brand: store its name, sender, postal address and URL first")]
    NoBrand,
}

impl ShopContexts {
    /// No contexts yet. Every shop starts from the built-in templates.
    #[must_use]
    pub fn new(built_in: Templates) -> Self {
        Self { built_in: Arc::new(built_in), known: Remembered::default() }
    }

    /// The context of a shop at `now`.
    ///
    /// # Errors
    /// The shop has no brand or its settings cannot be read.
    pub async fn get(
        &self,
        store: &Store,
        shop: &ShopId,
        now: Timestamp,
    ) -> Result<Arc<ShopContext>, ShopContextError> {
        if let Some(shop) = self.known.get(shop.as_str(), now) {
            return Ok(shop);
        }
        let brand = store.get_setting(shop, BRAND).await?.and_then(|brand| serde_json::from_value::<Brand>(brand).ok());
        let brand = brand.ok_or(ShopContextError::NoBrand)?;
        let mut templates = (*self.built_in).clone();
        for (name, value) in store.settings_with_prefix(shop, TEMPLATE).await? {
            // Templates are checked when they are stored: one that cannot be used now was written by another version.
            let own = serde_json::from_value::<CheckedTemplate>(value).ok();
            match own.and_then(|own| templates.with(&own).ok()) {
                Some(with_own) => templates = with_own,
                None => tracing::error!(setting = name, "a template of the shop cannot be used; the built-in one is"),
            }
        }
        let limits = store.sending_limits(shop).await?;
        let is_granted = store.senders(shop).await?.allow(&brand.settings().sender_address);
        if !is_granted {
            tracing::error!(
                shop = shop.as_str(),
                "the shop was not granted the address that it sends from; its messages wait"
            );
        }
        let paused = !is_granted || store.sending_paused(shop).await?.is_some();
        Ok(self.known.put(shop.as_str(), ShopContext { paused, limits, brand, templates }, now))
    }
}

impl std::fmt::Debug for ShopContexts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShopContexts")
    }
}

//! How fast a shop wants to send at most: a setting of the shop, `sending_limits`.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use rekindle_lifecycle::id::ShopId;
use serde::{Deserialize, Serialize};

/// The name of the setting.
pub const SENDING_LIMITS: &str = keys::SENDING_LIMITS_SK;

/// How fast a shop wants to send at most; without a limit of its own, as fast as the account may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendingLimits {
    /// Mails a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emails_per_second: Option<f64>,
    /// Texts a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts_per_second: Option<f64>,
}

impl SendingLimits {
    /// The name of a limit that is none: it is not above 0 or above 100,000 a second.
    #[must_use]
    pub fn first_bad(&self) -> Option<&'static str> {
        let bad = |rate: Option<f64>| rate.is_some_and(|rate| !(rate > 0.0 && rate <= 100_000.0));
        let named = [("emails_per_second", self.emails_per_second), ("texts_per_second", self.texts_per_second)];
        named.into_iter().find(|(_, rate)| bad(*rate)).map(|(name, _)| name)
    }
}

impl Store {
    /// The limits of a shop. Strongly consistent, one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer, or the setting cannot be read.
    pub async fn sending_limits(&self, shop: &ShopId) -> Result<SendingLimits, StoreError> {
        let unreadable = StoreError::Unreadable { family: SENDING_LIMITS, attribute: "value" };
        let setting = self.get_setting(shop, SENDING_LIMITS).await?;
        setting.map_or_else(
            || Ok(SendingLimits::default()),
            |limits| serde_json::from_value(limits).map_err(|_| unreadable),
        )
    }
}

//! The limits that a shop sets on its own sending: a setting of the shop, `sending_limits`.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use rekindle_lifecycle::channel::{Channel, PerChannel};
use rekindle_lifecycle::id::ShopId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of the setting.
pub const SENDING_LIMITS: &str = keys::SENDING_LIMITS_SK;
/// The highest limit that can be set, in messages a second.
const MAX_PER_SECOND: f64 = 100_000.0;

/// Maximum rates of a shop, in messages per second by channel. Without one, the limit of the account applies. As JSON, each limit has the name that the channel's row gives it, such as `emails_per_second`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Option<f64>>", into = "BTreeMap<&'static str, f64>")]
pub struct SendingLimits(PerChannel<Option<f64>>);

/// The channels that can have a limit, with the names of their limits.
fn named() -> impl Iterator<Item = (Channel, &'static str)> {
    Channel::KNOWN.into_iter().filter_map(|channel| Some((channel, channel.row().rate.as_ref()?.setting)))
}

impl SendingLimits {
    /// These limits with another one for a channel.
    #[must_use]
    pub fn with(mut self, channel: Channel, per_second: Option<f64>) -> Self {
        self.0.set(channel, per_second);
        self
    }

    /// The limit of a channel, in messages a second.
    #[must_use]
    pub fn get(&self, channel: Channel) -> Option<f64> {
        self.0.get(channel).flatten()
    }

    /// The name of the first limit that is not above 0 and at most 100,000 a second.
    #[must_use]
    pub fn first_invalid(&self) -> Option<&'static str> {
        let bad = |rate: f64| !(rate > 0.0 && rate <= MAX_PER_SECOND);
        named().find(|(channel, _)| self.get(*channel).is_some_and(bad)).map(|(_, name)| name)
    }
}

impl TryFrom<BTreeMap<String, Option<f64>>> for SendingLimits {
    type Error = String;

    fn try_from(written: BTreeMap<String, Option<f64>>) -> Result<Self, String> {
        let mut limits = Self::default();
        for (name, per_second) in written {
            let Some((channel, _)) = named().find(|(_, known)| *known == name) else {
                let known: Vec<&str> = named().map(|(_, name)| name).collect();
                return Err(format!("unknown limit `{name}`, expected one of {}", known.join(", ")));
            };
            limits = limits.with(channel, per_second);
        }
        Ok(limits)
    }
}

impl From<SendingLimits> for BTreeMap<&'static str, f64> {
    fn from(limits: SendingLimits) -> Self {
        named().filter_map(|(channel, name)| Some((name, limits.get(channel)?))).collect()
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

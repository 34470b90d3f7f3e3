//! What of a shop's policy events are read with.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_lifecycle::country::Country;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::money::Currency;
use rekindle_lifecycle::rules::EventNames;
use rekindle_store::{Store, StoreError};
use std::sync::Arc;

/// What of a shop's policy events are read with.
#[derive(Default)]
pub(crate) struct ShopSettings {
    pub(crate) country: Option<Country>,
    pub(crate) currency: Option<Currency>,
    pub(crate) zone: Option<TimeZone>,
    pub(crate) event_names: Arc<EventNames>,
}

impl ShopSettings {
    /// The settings of a shop. A policy that this version cannot read has none.
    pub(crate) async fn load(store: &Store, shop: &ShopId, now: Timestamp) -> Result<Self, StoreError> {
        match store.policy(shop, now).await {
            Ok(policy) => {
                let zone = policy.calendar.zone().rules().clone();
                let event_names = Arc::clone(&policy.event_names);
                Ok(Self { country: policy.country, currency: policy.currency, zone: Some(zone), event_names })
            }
            Err(StoreError::Unreadable { .. }) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }
}

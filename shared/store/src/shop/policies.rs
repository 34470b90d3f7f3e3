//! The policy of each shop, as the shop wrote it. Earlier versions are in [`crate::shop::policy_versions`].

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::policy::{Policy, PolicyError, PolicyValues};
use rekindle_platform::retry::LostRaces;
use serde::Deserialize;
use std::sync::Arc;

/// The values that the text sets, beside the text: see [`PolicyValues`].
pub(crate) const VALUES: &str = "values";

/// Maximum size of a stored policy in bytes: the text and its values. An item has at most 400 KB.
pub(crate) const MAX_POLICY_LEN: usize = 380_000;

/// Why a policy was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PolicyNotStored {
    /// It has a mistake.
    #[error("the policy was refused")]
    Refused(#[from] PolicyError),
    /// It has no mistake, and more bytes than an item of the database may have, together with the values that it sets.
    #[error(
        "the policy has {0} bytes as it is kept, and at most {MAX_POLICY_LEN} fit; shorten its comments and journeys"
    )]
    TooLong(usize),
    /// It was made from another version than the one in force, whose number this is.
    #[error("version {0} of the policy is in force, not the one that the change began from")]
    OutOfDate(u32),
    /// The database did not take it.
    #[error("the policy was not stored")]
    Store(#[from] StoreError),
    /// Others kept storing policies.
    #[error("{0}; store it once more")]
    Busy(LostRaces),
}

impl Store {
    /// The policy of a shop at `now`: its own, or the built-in one if it has none. A change is seen after
    /// 60 seconds at the latest.
    ///
    /// # Errors
    /// The database refused or did not answer, or the stored text is no policy of this version.
    pub async fn policy(&self, shop: &ShopId, now: Timestamp) -> Result<Arc<Policy>, StoreError> {
        if let Some(policy) = self.known_policies.get(shop.as_str(), now) {
            return Ok(policy);
        }
        let policy = self.stored_policy(shop).await?.unwrap_or_else(|| Policy::built_in().clone());
        Ok(self.known_policies.put(shop.as_str(), policy, now))
    }

    /// The policy of a shop as it is stored now, if it has one of its own.
    ///
    /// # Errors
    /// The database refused or did not answer, or what is stored is no policy of this version of the engine: it has to be
    /// stored again.
    pub async fn stored_policy(&self, shop: &ShopId) -> Result<Option<Policy>, StoreError> {
        let Some(mut document) = self.get_setting(shop, keys::POLICY_SK).await? else { return Ok(None) };
        let values = document.get_mut(VALUES).map(serde_json::Value::take);
        let policy = values.and_then(|values| PolicyValues::deserialize(values).ok()?.policy().ok());
        if let Some(beyond) = policy.as_ref().and_then(|policy| policy.beyond_limit.as_ref()) {
            tracing::warn!(shop = shop.as_str(), %beyond, "a part of the shop's policy does not apply");
        }
        policy.map(Some).ok_or(StoreError::Unreadable { family: "shop", attribute: keys::POLICY_SK })
    }

    /// The policy of a shop as the shop wrote it, if it has one of its own.
    ///
    /// # Errors
    /// The database refused or did not answer, or the stored document holds no text.
    pub async fn policy_text(&self, shop: &ShopId) -> Result<Option<String>, StoreError> {
        let Some(document) = self.get_setting(shop, keys::POLICY_SK).await? else { return Ok(None) };
        let text = document["toml"].as_str().map(str::to_owned);
        text.map(Some).ok_or(StoreError::Unreadable { family: "shop", attribute: keys::POLICY_SK })
    }

    /// Stores the policy of a shop, in the form of `policy.toml`, if it has no mistake, without an author: as a
    /// deployment sets up its shops. People edit with [`Store::edit_policy`].
    ///
    /// # Errors
    /// The text is refused, with the place and what would be right; or the database is.
    pub async fn put_policy(&self, shop: &ShopId, toml: &str) -> Result<(), PolicyNotStored> {
        self.edit_policy(shop, toml, None).await.map(|_| ())
    }

    pub(crate) fn forget_policy(&self, shop: &ShopId) {
        self.known_policies.forget(shop.as_str());
    }
}

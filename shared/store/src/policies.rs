//! The policy of each shop, as the shop wrote it.

use crate::Store;
use crate::error::StoreError;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::policy::{Policy, PolicyError};
use serde_json::json;
use std::sync::Arc;

const POLICY: &str = "policy";
/// Why a policy was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PolicyNotStored {
    /// It has a mistake.
    #[error("the policy was refused")]
    Refused(#[from] PolicyError),
    /// The database did not take it.
    #[error("the policy was not stored")]
    Store(#[from] StoreError),
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
        let document = self.get_setting(shop, POLICY).await?;
        let policy = match document {
            None => Policy::built_in().clone(),
            Some(document) => {
                let parsed = document["toml"].as_str().map(Policy::parse);
                let unreadable = StoreError::Unreadable { family: "shop", attribute: POLICY };
                parsed.and_then(Result::ok).ok_or(unreadable)?
            }
        };
        Ok(self.known_policies.put(shop.as_str(), policy, now))
    }

    /// Stores the policy of a shop, in the form of `policy.toml`, if it has no mistake.
    ///
    /// # Errors
    /// The text is refused, with the place and what would be right; or the database is.
    pub async fn put_policy(&self, shop: &ShopId, toml: &str) -> Result<(), PolicyNotStored> {
        Policy::parse(toml)?;
        self.put_setting(shop, POLICY, &json!({ "toml": toml })).await?;
        self.known_policies.forget(shop.as_str());
        Ok(())
    }
}

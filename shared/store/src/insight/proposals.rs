//! What was proposed to a shop, and what became of it.

use super::revised::Revised;
use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::retry::Attempts;
use serde::Serialize;
use serde::de::DeserializeOwned;

impl Store {
    /// What was proposed to a shop; the default if nothing was. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn proposals<T: DeserializeOwned + Default>(&self, shop: &ShopId) -> Result<Revised<T>, StoreError> {
        self.revised(&keys::proposals_pk(shop), keys::PROPOSALS_SK).await
    }

    /// Changes what was proposed to a shop: `change` gets what is stored, and says whether it changed it. Returns what is stored then.
    ///
    /// # Errors
    /// The database refused or did not answer, the item cannot be read, or others wrote it first again and again.
    pub async fn change_proposals<T: Serialize + DeserializeOwned + Default>(
        &self,
        shop: &ShopId,
        change: impl Fn(&mut T) -> bool,
    ) -> Result<T, StoreError> {
        let mut attempts = Attempts::at("proposals", shop.as_str());
        while attempts.next().await {
            let mut stored = self.proposals::<T>(shop).await?;
            if !change(&mut stored.state)
                || self.put_revised(&keys::proposals_pk(shop), keys::PROPOSALS_SK, &stored, None).await?
            {
                return Ok(stored.state);
            }
        }
        Err(attempts.lost().into())
    }
}

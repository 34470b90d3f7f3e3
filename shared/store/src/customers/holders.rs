//! Which ids came with an address or a device, so that a guest is found by their address and a device by its name. Neither is stored,
//! only its keyed fingerprint: one item of `shops` for each id, `pk` = `holders#{shop}#{fingerprint}`, `sk` = the id.
//!
//! Two ids with one address that come at the same moment find each other: each is noted before the others are read.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::id::{CustomerId, ShopId};

/// Most ids that are read of one address: the first. An address behind which more stand identifies no customer.
const MAX_HOLDERS: i32 = 16;

impl Store {
    /// Notes that an id came with an address or a device, and returns all ids that did, at most 16 and without this one. One write
    /// unit and one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn note_holder(&self, fingerprint: &str, key: &CustomerKey) -> Result<Vec<CustomerId>, StoreError> {
        let pk = AttributeValue::S(keys::holders_pk(&key.shop, fingerprint));
        let noted = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", pk.clone())
            .item("sk", AttributeValue::S(key.customer.to_string()));
        self.put_if(noted).await?;
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", pk)
            .limit(MAX_HOLDERS)
            .consistent_read(true);
        let answer = self.page(query).await?;
        let ids = answer.items().iter().filter_map(|item| CustomerId::parse(item.get("sk")?.as_s().ok()?).ok());
        Ok(ids.filter(|id| *id != key.customer).collect())
    }

    /// Forgets that an id came with an address or a device.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn forget_holder(&self, shop: &ShopId, fingerprint: &str, id: &CustomerId) -> Result<(), StoreError> {
        let pk = keys::holders_pk(shop, fingerprint);
        self.delete(&self.tables.shops, pk, Some(id.to_string())).await.map(|_| ())
    }
}

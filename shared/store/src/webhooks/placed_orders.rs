//! Who placed an order of a shop system, for what names the order alone: refunds and deletions. One item of `shops` for each order.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};

/// How long it is known who placed an order, in days: longer than anybody may send something back.
pub const RETENTION_DAYS: i64 = 400;

impl Store {
    /// Notes who placed an order. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn note_placed(
        &self,
        shop: &ShopId,
        order: &OrderId,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let expires_at = (now + SignedDuration::from_hours(24 * RETENTION_DAYS)).as_second();
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::placed_pk(shop, order)))
            .item("sk", AttributeValue::S(keys::PLACED_SK.to_owned()))
            .item(keys::PLACED_SK, AttributeValue::S(customer.to_string()))
            .item(EXPIRES_AT, AttributeValue::N(expires_at.to_string()));
        self.put_if(put).await.map(|_| ())
    }

    /// Who placed an order, if that was noted. One read unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn placed_by(&self, shop: &ShopId, order: &OrderId) -> Result<Option<CustomerId>, StoreError> {
        let sk = Some(keys::PLACED_SK.to_owned());
        let item = self.get(&self.tables.shops, keys::placed_pk(shop, order), sk).await?;
        Ok(item.and_then(|item| CustomerId::parse(item.get(keys::PLACED_SK)?.as_s().ok()?).ok()))
    }

    /// Forgets who placed an order.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn forget_placed(&self, shop: &ShopId, order: &OrderId) -> Result<(), StoreError> {
        let sk = Some(keys::PLACED_SK.to_owned());
        self.delete(&self.tables.shops, keys::placed_pk(shop, order), sk).await.map(|_| ())
    }
}

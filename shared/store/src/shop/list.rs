//! The list of shops that were created by name. A shop works without being on the list; people and checks use it to go through all
//! shops.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;

impl Store {
    /// Puts a shop on the list; whether it is new there. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn list_shop(&self, shop: &ShopId, now: Timestamp) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::SHOP_LIST_PK.to_owned()))
            .item("sk", AttributeValue::S(shop.to_string()))
            .item("created_at", AttributeValue::S(now.to_string()))
            .condition_expression("attribute_not_exists(pk)");
        self.put_if(put).await
    }

    /// The shops on the list, by name. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or an entry cannot be read.
    pub async fn listed_shops(&self) -> Result<Vec<ShopId>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::SHOP_LIST_PK.to_owned()))
            .consistent_read(true);
        let id = |item: &crate::table::calls::Item| {
            let text = item.get("sk").and_then(|value| value.as_s().ok());
            let id = text.and_then(|text| ShopId::parse(text).ok());
            id.ok_or(StoreError::Unreadable { family: "shops", attribute: "sk" })
        };
        self.all(query).await?.iter().map(id).collect()
    }
}

//! Which shops there are: those that were created by name. A shop works without being on the list; it is for people and
//! for checks, who ask about all of them.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;

impl Store {
    /// Puts a shop on the list; says whether it was not there before. One write unit.
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

#[cfg(test)]
mod tests {
    use crate::testing;
    use jiff::Timestamp;
    use rekindle_lifecycle::id::ShopId;

    #[tokio::test]
    async fn a_shop_is_on_the_list_once() {
        let (store, _) = testing::store_and_client().await;
        let (vinyl, tea) = (ShopId::parse("vinyl").expect("an id"), ShopId::parse("tea").expect("an id"));
        assert_eq!(store.listed_shops().await.expect("read"), []);
        for (shop, is_new) in [(&vinyl, true), (&tea, true), (&vinyl, false)] {
            assert_eq!(store.list_shop(shop, Timestamp::UNIX_EPOCH).await.expect("written"), is_new);
        }
        assert_eq!(store.listed_shops().await.expect("read"), [tea, vinyl]);
    }
}

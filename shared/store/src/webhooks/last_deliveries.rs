//! When each connection of a shop delivered last, so that silence is noticed.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use std::collections::BTreeMap;

const AT: &str = "at";

impl Store {
    /// Notes that a connection delivered. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn note_delivered(&self, shop: &ShopId, connector: &str, at: Timestamp) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::last_delivery_pk(shop)))
            .item("sk", AttributeValue::S(connector.to_owned()))
            .item(AT, AttributeValue::S(at.to_string()));
        self.put_if(put).await.map(|_| ())
    }

    /// When each connection of a shop delivered last, to the minute, by the name of the connector.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn last_deliveries(&self, shop: &ShopId) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::last_delivery_pk(shop)));
        let found = self.all(query).await?.into_iter().filter_map(|item| {
            let text = |name| item.get(name).and_then(|value| value.as_s().ok());
            Some((text("sk")?.clone(), text(AT)?.parse().ok()?))
        });
        Ok(found.collect())
    }

    /// Forgets when a connection delivered last.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn forget_last_delivery(&self, shop: &ShopId, connector: &str) -> Result<(), StoreError> {
        self.delete(&self.tables.shops, keys::last_delivery_pk(shop), Some(connector.to_owned())).await.map(|_| ())
    }
}

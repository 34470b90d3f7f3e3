//! A shop's connections, as JSON documents by the name of the connector. What they say is read in `rekindle_connections`.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::id::ShopId;
use serde_json::Value;

/// The attribute that holds the document.
const VALUE: &str = "value";
const UNREADABLE: StoreError = StoreError::Unreadable { family: "connection", attribute: VALUE };

impl Store {
    /// Stores a connection in place of what was there.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_connection(&self, shop: &ShopId, connector: &str, value: &Value) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::connection_pk(shop)))
            .item("sk", AttributeValue::S(connector.to_owned()))
            .item(VALUE, AttributeValue::S(value.to_string()));
        self.put_if(put).await.map(|_| ())
    }

    /// A connection, if there is one. Strongly consistent; one read unit for each 4 KB.
    ///
    /// # Errors
    /// The database refused or did not answer, or the document is not JSON.
    pub async fn connection(&self, shop: &ShopId, connector: &str) -> Result<Option<Value>, StoreError> {
        let item = self.get(&self.tables.shops, keys::connection_pk(shop), Some(connector.to_owned())).await?;
        let Some(item) = item else { return Ok(None) };
        let text = item.get(VALUE).and_then(|value| value.as_s().ok());
        text.and_then(|text| serde_json::from_str(text).ok()).map(Some).ok_or(UNREADABLE)
    }

    /// All connections of a shop, by name.
    ///
    /// # Errors
    /// The database refused or did not answer, or a document is not JSON.
    pub async fn connections(&self, shop: &ShopId) -> Result<Vec<(String, Value)>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::connection_pk(shop)))
            .consistent_read(true);
        let mut found = Vec::new();
        for item in self.all(query).await? {
            let text = |name| item.get(name).and_then(|value| value.as_s().ok());
            let value = text(VALUE).and_then(|text| serde_json::from_str(text).ok());
            found.push(text("sk").cloned().zip(value).ok_or(UNREADABLE)?);
        }
        Ok(found)
    }

    /// Removes a connection; whether there was one.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn remove_connection(&self, shop: &ShopId, connector: &str) -> Result<bool, StoreError> {
        let removed = self.delete(&self.tables.shops, keys::connection_pk(shop), Some(connector.to_owned())).await?;
        Ok(removed.is_some())
    }
}

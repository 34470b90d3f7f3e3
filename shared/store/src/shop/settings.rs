//! A shop's own records: settings, policies and template overrides, each a JSON document by name.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::ShopId;
use serde_json::Value;

/// The name of the setting that holds a shop's brand.
pub const BRAND: &str = keys::BRAND_SK;
/// Names of the settings that hold a shop's own templates begin with this.
pub const TEMPLATE: &str = keys::TEMPLATE;

/// The name of the setting that holds a shop's own template. A name may be used for a mail and for a text message, where
/// a step falls back from one channel to the other.
#[must_use]
pub fn template_setting(channel: Channel, language: &str, name: &str) -> String {
    keys::template_sk(channel, language, name)
}

/// The attribute that holds the document.
const VALUE: &str = "value";

impl Store {
    /// Stores a document of a shop under a name such as [`BRAND`] or a [`template_setting`], in place of what was there. At most 400 KB.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_setting(&self, shop: &ShopId, name: &str, value: &Value) -> Result<(), StoreError> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::shop_pk(shop)))
            .item("sk", AttributeValue::S(name.to_owned()))
            .item(VALUE, AttributeValue::S(value.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("PutItem", error))?;
        self.capacity.add_writes(answer.consumed_capacity());
        Ok(())
    }

    /// Removes a document of a shop; says whether there was one.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn delete_setting(&self, shop: &ShopId, name: &str) -> Result<bool, StoreError> {
        let removed = self.delete(&self.tables.shops, keys::shop_pk(shop), Some(name.to_owned())).await?;
        Ok(removed.is_some())
    }

    /// The document of a shop with this name, if there is one. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or the document is not JSON.
    pub async fn get_setting(&self, shop: &ShopId, name: &str) -> Result<Option<Value>, StoreError> {
        let item = self.get(&self.tables.shops, keys::shop_pk(shop), Some(name.to_owned())).await?;
        let Some(item) = item else { return Ok(None) };
        let text = item.get(VALUE).and_then(|value| value.as_s().ok());
        let value = text.and_then(|text| serde_json::from_str(text).ok());
        value.map(Some).ok_or(StoreError::Unreadable { family: "shop", attribute: VALUE })
    }

    /// The documents of a shop whose names begin with `prefix`, by name. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or a document is not JSON.
    pub async fn settings_with_prefix(&self, shop: &ShopId, prefix: &str) -> Result<Vec<(String, Value)>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(keys::shop_pk(shop)))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .consistent_read(true);
        let mut found = Vec::new();
        for item in self.all(query).await? {
            let text = |name| item.get(name).and_then(|value| value.as_s().ok());
            let value = text(VALUE).and_then(|text| serde_json::from_str(text).ok());
            let pair = text("sk").cloned().zip(value);
            found.push(pair.ok_or(StoreError::Unreadable { family: "shop", attribute: VALUE })?);
        }
        Ok(found)
    }
}

//! What became of deliveries: one small item for each that was read, by connector and time, until its body expires.

use crate::store::Store;
use crate::table::calls::{Item, next_page};
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use crate::webhooks::deliveries::DeliveryKey;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use serde::{Deserialize, Serialize};

/// The attribute that holds what became of it.
const RESULT: &str = "result";
/// Longest explanation, in bytes.
const MAX_DETAIL_LEN: usize = 600;

/// A delivery that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadDelivery {
    /// The delivery.
    pub key: DeliveryKey,
    /// The name of the connection that it came by.
    pub connector: String,
    /// When it came first.
    pub received_at: Timestamp,
    /// What became of it.
    pub result: ReadResult,
}

/// What became of a delivery. A field that this version does not know is not read; one that is missing has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadResult {
    /// In one word: `events`, `refused`, `ignored`, `test`, `person`, `shop`, `products`, `stock`.
    pub outcome: String,
    /// What the sender says that happened, in its own words.
    pub topic: String,
    /// Events that were taken in.
    pub accepted: usize,
    /// Events that were refused.
    pub refused: usize,
    /// Why, in words for the shop's people; without any address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Length of the body in bytes.
    pub bytes: usize,
}

impl Store {
    /// Lists a delivery as read, in place of what was listed of it. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn note_read(&self, read: &ReadDelivery, kept_until: Timestamp) -> Result<(), StoreError> {
        let mut result = read.result.clone();
        result.detail.truncate(result.detail.floor_char_boundary(MAX_DETAIL_LEN));
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::deliveries_pk(&read.key.shop, &read.connector)))
            .item("sk", AttributeValue::S(keys::delivered_sk(read.received_at, &read.key.digest)))
            .item(RESULT, AttributeValue::S(serde_json::to_string(&result).unwrap_or_default()))
            .item(EXPIRES_AT, AttributeValue::N(kept_until.as_second().to_string()));
        self.put_if(put).await.map(|_| ())
    }

    /// What became of a delivery, if it was read. One read unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn read_result(
        &self,
        key: &DeliveryKey,
        connector: &str,
        received_at: Timestamp,
    ) -> Result<Option<ReadResult>, StoreError> {
        let sk = keys::delivered_sk(received_at, &key.digest);
        let item = self.get(&self.tables.shops, keys::deliveries_pk(&key.shop, connector), Some(sk)).await?;
        Ok(item.map(|item| result_of(&item)))
    }

    /// The deliveries of a connection that were read, the latest first: at most `limit` before the place `before`, and the place at
    /// which the next page begins.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn read_deliveries(
        &self,
        shop: &ShopId,
        connector: &str,
        before: Option<String>,
        limit: i32,
    ) -> Result<(Vec<ReadDelivery>, Option<String>), StoreError> {
        let pk = keys::deliveries_pk(shop, connector);
        let start = before.map(|sk| crate::table::calls::key(pk.clone(), Some(sk)));
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .scan_index_forward(false)
            .set_exclusive_start_key(start)
            .limit(limit);
        let page = self.page(query).await?;
        let next = next_page(&page);
        let found = page.items.unwrap_or_default().into_iter().filter_map(|item| {
            let (received_at, digest) = keys::delivered_parts(item.get("sk")?.as_s().ok()?)?;
            let key = DeliveryKey { shop: shop.clone(), digest: digest.to_owned() };
            Some(ReadDelivery { key, connector: connector.to_owned(), received_at, result: result_of(&item) })
        });
        Ok((found.collect(), next))
    }

    /// Takes a delivery off the list.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn forget_read(
        &self,
        key: &DeliveryKey,
        connector: &str,
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sk = keys::delivered_sk(received_at, &key.digest);
        self.delete(&self.tables.shops, keys::deliveries_pk(&key.shop, connector), Some(sk)).await.map(|_| ())
    }
}

/// One that cannot be read says nothing.
fn result_of(item: &Item) -> ReadResult {
    let json = item.get(RESULT).and_then(|value| value.as_s().ok());
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

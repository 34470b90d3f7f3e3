//! Which stored deliveries mention a customer or an address, by their keyed fingerprint: so that an erasure finds them, and an export.
//! One item for each, until the delivery expires.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use crate::webhooks::deliveries::DeliveryKey;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use std::collections::HashMap;

/// The attribute with the name of the connection.
const CONNECTOR: &str = "connector";

/// A delivery that mentions somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The delivery.
    pub key: DeliveryKey,
    /// The name of the connection that it came by.
    pub connector: String,
    /// When it came first.
    pub received_at: Timestamp,
}

impl Store {
    /// Notes whom a delivery mentions. One write unit each.
    ///
    /// # Errors
    /// The database refused or did not answer: some may be noted. Call again.
    pub async fn note_mentions(
        &self,
        mention: &Mention,
        fingerprints: &[String],
        kept_until: Timestamp,
    ) -> Result<(), StoreError> {
        let Mention { key, connector, received_at } = mention;
        let items = fingerprints.iter().map(|fingerprint| {
            HashMap::from([
                ("pk".to_owned(), AttributeValue::S(keys::mention_pk(&key.shop, fingerprint))),
                ("sk".to_owned(), AttributeValue::S(keys::delivered_sk(*received_at, &key.digest))),
                (CONNECTOR.to_owned(), AttributeValue::S(connector.clone())),
                (EXPIRES_AT.to_owned(), AttributeValue::N(kept_until.as_second().to_string())),
            ])
        });
        self.put_items(&self.tables.shops, items.collect()).await
    }

    /// The deliveries that mention the person with this fingerprint, the oldest first.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn mentions(&self, shop: &ShopId, fingerprint: &str) -> Result<Vec<Mention>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::mention_pk(shop, fingerprint)))
            .consistent_read(true);
        let mentions = self.all(query).await?.into_iter().filter_map(|item| {
            let text = |name| item.get(name).and_then(|value| value.as_s().ok());
            let (received_at, digest) = keys::delivered_parts(text("sk")?)?;
            let key = DeliveryKey { shop: shop.clone(), digest: digest.to_owned() };
            Some(Mention { key, connector: text(CONNECTOR)?.clone(), received_at })
        });
        Ok(mentions.collect())
    }

    /// Removes every delivery that mentions the person with this fingerprint, and what is listed of it; how many. What others are mentioned
    /// in it with leads to nothing then.
    ///
    /// # Errors
    /// The database refused or did not answer: some may be left. Call again.
    pub async fn remove_mentioned(&self, shop: &ShopId, fingerprint: &str) -> Result<u32, StoreError> {
        let mut removed = 0;
        for Mention { key, connector, received_at } in self.mentions(shop, fingerprint).await? {
            removed += u32::from(self.remove_delivery(&key).await?);
            self.forget_read(&key, &connector, received_at).await?;
            let sk = keys::delivered_sk(received_at, &key.digest);
            self.delete(&self.tables.shops, keys::mention_pk(shop, fingerprint), Some(sk)).await?;
        }
        Ok(removed)
    }
}

//! Deliveries that wait to be read. A delivery is listed here before its sender is answered, so none is lost with a queue's message.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use crate::webhooks::deliveries::DeliveryKey;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

/// A delivery that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The delivery.
    pub key: DeliveryKey,
    /// When it came.
    pub received_at: Timestamp,
}

impl Store {
    /// Lists a delivery as waiting, until its body expires. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn note_unread(&self, unread: &Unread, kept_until: Timestamp) -> Result<(), StoreError> {
        let DeliveryKey { shop, digest } = &unread.key;
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::unread_pk(digest)))
            .item("sk", AttributeValue::S(keys::unread_sk(unread.received_at, shop, digest)))
            .item(EXPIRES_AT, AttributeValue::N(kept_until.as_second().to_string()));
        self.put_if(put).await.map(|_| ())
    }

    /// The deliveries of a partition (see [`keys::unread_shards`]) that came before an instant and wait, the oldest first. One
    /// read unit for some fifty of them.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn unread_before(&self, shard: &str, at: Timestamp) -> Result<Vec<Unread>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND sk < :before")
            .expression_attribute_values(":pk", AttributeValue::S(shard.to_owned()))
            .expression_attribute_values(":before", AttributeValue::S(keys::unread_before(at)));
        let unread = self.all(query).await?.into_iter().filter_map(|item| {
            let (received_at, shop, digest) = keys::unread_parts(item.get("sk")?.as_s().ok()?)?;
            Some(Unread { key: DeliveryKey { shop, digest: digest.to_owned() }, received_at })
        });
        Ok(unread.collect())
    }

    /// Takes a delivery off the list. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn forget_unread(&self, unread: &Unread) -> Result<(), StoreError> {
        let DeliveryKey { shop, digest } = &unread.key;
        let sk = keys::unread_sk(unread.received_at, shop, digest);
        self.delete(&self.tables.shops, keys::unread_pk(digest), Some(sk)).await.map(|_| ())
    }
}

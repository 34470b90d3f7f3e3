//! Pools: codes that a shop uploaded, each given out once.
//!
//! A code leaves its pool in the transaction that issues it as a coupon, together with the note which message has it.

use super::coupons::{COUPON, Coupon};
use crate::store::Store;
use crate::table::calls;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use rekindle_lifecycle::id::{ShopId, hash};
use rekindle_platform::retry::Attempts;

/// Free codes to choose from, so that concurrent callers take different ones.
const CANDIDATES: i32 = 50;
/// Places of writes in the transaction that takes a code: the note which code the message has, ...
const NOTE: usize = 1;
/// ... and the coupon.
const COUPON_ITEM: usize = 2;

impl Store {
    /// Issues a coupon with a code of a pool, or returns the one that the message has already. `None` if the pool is empty. The
    /// given `coupon.code` is ignored.
    ///
    /// # Errors
    /// The database refused or did not answer, or others took every code that was tried.
    pub async fn issue_from_pool(
        &self,
        shop: &ShopId,
        pool: &str,
        mut coupon: Coupon,
    ) -> Result<Option<Coupon>, StoreError> {
        let customer = CustomerKey { shop: shop.clone(), customer: coupon.customer.clone() };
        let message = coupon.message.clone();
        let mut attempts = Attempts::at("pool of coupons", message.as_str());
        while attempts.next().await {
            let note_sk = keys::coupon_note_sk(&coupon.message);
            let note = self.get(&self.tables.activity, customer.pk(), Some(note_sk)).await?;
            if let Some(code) = note.and_then(|note| Some(note.get(COUPON)?.as_s().ok()?.clone())) {
                return Ok(self.coupon(shop, &code).await?.map(|(coupon, _)| coupon));
            }
            let mut free = self.free_codes(shop, pool).await?;
            if free.is_empty() {
                return Ok(None);
            }
            // What others took since, or had before the shop uploaded it again, is passed over: only a race for the message
            // itself is run again.
            while !free.is_empty() {
                let tried = (attempts.made(), free.len());
                let place = usize::from(hash(&["pool", message.as_str(), &format!("{tried:?}")])[0]) % free.len();
                coupon.code = free.swap_remove(place);
                if self.coupon_of_earlier_version(shop, &coupon.code).await?.is_some() {
                    self.forget_code(shop, pool, &coupon.code).await?;
                    continue;
                }
                let failed = self.take_code(shop, pool, &customer, &coupon).await?;
                if failed.is_empty() {
                    return Ok(Some(coupon));
                }
                if failed.contains(&NOTE) {
                    break;
                }
                if failed == [COUPON_ITEM] {
                    self.forget_code(shop, pool, &coupon.code).await?;
                }
            }
        }
        Err(attempts.lost().into())
    }

    /// Takes a code out of a pool for a coupon, whose message is noted to have it. Returns which of the writes were refused, if any:
    /// then nothing is written.
    async fn take_code(
        &self,
        shop: &ShopId,
        pool: &str,
        customer: &CustomerKey,
        coupon: &Coupon,
    ) -> Result<Vec<usize>, StoreError> {
        let take = Delete::builder()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::pool_pk(shop, pool)))
            .key("sk", AttributeValue::S(coupon.code.clone()))
            .condition_expression("attribute_exists(pk)");
        let note = Put::builder()
            .table_name(&self.tables.activity)
            .item("pk", AttributeValue::S(customer.pk()))
            .item("sk", AttributeValue::S(keys::coupon_note_sk(&coupon.message)))
            .item(COUPON, AttributeValue::S(coupon.code.clone()))
            .condition_expression("attribute_not_exists(pk)");
        self.transact(vec![
            TransactWriteItem::builder().delete(take.build().expect("a delete has a key and a table")).build(),
            TransactWriteItem::builder().put(note.build().expect("a put has an item and a table")).build(),
            TransactWriteItem::builder().put(self.coupon_put(shop, coupon)).build(),
        ])
        .await
    }

    /// Adds codes to a pool. A code that is in it already stays; one that was issued before is dropped when its turn
    /// comes.
    ///
    /// # Errors
    /// The database refused or did not answer: some codes may be in the pool, and adding all again is harmless.
    pub async fn add_to_pool(&self, shop: &ShopId, pool: &str, codes: &[String]) -> Result<(), StoreError> {
        let items = codes.iter();
        let items = items.map(|code| calls::key(keys::pool_pk(shop, pool), Some(code.clone())));
        self.put_items(&self.tables.shops, items.collect()).await
    }

    /// How many codes a pool still has.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn pool_size(&self, shop: &ShopId, pool: &str) -> Result<u64, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::pool_pk(shop, pool)));
        self.count(query).await
    }

    async fn free_codes(&self, shop: &ShopId, pool: &str) -> Result<Vec<String>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::pool_pk(shop, pool)))
            .consistent_read(true)
            .limit(CANDIDATES);
        let answer = self.page(query).await?;
        let codes = answer.items().iter().filter_map(|item| item.get("sk")?.as_s().ok().cloned());
        Ok(codes.collect())
    }

    async fn forget_code(&self, shop: &ShopId, pool: &str, code: &str) -> Result<(), StoreError> {
        self.delete(&self.tables.shops, keys::pool_pk(shop, pool), Some(code.to_owned())).await.map(|_| ())
    }
}

//! Reading products.

use super::item::{parse_product, product_key};
use crate::store::Store;
use crate::table::batch::MAX_READ_LEN;
use crate::table::calls::key;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_catalogue::{Product, ProductId};
use rekindle_lifecycle::id::ShopId;
use std::collections::{BTreeMap, BTreeSet};

/// A page of a shop's products, and where the next one begins.
#[derive(Debug, Clone, Default)]
pub struct ProductPage {
    /// The products and variants, by partition and key: a product stands before its variants.
    pub products: Vec<(ProductId, Product)>,
    /// Where the next page begins; nothing after the last.
    pub next: Option<String>,
}

impl Store {
    /// What is known of these products and variants, of those that are known. As they lately were: half a read unit each.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn products(
        &self,
        shop: &ShopId,
        ids: &BTreeSet<ProductId>,
    ) -> Result<BTreeMap<ProductId, Product>, StoreError> {
        let ids: Vec<&ProductId> = ids.iter().collect();
        let mut found = BTreeMap::new();
        for ids in ids.chunks(MAX_READ_LEN) {
            let keys = ids.iter().map(|id| product_key(shop, id)).map(|(pk, sk)| key(pk, Some(sk)));
            for item in self.get_items(&self.tables.shops, keys.collect()).await? {
                found.extend(parse_product(&item).map(|(id, stored)| (id, stored.product)));
            }
        }
        Ok(found)
    }

    /// A product and its variants, the product first; at most `limit` of them. The variants as they lately were.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn product_with_variants(
        &self,
        shop: &ShopId,
        product: &str,
        limit: usize,
    ) -> Result<Vec<(ProductId, Product)>, StoreError> {
        let whole =
            self.get(&self.tables.shops, keys::products_pk(shop, product), Some(keys::product_sk(product, None)));
        let query = self.variants_query(shop, product);
        let (whole, variants) = futures::try_join!(whole, self.at_least(query, limit))?;
        let items = whole.into_iter().chain(variants).take(limit);
        Ok(items.filter_map(|item| parse_product(&item)).map(|(id, stored)| (id, stored.product)).collect())
    }

    /// The variants of a product, at most `limit` of them, as they are after every write that was acknowledged before.
    pub(super) async fn variants_now(
        &self,
        shop: &ShopId,
        product: &str,
        limit: usize,
    ) -> Result<Vec<Product>, StoreError> {
        let query = self.variants_query(shop, product).consistent_read(true);
        let items = self.at_least(query, limit).await?;
        Ok(items.iter().take(limit).filter_map(parse_product).map(|(_, stored)| stored.product).collect())
    }

    fn variants_query(&self, shop: &ShopId, product: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND begins_with(sk, :product)")
            .expression_attribute_values(":pk", AttributeValue::S(keys::products_pk(shop, product)))
            .expression_attribute_values(":product", AttributeValue::S(keys::variants_of(product)))
    }

    /// At most `limit` of a shop's products and variants, from a place on that an earlier page returned.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn list_products(
        &self,
        shop: &ShopId,
        limit: usize,
        after: Option<&str>,
    ) -> Result<ProductPage, StoreError> {
        let (first, mut from) = after.and_then(parse_place).unwrap_or((0, None));
        let mut page = ProductPage::default();
        for bucket in first..keys::PRODUCT_BUCKETS {
            let pk = keys::products_bucket_pk(shop, bucket);
            loop {
                let wanted = limit - page.products.len();
                let query = self
                    .client
                    .query()
                    .table_name(&self.tables.shops)
                    .key_condition_expression("pk = :pk")
                    .expression_attribute_values(":pk", AttributeValue::S(pk.clone()))
                    .limit(i32::try_from(wanted).unwrap_or(i32::MAX))
                    .set_exclusive_start_key(from.take().map(|sk| key(pk.clone(), Some(sk))));
                let answer = self.page(query).await?;
                let items = answer.items.unwrap_or_default();
                page.products.extend(items.iter().filter_map(parse_product).map(|(id, stored)| (id, stored.product)));
                from = answer.last_evaluated_key.and_then(|key| key.get("sk")?.as_s().ok().cloned());
                if page.products.len() >= limit {
                    page.next = match from {
                        Some(sk) => Some(place(bucket, &sk)),
                        None => (bucket + 1 < keys::PRODUCT_BUCKETS).then(|| place(bucket + 1, "")),
                    };
                    return Ok(page);
                }
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(page)
    }
}

/// A place in the list: the number of the partition, and the sort key before it.
fn place(bucket: u8, sk: &str) -> String {
    format!("{bucket}.{sk}")
}

fn parse_place(place: &str) -> Option<(u8, Option<String>)> {
    let (bucket, sk) = place.split_once('.')?;
    Some((bucket.parse().ok()?, Some(sk.to_owned()).filter(|sk| !sk.is_empty())))
}

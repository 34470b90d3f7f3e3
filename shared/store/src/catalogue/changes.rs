//! Changing what is known of products.
//!
//! What is known already is not written: a change is applied to the product as it was read, and written only if it changed anything, on
//! condition that it was not written meanwhile. So a repetition costs a read, and two changes at once are both kept.

use super::item::{REVISION, Stored, parse_product, product_item, product_key};
use crate::store::Store;
use crate::table::attributes::number;
use crate::table::batch::MAX_READ_LEN;
use crate::table::calls::key;
use crate::table::error::StoreError;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use rekindle_catalogue::fetching::FeedName;
use rekindle_catalogue::{Product, ProductId, Sighting, Source, Statement, StockLevel, StockLevels, StockReport};
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::retry::Attempts;
use std::collections::{BTreeMap, HashMap};

/// Products that are written at the same time.
const CONCURRENCY: usize = 8;

/// What is to be changed of a product.
#[derive(Debug, Clone)]
pub enum ProductChange {
    /// A source says all it knows of it.
    Stated(Source, Statement),
    /// An event showed it.
    Seen(Sighting),
    /// A feed of this name says all it knows of it.
    Fed(FeedName, Statement),
    /// A whole feed does not name it, and these are the shop's other feeds.
    LeftFeed(FeedName, Vec<FeedName>, Timestamp),
    /// Only its stock at one place was reported.
    Level(StockLevel),
    /// Levels of its stock that waited until it was known that they are its.
    Levels(StockLevels),
    /// What its variants together say of their stock.
    OfVariants(StockReport),
}

impl ProductChange {
    /// Applies the change; returns whether anything is another now.
    fn apply(&self, product: &mut Product) -> bool {
        match self {
            Self::Stated(source, statement) => product.apply_statement(*source, statement.clone()),
            Self::Seen(sighting) => product.apply_sighting(sighting),
            Self::Fed(feed, statement) => product.apply_feed(feed, statement.clone()),
            Self::LeftFeed(feed, others, at) => product.leave_feed(feed, others, *at),
            Self::Level(level) => product.apply_level(level),
            Self::Levels(levels) => product.apply_levels(levels),
            Self::OfVariants(report) => product.follow_variants(report),
        }
    }
}

impl Store {
    /// Changes products of a shop, each by all of its changes in their order. Returns how many were written. A product that is known and
    /// unchanged costs half a read unit, any other one write unit more (up to 1 KB).
    ///
    /// # Errors
    /// The database refused or did not answer. Some may be written; calling again is harmless.
    pub async fn change_products(
        &self,
        shop: &ShopId,
        changes: BTreeMap<ProductId, Vec<ProductChange>>,
    ) -> Result<usize, StoreError> {
        let mut left = changes.into_iter();
        let mut written = 0;
        loop {
            let changes: Vec<_> = left.by_ref().take(MAX_READ_LEN).collect();
            if changes.is_empty() {
                return Ok(written);
            }
            let keys = changes.iter().map(|(id, _)| product_key(shop, id)).map(|(pk, sk)| key(pk, Some(sk)));
            let items = self.get_items(&self.tables.shops, keys.collect()).await?;
            let mut known: HashMap<ProductId, Stored> = items.iter().filter_map(parse_product).collect();
            let changes = changes.into_iter().map(|(id, changes)| {
                let lately = known.remove(&id).unwrap_or_default();
                (id, changes, lately)
            });
            let changes: Vec<_> = changes.collect();
            let mut results = stream::iter(changes)
                .map(|(id, changes, lately)| async move { self.change_product(shop, &id, &changes, lately).await })
                .buffer_unordered(CONCURRENCY);
            while let Some(changed) = results.next().await {
                written += usize::from(changed?);
            }
        }
    }

    /// Changes one product that was lately read so; returns whether it was written.
    async fn change_product(
        &self,
        shop: &ShopId,
        id: &ProductId,
        changes: &[ProductChange],
        lately: Stored,
    ) -> Result<bool, StoreError> {
        let mut lately = Some(lately);
        let mut attempts = Attempts::at("product", id.product());
        while attempts.next().await {
            let mut stored = match lately.take() {
                Some(stored) => stored,
                None => self.read_product(shop, id).await?,
            };
            let mut changed = false;
            for change in changes {
                changed |= change.apply(&mut stored.product);
            }
            if !changed {
                return Ok(false);
            }
            let seen = stored.revision;
            stored.revision += 1;
            let put =
                self.client.put_item().table_name(&self.tables.shops).set_item(Some(product_item(shop, id, &stored)));
            let put = match seen {
                0 => put.condition_expression("attribute_not_exists(pk)"),
                seen => put
                    .condition_expression("#revision = :seen")
                    .expression_attribute_names("#revision", REVISION)
                    .expression_attribute_values(":seen", number(seen)),
            };
            if self.put_if(put).await? {
                return Ok(true);
            }
        }
        Err(attempts.lost().into())
    }

    /// The product as it lately was. If that is too old, the next write loses as well.
    async fn read_product(&self, shop: &ShopId, id: &ProductId) -> Result<Stored, StoreError> {
        let (pk, sk) = product_key(shop, id);
        let items = self.get_items(&self.tables.shops, vec![key(pk, Some(sk))]).await?;
        Ok(items.first().and_then(parse_product).map(|(_, stored)| stored).unwrap_or_default())
    }
}

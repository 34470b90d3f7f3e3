//! What an earlier fetch of a feed had, and this one has not.

use crate::Catalogue;
use jiff::Timestamp;
use rekindle_catalogue::feed::NamedProducts;
use rekindle_catalogue::fetching::FeedName;
use rekindle_catalogue::{Leaving, ProductId};
use rekindle_store::StoreError;
use rekindle_store::catalogue::changes::ProductChange;
use rekindle_store::catalogue::feeds::StoredFeed;
use std::collections::BTreeMap;

/// Products that are read together. No more than these are held, however many are missing.
const PAGE_LEN: usize = 500;

/// What was done with products that a whole feed has no more.
pub(super) enum Missing {
    /// This many are marked as discontinued.
    Marked(u64),
    /// More than half are missing, which is rather a mistake.
    TooMany { missing: u64, known: u64 },
}

impl Catalogue {
    /// Marks as discontinued the products that came from this feed, are not in it any more, and are in no other feed that the shop has;
    /// unless that is most of what came from it. Of those that another feed has, only what this one said is forgotten. The products
    /// are counted first and changed in a second pass.
    pub(super) async fn mark_missing(
        &self,
        feed: &StoredFeed,
        named: &NamedProducts,
        at: Timestamp,
    ) -> Result<Missing, StoreError> {
        let (shop, name) = (&feed.shop, &feed.name);
        let feeds = self.store.feeds_of(shop).await?.into_iter().map(|other| other.name);
        let others: Vec<FeedName> = feeds.filter(|other| other != name).collect();
        let (mut known, mut missing) = (0, 0);
        let mut after = None;
        loop {
            let page = self.store.list_products(shop, PAGE_LEN, after.as_deref()).await?;
            for (id, _) in page.products.iter().filter(|(_, product)| product.leaving(name, &others).is_some()) {
                known += 1;
                missing += u64::from(!named.has(id));
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if missing * 2 > known {
            return Ok(Missing::TooMany { missing, known });
        }
        let (mut seen, mut marked) = (0, 0);
        while seen < missing {
            let page = self.store.list_products(shop, PAGE_LEN, after.as_deref()).await?;
            let mut changes: BTreeMap<ProductId, Vec<ProductChange>> = BTreeMap::new();
            for (id, product) in page.products.iter().filter(|(id, _)| !named.has(id)) {
                let Some(leaving) = product.leaving(name, &others) else { continue };
                marked += u64::from(leaving == Leaving::Discontinued);
                changes.insert(id.clone(), vec![ProductChange::LeftFeed(name.clone(), others.clone(), at)]);
            }
            seen += changes.len() as u64;
            self.store.change_products(shop, changes).await?;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(Missing::Marked(marked))
    }
}

//! What an earlier feed had, and this one has not.

use super::reader::hashed;
use crate::Catalogue;
use jiff::Timestamp;
use rekindle_catalogue::{Availability, ProductId, Source, Statement};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::StoreError;
use rekindle_store::catalogue::changes::ProductChange;
use std::collections::{BTreeMap, HashSet};

/// Products that are read together.
const PAGE_LEN: usize = 500;

/// What was done with products that a whole feed has no more.
pub(super) enum Missing {
    /// So many are marked as discontinued.
    Marked(u64),
    /// More than half are missing, which is rather a mistake.
    TooMany { missing: usize, known: usize },
}

impl Catalogue {
    /// Marks as discontinued what feeds said of products that this one does not name, unless that is most of it.
    pub(super) async fn mark_missing(
        &self,
        shop: &ShopId,
        named: &HashSet<u64>,
        at: Timestamp,
    ) -> Result<Missing, StoreError> {
        let (mut known, mut missing) = (0, BTreeMap::<ProductId, Vec<ProductChange>>::new());
        let mut after = None;
        loop {
            let page = self.store.list_products(shop, PAGE_LEN, after.as_deref()).await?;
            for (id, product) in &page.products {
                let Some(stated) = product.statement(Source::Feed) else { continue };
                if stated.availability == Some(Availability::Discontinued) {
                    continue;
                }
                known += 1;
                if !named.contains(&hashed(id)) {
                    let gone = Statement { availability: Some(Availability::Discontinued), ..stated.clone() };
                    let gone = Statement { at: Statement::new(at).at, ..gone };
                    missing.insert(id.clone(), vec![ProductChange::Stated(Source::Feed, gone)]);
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if missing.len() * 2 > known {
            return Ok(Missing::TooMany { missing: missing.len(), known });
        }
        let marked = self.store.change_products(shop, missing).await?;
        Ok(Missing::Marked(marked as u64))
    }
}

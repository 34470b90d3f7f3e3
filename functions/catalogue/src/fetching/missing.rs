//! What an earlier feed had, and this one has not.

use crate::Catalogue;
use jiff::Timestamp;
use rekindle_catalogue::feed::NamedProducts;
use rekindle_catalogue::{Availability, Product, ProductId, Source, Statement};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::StoreError;
use rekindle_store::catalogue::changes::ProductChange;
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
    /// Marks as discontinued what feeds said of products that this one does not name, unless that is most of it. The products are
    /// counted first and changed in a second pass.
    pub(super) async fn mark_missing(
        &self,
        shop: &ShopId,
        named: &NamedProducts,
        at: Timestamp,
    ) -> Result<Missing, StoreError> {
        let (mut known, mut missing) = (0, 0);
        let mut after = None;
        loop {
            let page = self.store.list_products(shop, PAGE_LEN, after.as_deref()).await?;
            for (id, _) in page.products.iter().filter(|(_, product)| stated(product).is_some()) {
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
        let mut marked = 0;
        while marked < missing {
            let page = self.store.list_products(shop, PAGE_LEN, after.as_deref()).await?;
            let gone = page.products.iter().filter(|(id, _)| !named.has(id));
            let changes: BTreeMap<ProductId, Vec<ProductChange>> =
                gone.filter_map(|(id, product)| Some((id.clone(), vec![discontinued(stated(product)?, at)]))).collect();
            marked += self.store.change_products(shop, changes).await? as u64;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(Missing::Marked(marked))
    }
}

/// What feeds said of a product, unless they said that there is no such product any more.
fn stated(product: &Product) -> Option<&Statement> {
    product.statement(Source::Feed).filter(|stated| stated.availability != Some(Availability::Discontinued))
}

fn discontinued(stated: &Statement, at: Timestamp) -> ProductChange {
    let at = Statement::new(at).at;
    let gone = Statement { at, availability: Some(Availability::Discontinued), ..stated.clone() };
    ProductChange::Stated(Source::Feed, gone)
}

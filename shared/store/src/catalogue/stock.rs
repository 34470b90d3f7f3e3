//! What the variants of a product together say of their stock, at the product as a whole.

use super::changes::ProductChange;
use crate::store::Store;
use crate::table::error::StoreError;
use rekindle_catalogue::{Product, ProductId, StockReport};
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::retry::Attempts;
use std::collections::BTreeMap;

/// Most variants of a product that are looked at.
pub const MAX_VARIANTS: usize = 500;

impl Store {
    /// Brings the stock of a product as a whole to what its variants say; nothing is written if it is so already, or if no levels of
    /// theirs were reported. Called after every change of a variant's stock: whichever call ends last leaves what all of them say.
    ///
    /// # Errors
    /// The database refused or did not answer, or variants changed all the time.
    pub async fn follow_variants(&self, shop: &ShopId, product: &ProductId) -> Result<(), StoreError> {
        let whole = product.whole();
        let mut attempts = Attempts::at("product", whole.product());
        let mut found = self.stock_of_variants(shop, &whole).await?;
        while attempts.next().await {
            let Some(report) = found else { return Ok(()) };
            let changes = BTreeMap::from([(whole.clone(), vec![ProductChange::OfVariants(report)])]);
            self.change_products(shop, changes).await?;
            // A variant that changed meanwhile may have been followed before this write.
            found = self.stock_of_variants(shop, &whole).await?;
            if found == Some(report) {
                return Ok(());
            }
        }
        Err(attempts.lost().into())
    }

    async fn stock_of_variants(&self, shop: &ShopId, whole: &ProductId) -> Result<Option<StockReport>, StoreError> {
        Ok(Product::stock_of(&self.variants_now(shop, whole.product(), MAX_VARIANTS).await?))
    }
}

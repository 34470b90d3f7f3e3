//! Products that a shop system reports, as the catalogue keeps them.

use crate::Hooks;
use jiff::Timestamp;
use rekindle_catalogue::{Availability, ProductId, Sale, Source, Statement};
use rekindle_connectors::{Availability as Reported, Product, Variant};
use rekindle_lifecycle::country::Country;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::money::{Currency, Money};
use rekindle_lifecycle::policy::Policy;
use rekindle_store::StoreError;
use rekindle_store::catalogue::MAX_VARIANTS;
use rekindle_store::catalogue::changes::ProductChange;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Hooks {
    /// Takes in what a shop system says of products. Returns how many products and variants are another now. Prices are in `currency`;
    /// without one they are left out.
    pub(crate) async fn take_products(
        &self,
        shop: &ShopId,
        products: &[Product],
        currency: Option<Currency>,
        received_at: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut changed = 0;
        for product in products {
            // A time from the future would outrank every later report.
            let at = product.updated_at.unwrap_or(received_at).min(received_at);
            let mut statements = statements(product, currency, at);
            let stored = self.store.product_with_variants(shop, &product.id, MAX_VARIANTS).await?;
            let has_levels = stored.iter().any(|(_, known)| known.has_levels());
            if product.has_all_variants {
                for (id, known) in stored {
                    // What another source says of a variant, or an order showed, is not this system's to end.
                    if known.statement(Source::ShopSystem).is_some() {
                        statements.entry(id).or_insert_with(|| gone(at));
                    }
                }
            }
            let change = |statement| vec![ProductChange::Stated(Source::ShopSystem, statement)];
            let changes = statements.into_iter().map(|(id, statement)| (id, change(statement))).collect();
            changed += self.store.change_products(shop, changes).await?;
            let had_waiting = self.name_inventory_items(shop, product, received_at).await?;
            if let Some(whole) = ProductId::new(&product.id, None)
                && (has_levels || had_waiting)
            {
                self.store.follow_variants(shop, &whole).await?;
            }
        }
        Ok(changed)
    }

    /// The currency of the shop's policy. A policy that this version cannot read has none.
    pub(crate) async fn shop_currency(&self, shop: &ShopId, now: Timestamp) -> Result<Option<Currency>, StoreError> {
        Ok(self.shop_policy(shop, now).await?.and_then(|policy| policy.currency))
    }

    /// The country of the shop's policy, in which its customers write their numbers.
    pub(crate) async fn shop_country(&self, shop: &ShopId, now: Timestamp) -> Result<Option<Country>, StoreError> {
        Ok(self.shop_policy(shop, now).await?.and_then(|policy| policy.country))
    }

    async fn shop_policy(&self, shop: &ShopId, now: Timestamp) -> Result<Option<Arc<Policy>>, StoreError> {
        match self.store.policy(shop, now).await {
            Ok(policy) => Ok(Some(policy)),
            Err(StoreError::Unreadable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What a product's report states of it and of its variants.
fn statements(product: &Product, currency: Option<Currency>, at: Timestamp) -> BTreeMap<ProductId, Statement> {
    let mut statements = BTreeMap::new();
    let Some(whole) = ProductId::new(&product.id, None) else { return statements };
    let variants: Vec<&Variant> = product.variants.iter().take(MAX_VARIANTS).collect();
    let cheapest = variants.iter().map(|variant| prices(variant, currency));
    let cheapest = cheapest
        .filter(|(price, _)| price.is_some())
        .min_by_key(|(price, sale)| sale.as_ref().map(|sale| sale.price).or(*price));
    let (price, sale) = cheapest.unwrap_or_default();
    // A product in one form only has its article number in its one variant.
    let sku = match variants.as_slice() {
        [only] if ProductId::new(&product.id, Some(&only.id)).as_ref() == Some(&whole) => only.sku.clone(),
        _ => None,
    };
    let statement = Statement {
        name: product.title.clone(),
        url: product.url.clone(),
        image: product.image.clone(),
        brand: product.brand.clone(),
        category: product.category.clone(),
        sku,
        price,
        sale,
        availability: Some(availability(product.availability)),
        ..Statement::new(at)
    };
    for variant in variants {
        let Some(id) = ProductId::new(&product.id, Some(&variant.id)) else { continue };
        let (price, sale) = prices(variant, currency);
        let own = Statement {
            name: variant.title.clone(),
            image: variant.image.clone(),
            sku: variant.sku.clone(),
            price,
            sale,
            availability: Some(availability(variant.availability)),
            inventory_item: variant.inventory_item_id.clone(),
            is_sold_without_stock: variant.is_sold_without_stock,
            ..Statement::new(at)
        };
        statements.insert(id, own);
    }
    statements.insert(whole, statement);
    statements
}

/// A variant that its product has no more.
fn gone(at: Timestamp) -> Statement {
    Statement { availability: Some(Availability::Discontinued), ..Statement::new(at) }
}

/// The usual price and the lower one, if it has one.
fn prices(variant: &Variant, currency: Option<Currency>) -> (Option<Money>, Option<Sale>) {
    let Some(currency) = currency else { return (None, None) };
    let money = |text: &Option<String>| text.as_deref().and_then(|text| Money::parse(text, currency).ok());
    let sale = money(&variant.sale_price).map(|price| Sale { price, from: None, until: None });
    (money(&variant.price), sale)
}

fn availability(reported: Reported) -> Availability {
    match reported {
        Reported::InStock => Availability::InStock,
        Reported::Backorder => Availability::Backorder,
        Reported::OutOfStock => Availability::OutOfStock,
        Reported::Hidden => Availability::Hidden,
        Reported::Deleted => Availability::Discontinued,
    }
}

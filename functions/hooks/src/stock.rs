//! Stock that a shop system reports by itself, under the id of an inventory item.
//!
//! Which variant that is, the product's own report tells, and may do so later: until then the level waits. Whichever comes first, and
//! however often, the variant ends with the newest level of each place.

use crate::Hooks;
use jiff::Timestamp;
use rekindle_catalogue::{ProductId, StockLevel as Level};
use rekindle_connectors::{Product, StockLevel};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::StoreError;
use rekindle_store::catalogue::MAX_VARIANTS;
use rekindle_store::catalogue::changes::ProductChange;
use rekindle_store::catalogue::inventory_items::LevelOwner;
use std::collections::BTreeMap;
use std::fmt;

/// What became of stock levels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TakenLevels {
    /// Levels that say something new of a variant.
    pub(crate) changed: usize,
    /// Levels of items that no product named yet.
    pub(crate) waiting: usize,
}

impl fmt::Display for TakenLevels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.waiting {
            0 => write!(f, "{} stock levels are others now", self.changed),
            waiting => write!(f, "{waiting} stock levels wait for a product that names their inventory item"),
        }
    }
}

impl Hooks {
    /// Takes in stock levels. Those of items that no product named yet wait for it.
    pub(crate) async fn take_levels(
        &self,
        shop: &ShopId,
        levels: &[StockLevel],
        received_at: Timestamp,
    ) -> Result<TakenLevels, StoreError> {
        let mut taken = TakenLevels::default();
        for reported in levels {
            // A time from the future would outrank every later report.
            let at = reported.updated_at.unwrap_or(received_at).min(received_at);
            let place = reported.location_id.clone().unwrap_or_default();
            let level = Level { place, available: reported.available, at };
            let item = &reported.inventory_item_id;
            match self.store.owner_of_level(shop, item, &level, received_at).await? {
                LevelOwner::Unknown => taken.waiting += 1,
                LevelOwner::Product(product) => {
                    let changes = BTreeMap::from([(product.clone(), vec![ProductChange::Level(level)])]);
                    taken.changed += self.store.change_products(shop, changes).await?;
                    self.store.follow_variants(shop, &product).await?;
                }
            }
        }
        Ok(taken)
    }

    /// Notes which inventory items are a product's variants, and takes in the levels that waited for it. Returns whether there were any.
    pub(crate) async fn name_inventory_items(
        &self,
        shop: &ShopId,
        product: &Product,
        received_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let named = product.variants.iter().filter_map(|variant| {
            Some((variant.inventory_item_id.clone()?, ProductId::new(&product.id, Some(&variant.id))?))
        });
        let named: BTreeMap<String, ProductId> = named.take(MAX_VARIANTS).collect();
        let waiting = self.store.name_inventory_items(shop, &named, received_at).await?;
        for (item, levels) in &waiting {
            let changes = BTreeMap::from([(named[item].clone(), vec![ProductChange::Levels(levels.clone())])]);
            self.store.change_products(shop, changes).await?;
            self.store.forget_waiting_levels(shop, item, received_at).await?;
        }
        Ok(!waiting.is_empty())
    }
}

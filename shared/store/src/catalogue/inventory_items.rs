//! Which product an inventory item of a shop system is: its stock levels name that item alone.
//!
//! An item has `product` and, of a variant, `variant`, once a product's report named it. A level that comes earlier waits in it
//! (`levels`, JSON) until then, for 90 days. `revision` grows with every change.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::batch::MAX_READ_LEN;
use crate::table::calls::{Item, key};
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use rekindle_catalogue::{ProductId, StockLevel, StockLevels};
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::retry::Attempts;
use std::collections::{BTreeMap, HashMap};

/// How long levels wait for the product that names their inventory item, in days.
pub const LEVELS_WAIT_DAYS: i64 = 90;

const PRODUCT: &str = "product";
const VARIANT: &str = "variant";
const LEVELS: &str = "levels";
const REVISION: &str = "revision";

/// Where a level of an inventory item belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LevelOwner {
    /// To this product or variant.
    Product(ProductId),
    /// No product named the item yet: the level waits.
    Unknown,
}

/// An inventory item as it was read.
#[derive(Debug, Clone, Default)]
struct InventoryItem {
    product: Option<ProductId>,
    levels: StockLevels,
    revision: u64,
}

impl Store {
    /// Whose a level of an inventory item is. That of an item which no product named yet is kept until one does. One read unit, and
    /// one write unit for what is kept.
    ///
    /// # Errors
    /// The database refused or did not answer, or others wrote it first again and again.
    pub async fn owner_of_level(
        &self,
        shop: &ShopId,
        inventory_item: &str,
        level: &StockLevel,
        now: Timestamp,
    ) -> Result<LevelOwner, StoreError> {
        let mut attempts = Attempts::at("inventory item", inventory_item);
        while attempts.next().await {
            let mut stored = self.inventory_item(shop, inventory_item).await?;
            if let Some(product) = stored.product {
                return Ok(LevelOwner::Product(product));
            }
            if !stored.levels.note(level) || self.put_inventory_item(shop, inventory_item, &stored, now).await? {
                return Ok(LevelOwner::Unknown);
            }
        }
        Err(attempts.lost().into())
    }

    /// Notes which product or variant each inventory item is, where that is new or another than before. Returns the levels that waited
    /// for it; they wait until [`Store::forget_waiting_levels`]. Half a read unit for each item, and one and a write unit for each change.
    ///
    /// # Errors
    /// The database refused or did not answer, or others wrote an item first again and again.
    pub async fn name_inventory_items(
        &self,
        shop: &ShopId,
        named: &BTreeMap<String, ProductId>,
        now: Timestamp,
    ) -> Result<BTreeMap<String, StockLevels>, StoreError> {
        let mut waiting = BTreeMap::new();
        let all: Vec<&String> = named.keys().collect();
        for items in all.chunks(MAX_READ_LEN) {
            let wanted = items.iter().map(|item| item_key(shop, item)).collect();
            let found = self.get_items(&self.tables.shops, wanted).await?;
            let known: HashMap<&str, InventoryItem> =
                found.iter().filter_map(|item| Some((item.get("pk")?.as_s().ok()?.as_str(), parse(item)))).collect();
            for item in items {
                let product = &named[*item];
                let lately = known.get(keys::inventory_item_pk(shop, item).as_str());
                let levels = match lately {
                    Some(lately) if lately.product.as_ref() == Some(product) => lately.levels.clone(),
                    _ => self.name_inventory_item(shop, item, product, now).await?,
                };
                if !levels.is_empty() {
                    waiting.insert((*item).clone(), levels);
                }
            }
        }
        Ok(waiting)
    }

    async fn name_inventory_item(
        &self,
        shop: &ShopId,
        inventory_item: &str,
        product: &ProductId,
        now: Timestamp,
    ) -> Result<StockLevels, StoreError> {
        let mut attempts = Attempts::at("inventory item", inventory_item);
        while attempts.next().await {
            let stored = self.inventory_item(shop, inventory_item).await?;
            if stored.product.as_ref() == Some(product) {
                return Ok(stored.levels);
            }
            let named = InventoryItem { product: Some(product.clone()), ..stored };
            if self.put_inventory_item(shop, inventory_item, &named, now).await? {
                return Ok(named.levels);
            }
        }
        Err(attempts.lost().into())
    }

    /// Forgets the levels that waited at an inventory item, after they were taken in where they belong. No new ones come once its product
    /// is named.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn forget_waiting_levels(
        &self,
        shop: &ShopId,
        inventory_item: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let stored = self.inventory_item(shop, inventory_item).await?;
        if stored.product.is_some() && !stored.levels.is_empty() {
            let emptied = InventoryItem { levels: StockLevels::default(), ..stored };
            // If another was first, the levels wait on, and are known where they belong.
            self.put_inventory_item(shop, inventory_item, &emptied, now).await?;
        }
        Ok(())
    }

    async fn inventory_item(&self, shop: &ShopId, inventory_item: &str) -> Result<InventoryItem, StoreError> {
        let pk = keys::inventory_item_pk(shop, inventory_item);
        let found = self.get(&self.tables.shops, pk, Some(keys::INVENTORY_ITEM_SK.to_owned())).await?;
        Ok(found.as_ref().map(parse).unwrap_or_default())
    }

    /// Stores an inventory item if it is still as it was read; whether it was.
    async fn put_inventory_item(
        &self,
        shop: &ShopId,
        inventory_item: &str,
        stored: &InventoryItem,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let InventoryItem { product, levels, revision } = stored;
        let mut item = item_key(shop, inventory_item);
        item.insert(REVISION.to_owned(), number(revision + 1));
        if !levels.is_empty() {
            let json = serde_json::to_string(levels).expect("levels are JSON");
            item.insert(LEVELS.to_owned(), AttributeValue::S(json));
        }
        match product {
            Some(product) => {
                item.insert(PRODUCT.to_owned(), AttributeValue::S(product.product().to_owned()));
                let variant = product.variant().map(|variant| AttributeValue::S(variant.to_owned()));
                item.extend(variant.map(|variant| (VARIANT.to_owned(), variant)));
            }
            None => {
                let expires_at = (now + SignedDuration::from_hours(24 * LEVELS_WAIT_DAYS)).as_second();
                item.insert(EXPIRES_AT.to_owned(), AttributeValue::N(expires_at.to_string()));
            }
        }
        let put = self.client.put_item().table_name(&self.tables.shops).set_item(Some(item));
        let put = match revision {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            seen => put
                .condition_expression("#revision = :seen")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":seen", number(*seen)),
        };
        self.put_if(put).await
    }
}

fn item_key(shop: &ShopId, inventory_item: &str) -> Item {
    key(keys::inventory_item_pk(shop, inventory_item), Some(keys::INVENTORY_ITEM_SK.to_owned()))
}

/// What another version stored in a form that this one cannot read is as good as not there, and is noted again.
fn parse(item: &Item) -> InventoryItem {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
    InventoryItem {
        product: text(PRODUCT).and_then(|product| ProductId::new(product, text(VARIANT))),
        levels: text(LEVELS).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default(),
        revision: item.get(REVISION).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0),
    }
}

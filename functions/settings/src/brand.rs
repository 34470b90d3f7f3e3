//! The shop's brand: its name, its sender, its postal address.

use crate::needed_templates::missing_template;
use crate::stored;
use rekindle_admin_api::Problem;
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::{Brand, BrandSettings};
use rekindle_store::Store;
use rekindle_store::shop::settings::BRAND;
use serde_json::{Value, json};

/// The shop's brand.
pub(crate) async fn get(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    store.get_setting(shop, BRAND).await?.ok_or_else(no_brand)
}

/// Stores a brand, if mail can be sent with it.
pub(crate) async fn put(store: &Store, shop: &ShopId, text: &str) -> Result<(), Problem> {
    let settings: BrandSettings = serde_json::from_str(text).map_err(|error| Problem::refused(error.to_string()))?;
    let brand = Brand::new(settings).map_err(|error| Problem::refused(error.to_string()))?;
    let (own, policy) = (stored::templates(store, shop).await?, stored::policy(store, shop).await?);
    if let Some(missing) = missing_template(&policy, &own, &brand.settings().default_language) {
        return Err(Problem::refused(missing));
    }
    Ok(store.put_setting(shop, BRAND, &json!(brand)).await?)
}

fn no_brand() -> Problem {
    Problem::missing("The shop has no brand yet; nothing can be sent before it has one.")
}

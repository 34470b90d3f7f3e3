//! As whom the shop writes: its name, its sender, its postal address.

use crate::templates::missing_template;
use crate::{policy, templates};
use rekindle_admin_api::Problem;
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::{Brand, BrandSettings, Language};
use rekindle_store::Store;
use rekindle_store::shop::settings::BRAND;
use serde_json::{Value, json};

/// The shop's brand.
pub(crate) async fn read(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    store.get_setting(shop, BRAND).await?.ok_or_else(no_brand)
}

/// Stores a brand if mail can be sent with it.
pub(crate) async fn put(store: &Store, shop: &ShopId, text: &str) -> Result<(), Problem> {
    let settings: BrandSettings = serde_json::from_str(text).map_err(|error| Problem::refused(error.to_string()))?;
    let brand = Brand::new(settings).map_err(|error| Problem::refused(error.to_string()))?;
    let (own, policy) = (templates::own(store, shop).await?, policy::stored(store, shop).await?);
    if let Some(missing) = missing_template(&policy, &own, &brand.settings().default_language) {
        return Err(Problem::refused(missing));
    }
    Ok(store.put_setting(shop, BRAND, &json!(brand)).await?)
}

/// The language of customers of whom none is known.
pub(crate) async fn default_language(store: &Store, shop: &ShopId) -> Result<Language, Problem> {
    let brand = store.get_setting(shop, BRAND).await?.and_then(|brand| serde_json::from_value::<Brand>(brand).ok());
    Ok(brand.map_or_else(Language::english, |brand| brand.settings().default_language.clone()))
}

fn no_brand() -> Problem {
    Problem::missing("The shop has no brand yet; nothing can be sent before it has one.")
}

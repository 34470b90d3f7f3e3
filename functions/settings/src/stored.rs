//! What is stored of a shop, as the checks of a new setting need it.

use rekindle_admin_api::Problem;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{Brand, Language, TemplateOverride};
use rekindle_store::Store;
use rekindle_store::shop::settings::{BRAND, TEMPLATE};

/// The policy in force, as it is stored now.
pub(crate) async fn policy(store: &Store, shop: &ShopId) -> Result<Policy, Problem> {
    let text = store.policy_text(shop).await?.unwrap_or_default();
    Policy::parse(&text).map_err(|error| Problem::in_use(format!("The stored policy cannot be read any more: {error}")))
}

/// The shop's own templates. Those that another version stored in a form that this one cannot use are left out.
pub(crate) async fn templates(store: &Store, shop: &ShopId) -> Result<Vec<TemplateOverride>, Problem> {
    let stored = store.settings_with_prefix(shop, TEMPLATE).await?;
    Ok(stored.into_iter().filter_map(|(_, value)| serde_json::from_value(value).ok()).collect())
}

/// The shop's brand, if it has one that this version can read.
pub(crate) async fn brand(store: &Store, shop: &ShopId) -> Result<Option<Brand>, Problem> {
    Ok(store.get_setting(shop, BRAND).await?.and_then(|brand| serde_json::from_value(brand).ok()))
}

/// The language of customers whose own is not known.
pub(crate) async fn default_language(store: &Store, shop: &ShopId) -> Result<Language, Problem> {
    Ok(brand(store, shop).await?.map_or_else(Language::english, |brand| brand.settings().default_language.clone()))
}

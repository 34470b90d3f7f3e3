//! The shop's brand: its name, its sender, its postal address.

use crate::needed_templates::missing_template;
use crate::stored;
use rekindle_admin_api::Problem;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::{Brand, BrandSettings, TemplateContent, TemplateOverride};
use rekindle_store::Store;
use rekindle_store::shop::senders::{Sender, Senders};
use rekindle_store::shop::settings::BRAND;
use serde_json::{Value, json};

/// The shop's brand.
pub(crate) async fn get(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    store.get_setting(shop, BRAND).await?.ok_or_else(no_brand)
}

/// Stores a brand, if mail can be sent with it and the operator of the stack granted the shop its sender.
pub(crate) async fn put(store: &Store, shop: &ShopId, text: &str) -> Result<(), Problem> {
    let settings: BrandSettings = serde_json::from_str(text).map_err(|error| Problem::refused(error.to_string()))?;
    let brand = Brand::new(settings).map_err(|error| Problem::refused(error.to_string()))?;
    check_sender(store, shop, &brand.settings().sender_address).await?;
    let (own, policy) = (stored::templates(store, shop).await?, stored::policy(store, shop).await?);
    if let Some(missing) = missing_template(&policy, &own, &brand.settings().default_language) {
        return Err(Problem::refused(missing));
    }
    check_colours(own, &brand)?;
    Ok(store.put_setting(shop, BRAND, &json!(brand)).await?)
}

/// Refuses a colour with which a text of the shop's own templates could not be read.
fn check_colours(own: Vec<TemplateOverride>, brand: &Brand) -> Result<(), Problem> {
    let accent_colour = brand.settings().accent_colour.as_str();
    let named =
        |own: &TemplateOverride| matches!(&own.content, TemplateContent::Email { mjml, .. } if mjml.contains("accent"));
    for own in own.into_iter().filter(named) {
        let template = format!("the template {:?} ({})", own.name, own.language.as_str());
        if let Err(error) = own.check_with_accent(Some(accent_colour)) {
            let problem = format!("accent_colour: with {accent_colour} {template} cannot be used: {error}");
            return Err(Problem::refused(problem));
        }
    }
    Ok(())
}

async fn check_sender(store: &Store, shop: &ShopId, address: &EmailAddress) -> Result<(), Problem> {
    let stored = stored::brand(store, shop).await?;
    let before = stored.as_ref().map(|brand| &brand.settings().sender_address);
    let senders = store.senders(shop).await?;
    if senders.allow_change(before, address) {
        return Ok(());
    }
    let granted = match &senders {
        Senders::Granted(senders) if !senders.is_empty() => {
            format!("granted are {}", senders.iter().map(Sender::as_str).collect::<Vec<_>>().join(", "))
        }
        _ => "none is granted".to_owned(),
    };
    let (address, grant) = (address.as_str(), "rekindle shop grant-sender");
    let how = format!("The operator of the stack grants one: {grant} {shop} {address}");
    Err(Problem::refused(format!("sender_address: {address} is no sender of this shop; {granted}. {how}")))
}

fn no_brand() -> Problem {
    Problem::missing("The shop has no brand yet; nothing can be sent before it has one.")
}

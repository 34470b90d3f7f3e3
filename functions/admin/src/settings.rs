//! What a shop decides itself: policy, brand, templates. Checked against each other before anything is stored.

use crate::problem::Problem;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::policy::{DEFAULT_POLICY, Policy};
use rekindle_messaging::{Brand, BrandSettings, Language, TemplateContent, TemplateOverride, Templates};
use rekindle_store::Store;
use rekindle_store::shops::{BRAND, TEMPLATE, template_setting};
use serde_json::{Map, Value, json};

/// Longest name of a template, in bytes.
const LONGEST_NAME: usize = 64;

/// The shop's policy as it wrote it, or the default with its documentation.
pub(crate) async fn policy(store: &Store, shop: &ShopId) -> Result<String, Problem> {
    Ok(store.policy_text(shop).await?.unwrap_or_else(|| DEFAULT_POLICY.to_owned()))
}

/// Reads a policy that has no mistake and names only templates that exist.
pub(crate) async fn checked_policy(store: &Store, shop: &ShopId, text: &str) -> Result<Policy, Problem> {
    let policy = Policy::parse(text).map_err(|error| Problem::refused(error.to_string()))?;
    let (own, default_language) = (own_templates(store, shop).await?, default_language(store, shop).await?);
    match missing_template(&policy, &own, &default_language) {
        Some(missing) => Err(Problem::refused(missing)),
        None => Ok(policy),
    }
}

/// The shop's brand.
pub(crate) async fn brand(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    store.get_setting(shop, BRAND).await?.ok_or_else(Problem::no_brand)
}

/// Stores a brand if mail can be sent with it.
pub(crate) async fn put_brand(store: &Store, shop: &ShopId, text: &str) -> Result<(), Problem> {
    let settings: BrandSettings = serde_json::from_str(text).map_err(|error| Problem::refused(error.to_string()))?;
    let brand = Brand::new(settings).map_err(|error| Problem::refused(error.to_string()))?;
    let (own, policy) = (own_templates(store, shop).await?, stored_policy(store, shop).await?);
    if let Some(missing) = missing_template(&policy, &own, &brand.settings().default_language) {
        return Err(Problem::refused(missing));
    }
    Ok(store.put_setting(shop, BRAND, &json!(brand)).await?)
}

/// The shop's own templates, by name and language.
pub(crate) async fn templates(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    Ok(json!({ "templates": own_templates(store, shop).await? }))
}

/// A template of the shop's own, by channel.
pub(crate) async fn template(store: &Store, shop: &ShopId, name: &str, language: &str) -> Result<Value, Problem> {
    let language = parsed(language)?;
    checked_name(name)?;
    let mut found = Map::new();
    for channel in Channel::ALL {
        let setting = template_setting(channel, language.as_str(), name);
        // As the shop wrote it: what it was compiled to is the engine's business.
        let own = store.get_setting(shop, &setting).await?.map(serde_json::from_value::<TemplateOverride>);
        if let Some(Ok(own)) = own {
            found.insert(channel.name().to_owned(), json!(own));
        }
    }
    if found.is_empty() { Err(Problem::no_such_template()) } else { Ok(Value::Object(found)) }
}

/// Stores a template if it can be filled for every customer.
pub(crate) async fn put_template(
    store: &Store,
    shop: &ShopId,
    name: &str,
    language: &str,
    text: &str,
) -> Result<(), Problem> {
    let language = parsed(language)?;
    let mut document: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| Problem::bad_request(format!("The body is not JSON: {error}.")))?;
    for (field, expected) in [("name", name), ("language", language.as_str())] {
        let said = document.insert(field.to_owned(), expected.into());
        if said.is_some_and(|said| said != *expected && field == "name") {
            return Err(Problem::refused(format!("{field} is not the one in the path, which is {expected:?}")));
        }
    }
    let own: TemplateOverride =
        serde_json::from_value(Value::Object(document)).map_err(|error| Problem::refused(error.to_string()))?;
    let setting = template_setting(channel_of(&own), own.language.as_str(), &own.name);
    let checked = own.check().map_err(|error| Problem::refused(error.to_string()))?;
    Ok(store.put_setting(shop, &setting, &json!(checked)).await?)
}

/// Removes a template of the shop's own, on every channel, unless the policy could not do without it.
pub(crate) async fn delete_template(store: &Store, shop: &ShopId, name: &str, language: &str) -> Result<(), Problem> {
    let language = parsed(language)?;
    checked_name(name)?;
    let (mut own, policy) = (own_templates(store, shop).await?, stored_policy(store, shop).await?);
    own.retain(|template| (template.name.as_str(), &template.language) != (name, &language));
    if let Some(missing) = missing_template(&policy, &own, &default_language(store, shop).await?) {
        return Err(Problem::in_use(format!("Without this template, {missing}")));
    }
    let mut existed = false;
    for channel in Channel::ALL {
        existed |= store.delete_setting(shop, &template_setting(channel, language.as_str(), name)).await?;
    }
    if existed { Ok(()) } else { Err(Problem::no_such_template()) }
}

/// The first step whose template does not exist in a language that every customer falls back to.
fn missing_template(policy: &Policy, own: &[TemplateOverride], default_language: &Language) -> Option<String> {
    let last_resort = [default_language.clone(), default_language.base(), Language::english()];
    let exists = |channel: Channel, name: &str| {
        let is_built_in = match channel {
            Channel::Email => Templates::email_names().any(|known| known == name),
            Channel::Sms => Templates::sms_names().any(|known| known == name),
            // What a task is about is told to people in the shop's own words.
            Channel::Handoff => true,
        };
        let is_own = |own: &TemplateOverride| {
            channel_of(own) == channel && own.name == name && last_resort.contains(&own.language)
        };
        is_built_in || own.iter().any(is_own)
    };
    for journey in &policy.journeys {
        for step in &journey.steps {
            let channels = [Some(step.channel), step.fallback].into_iter().flatten();
            if let Some(channel) = channels.into_iter().find(|channel| !exists(*channel, &step.template)) {
                return Some(format!(
                    "the journey {:?}, step {:?}, needs a template {:?} for {} in the shop's default language or in \
                     English, and there is none: store it first",
                    journey.id,
                    step.id,
                    step.template,
                    channel.name()
                ));
            }
        }
    }
    None
}

async fn own_templates(store: &Store, shop: &ShopId) -> Result<Vec<TemplateOverride>, Problem> {
    let stored = store.settings_with_prefix(shop, TEMPLATE).await?;
    // What another version wrote cannot be used, so it does not count.
    Ok(stored.into_iter().filter_map(|(_, value)| serde_json::from_value(value).ok()).collect())
}

/// The policy in force, as it is stored now.
pub(crate) async fn stored_policy(store: &Store, shop: &ShopId) -> Result<Policy, Problem> {
    let text = store.policy_text(shop).await?.unwrap_or_default();
    Policy::parse(&text).map_err(|error| Problem::in_use(format!("The stored policy cannot be read any more: {error}")))
}

async fn default_language(store: &Store, shop: &ShopId) -> Result<Language, Problem> {
    let brand = store.get_setting(shop, BRAND).await?.and_then(|brand| serde_json::from_value::<Brand>(brand).ok());
    Ok(brand.map_or_else(Language::english, |brand| brand.settings().default_language.clone()))
}

fn channel_of(own: &TemplateOverride) -> Channel {
    match own.content {
        TemplateContent::Email { .. } => Channel::Email,
        TemplateContent::Sms { .. } => Channel::Sms,
    }
}

/// A name that no template can have is nowhere; the tables need not be asked, who do not take a long one.
fn checked_name(name: &str) -> Result<(), Problem> {
    if name.len() <= LONGEST_NAME { Ok(()) } else { Err(Problem::no_such_template()) }
}

fn parsed(language: &str) -> Result<Language, Problem> {
    Language::parse(language).map_err(|error| Problem::bad_request(format!("{language:?} {error}.")))
}

//! The shop's own templates: each is checked before it is stored, and none is removed that the policy needs.

use crate::needed_templates::missing_template;
use crate::stored;
use rekindle_admin_api::Problem;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::ShopId;
use rekindle_messaging::{Language, TemplateOverride};
use rekindle_store::Store;
use rekindle_store::shop::settings::template_setting;
use serde_json::{Map, Value, json};

/// Longest name of a template, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// The shop's own templates, by name and language.
pub(crate) async fn list(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    Ok(json!({ "templates": stored::templates(store, shop).await? }))
}

/// A template of the shop's own, by channel.
pub(crate) async fn get(store: &Store, shop: &ShopId, name: &str, language: &str) -> Result<Value, Problem> {
    let language = parsed(language)?;
    checked_name(name)?;
    let mut found = Map::new();
    for channel in Channel::KNOWN {
        let setting = template_setting(channel, language.as_str(), name);
        // As the shop wrote it, without what it was compiled to.
        let own = store.get_setting(shop, &setting).await?.map(serde_json::from_value::<TemplateOverride>);
        if let Some(Ok(own)) = own {
            found.insert(channel.code().to_owned(), json!(own));
        }
    }
    if found.is_empty() { Err(no_such_template()) } else { Ok(Value::Object(found)) }
}

/// Stores a template, if it can be filled for every customer.
pub(crate) async fn put(store: &Store, shop: &ShopId, name: &str, language: &str, text: &str) -> Result<(), Problem> {
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
    let setting = template_setting(own.channel(), own.language.as_str(), &own.name);
    let brand = stored::brand(store, shop).await?;
    let accent_colour = brand.as_ref().map(|brand| brand.settings().accent_colour.as_str());
    let checked = own.check_with_accent(accent_colour).map_err(|error| Problem::refused(error.to_string()))?;
    Ok(store.put_setting(shop, &setting, &json!(checked)).await?)
}

/// Removes a template of the shop's own on every channel, unless the policy needs it.
pub(crate) async fn delete(store: &Store, shop: &ShopId, name: &str, language: &str) -> Result<(), Problem> {
    let language = parsed(language)?;
    checked_name(name)?;
    let (mut left, policy) = (stored::templates(store, shop).await?, stored::policy(store, shop).await?);
    left.retain(|template| (template.name.as_str(), &template.language) != (name, &language));
    if let Some(missing) = missing_template(&policy, &left, &stored::default_language(store, shop).await?) {
        return Err(Problem::in_use(format!("Without this template, {missing}")));
    }
    let mut existed = false;
    for channel in Channel::KNOWN {
        existed |= store.delete_setting(shop, &template_setting(channel, language.as_str(), name)).await?;
    }
    if existed { Ok(()) } else { Err(no_such_template()) }
}

/// Refuses a name that no template can have: the tables do not take a long one as a key.
fn checked_name(name: &str) -> Result<(), Problem> {
    if name.len() <= MAX_NAME_BYTES { Ok(()) } else { Err(no_such_template()) }
}

fn parsed(language: &str) -> Result<Language, Problem> {
    Language::parse(language).map_err(|error| Problem::bad_request(format!("{language:?} {error}.")))
}

fn no_such_template() -> Problem {
    Problem::missing("The shop has no template of its own of this name and language.")
}

//! The shop's own words: its templates, each checked before it is stored, none removed that the policy needs.

use crate::{brand, policy};
use rekindle_admin_api::Problem;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{Language, TemplateContent, TemplateOverride, Templates};
use rekindle_store::Store;
use rekindle_store::shop::settings::{TEMPLATE, template_setting};
use serde_json::{Map, Value, json};

/// Longest name of a template, in bytes.
const LONGEST_NAME: usize = 64;

/// The shop's own templates, by name and language.
pub(crate) async fn list(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    Ok(json!({ "templates": own(store, shop).await? }))
}

/// A template of the shop's own, by channel.
pub(crate) async fn read(store: &Store, shop: &ShopId, name: &str, language: &str) -> Result<Value, Problem> {
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
    if found.is_empty() { Err(no_such_template()) } else { Ok(Value::Object(found)) }
}

/// Stores a template if it can be filled for every customer.
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
    let setting = template_setting(channel_of(&own), own.language.as_str(), &own.name);
    let checked = own.check().map_err(|error| Problem::refused(error.to_string()))?;
    Ok(store.put_setting(shop, &setting, &json!(checked)).await?)
}

/// Removes a template of the shop's own, on every channel, unless the policy could not do without it.
pub(crate) async fn delete(store: &Store, shop: &ShopId, name: &str, language: &str) -> Result<(), Problem> {
    let language = parsed(language)?;
    checked_name(name)?;
    let (mut left, policy) = (own(store, shop).await?, policy::stored(store, shop).await?);
    left.retain(|template| (template.name.as_str(), &template.language) != (name, &language));
    if let Some(missing) = missing_template(&policy, &left, &brand::default_language(store, shop).await?) {
        return Err(Problem::in_use(format!("Without this template, {missing}")));
    }
    let mut existed = false;
    for channel in Channel::ALL {
        existed |= store.delete_setting(shop, &template_setting(channel, language.as_str(), name)).await?;
    }
    if existed { Ok(()) } else { Err(no_such_template()) }
}

/// The first step whose template does not exist in a language that every customer falls back to.
pub(crate) fn missing_template(
    policy: &Policy,
    own: &[TemplateOverride],
    default_language: &Language,
) -> Option<String> {
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

/// All of the shop's own.
pub(crate) async fn own(store: &Store, shop: &ShopId) -> Result<Vec<TemplateOverride>, Problem> {
    let stored = store.settings_with_prefix(shop, TEMPLATE).await?;
    // What another version wrote cannot be used, so it does not count.
    Ok(stored.into_iter().filter_map(|(_, value)| serde_json::from_value(value).ok()).collect())
}

fn channel_of(own: &TemplateOverride) -> Channel {
    match own.content {
        TemplateContent::Email { .. } => Channel::Email,
        TemplateContent::Sms { .. } => Channel::Sms,
    }
}

/// A name that no template can have is nowhere; the tables need not be asked, who do not take a long one.
fn checked_name(name: &str) -> Result<(), Problem> {
    if name.len() <= LONGEST_NAME { Ok(()) } else { Err(no_such_template()) }
}

fn parsed(language: &str) -> Result<Language, Problem> {
    Language::parse(language).map_err(|error| Problem::bad_request(format!("{language:?} {error}.")))
}

fn no_such_template() -> Problem {
    Problem::missing("The shop has no template of its own of this name and language.")
}

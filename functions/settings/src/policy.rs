//! The shop's policy: reading and storing it, its versions, restoring one.

use crate::needed_templates::missing_template;
use crate::{Settings, stored};
use rekindle_admin_api::{Call, Problem};
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::policy::{DEFAULT_POLICY, Policy};
use rekindle_store::Store;
use rekindle_store::shop::policies::PolicyNotStored;
use rekindle_store::shop::policy_versions::{Edit, PolicyVersion};
use serde_json::{Value, json};

/// Most versions in one response.
const MAX_VERSIONS: u16 = 100;

/// The shop's policy as the shop wrote it, or the default policy with its comments.
pub(crate) async fn text(store: &Store, shop: &ShopId) -> Result<String, Problem> {
    Ok(store.policy_text(shop).await?.unwrap_or_else(|| DEFAULT_POLICY.to_owned()))
}

/// Stores a policy as a new version if it has no mistake and every template that it names exists; with `?from=`, only if that is the
/// number of the version in force.
pub(crate) async fn put(settings: &Settings, call: &Call, text: &str) -> Result<Value, Problem> {
    checked(&settings.store, &call.shop, text).await?;
    let edit = Edit { by: call.by.clone(), at: settings.clock.now() };
    let from = call.parameter("from").map(str::parse).transpose();
    let from = from.map_err(|_| Problem::bad_request("from must be the number of a version, or 0."))?;
    let stored = settings.store.edit_policy_from(&call.shop, text, Some(&edit), from).await;
    let stored = stored.map_err(|error| match error {
        PolicyNotStored::Refused(error) => Problem::refused(error.to_string()),
        error @ PolicyNotStored::TooLong(_) => Problem::refused(error.to_string()),
        error @ PolicyNotStored::OutOfDate(_) => Problem::in_use(format!("Nothing was stored: {error}.")),
        PolicyNotStored::Store(error) => error.into(),
        PolicyNotStored::Busy(_) => Problem::in_use("Others store policies at the same time. Store it again."),
    })?;
    Ok(json!({ "success": true, "version": stored.number }))
}

/// The versions, newest first; those before `?before=`, if it is given.
pub(crate) async fn versions(settings: &Settings, call: &Call) -> Result<Value, Problem> {
    let before = call.parameter("before").map(|_| call.number("before", u32::MAX, u32::MAX)).transpose()?;
    let limit = call.number("limit", MAX_VERSIONS, MAX_VERSIONS)?;
    let found = settings.store.policy_versions(&call.shop, before, limit).await?;
    let next = found.last().filter(|last| found.len() == usize::from(limit) && last.number > 1);
    let next = next.map(|last| last.number);
    Ok(json!({ "versions": found.iter().map(version_to_json).collect::<Vec<_>>(), "next_before": next }))
}

/// One version with its text.
pub(crate) async fn version(settings: &Settings, call: &Call, number: u32) -> Result<Value, Problem> {
    let found = settings.store.policy_version(&call.shop, number).await?;
    let (version, toml) = found.ok_or_else(no_such_version)?;
    let mut value = version_to_json(&version);
    value["policy"] = toml.into();
    Ok(value)
}

/// Stores the text of a version again, as the newest one, if it is still good: a template that it names may be gone.
pub(crate) async fn restore(settings: &Settings, call: &Call, number: u32) -> Result<Value, Problem> {
    let found = settings.store.policy_version(&call.shop, number).await?;
    let (_, toml) = found.ok_or_else(no_such_version)?;
    put(settings, call, &toml).await
}

fn version_to_json(version: &PolicyVersion) -> Value {
    let edit = version.edit.as_ref();
    json!({
        "version": version.number,
        "at": edit.map(|edit| edit.at),
        "by": edit.map_or("set-up of the deployment", |edit| edit.by.as_str()),
        "digest": version.digest,
    })
}

/// Parses a policy and checks that every template that it names exists.
pub(crate) async fn checked(store: &Store, shop: &ShopId, text: &str) -> Result<Policy, Problem> {
    let policy = Policy::parse(text).map_err(|error| Problem::refused(error.to_string()))?;
    let (own, default_language) = (stored::templates(store, shop).await?, stored::default_language(store, shop).await?);
    match missing_template(&policy, &own, &default_language) {
        Some(missing) => Err(Problem::refused(missing)),
        None => Ok(policy),
    }
}

fn no_such_version() -> Problem {
    Problem::missing("The shop's policy has no version of this number.")
}

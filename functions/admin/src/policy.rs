//! The shop's policy: storing it, what it was before, going back.

use crate::call::Call;
use crate::problem::Problem;
use crate::{Admin, settings};
use rekindle_store::policies::PolicyNotStored;
use rekindle_store::policy_versions::{Edit, PolicyVersion};
use serde_json::{Value, json};

/// Versions in one answer.
const VERSIONS: u16 = 100;

/// Stores a policy as a new version if it has no mistake and every template that it names exists.
pub(crate) async fn put(admin: &Admin, call: &Call, text: &str) -> Result<Value, Problem> {
    settings::checked_policy(&admin.store, &call.shop, text).await?;
    let edit = Edit { by: call.by.clone(), at: admin.clock.now() };
    let stored = admin.store.edit_policy(&call.shop, text, Some(&edit)).await.map_err(|error| match error {
        PolicyNotStored::Refused(error) => Problem::refused(error.to_string()),
        PolicyNotStored::Store(error) => error.into(),
        PolicyNotStored::Busy => Problem::in_use("Others store policies at the same time. Store it again."),
    })?;
    Ok(json!({ "success": true, "version": stored.number }))
}

/// The versions, newest first; those before `?before=`, if it is given.
pub(crate) async fn versions(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let before = call.asked("before").map(|_| call.number("before", u32::MAX, u32::MAX)).transpose()?;
    let limit = call.number("limit", VERSIONS, VERSIONS)?;
    let found = admin.store.policy_versions(&call.shop, before, limit).await?;
    let next = found.last().filter(|last| found.len() == usize::from(limit) && last.number > 1);
    let next = next.map(|last| last.number);
    Ok(json!({ "versions": found.iter().map(told).collect::<Vec<_>>(), "next_before": next }))
}

/// One version with its text.
pub(crate) async fn version(admin: &Admin, call: &Call, number: u32) -> Result<Value, Problem> {
    let found = admin.store.policy_version(&call.shop, number).await?;
    let (version, toml) = found.ok_or_else(Problem::no_such_version)?;
    let mut told = told(&version);
    told["policy"] = toml.into();
    Ok(told)
}

/// Stores the text of a version again, as the newest one, if it is still good: a template that it names may be gone.
pub(crate) async fn restore(admin: &Admin, call: &Call, number: u32) -> Result<Value, Problem> {
    let found = admin.store.policy_version(&call.shop, number).await?;
    let (_, toml) = found.ok_or_else(Problem::no_such_version)?;
    put(admin, call, &toml).await
}

fn told(version: &PolicyVersion) -> Value {
    let edit = version.edit.as_ref();
    json!({
        "version": version.number,
        "at": edit.map(|edit| edit.at),
        "by": edit.map_or("set-up of the deployment", |edit| edit.by.as_str()),
        "digest": version.digest,
    })
}

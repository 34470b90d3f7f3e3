//! The settings that libraries for browsers and phones ask for when they start: where events go, and that nothing else is switched on.

use crate::browsers::OwnAddress;
use crate::problem::Problem;
use rekindle_store::shop::api_keys::Role;
use serde_json::{Value, json};

/// Longest key that is repeated, in bytes.
const MAX_KEY_LEN: usize = 100;

/// The settings for Segment's libraries: events go to `{host}/v1`, and no metrics of the library itself are sent anywhere.
pub(crate) fn of_segment(key: &str, own: &OwnAddress) -> Result<Value, Problem> {
    let key = public_key(key)?;
    let events = format!("{}/v1", own.host);
    Ok(json!({
        "integrations": { "Segment.io": { "apiKey": key, "apiHost": events, "protocol": own.scheme } },
        "plan": { "track": { "__default": { "enabled": true, "integrations": {} } } },
        "edgeFunction": {},
        "middlewareSettings": { "routingRules": [] },
        "enabledMiddleware": {},
        "metrics": { "sampleRate": 0, "host": events },
        "legacyVideoPluginsEnabled": false,
        "remotePlugins": [],
    }))
}

/// The settings for RudderStack's libraries: the source is on, has no other destination and reports nothing about itself.
pub(crate) fn of_rudderstack(key: &str) -> Result<Value, Problem> {
    let key = public_key(key)?;
    Ok(json!({
        "source": {
            "id": "rekindle",
            "name": "Rekindle",
            "writeKey": key,
            "enabled": true,
            "workspaceId": "rekindle",
            "connections": [],
            "destinations": [],
            "dataplanes": {},
            "config": { "statsCollection": { "errors": { "enabled": false }, "metrics": { "enabled": false } } },
        },
    }))
}

/// A key that may stand in pages. A secret one is refused: a page that starts a library with it has published it.
fn public_key(key: &str) -> Result<&str, Problem> {
    let is_well_formed =
        key.len() <= MAX_KEY_LEN && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_well_formed && key.starts_with(Role::Public.prefix()) {
        return Ok(key);
    }
    let is_secret = [Role::Write, Role::Admin].iter().any(|role| key.starts_with(role.prefix()));
    Err(if is_secret { Problem::secret_key_in_page() } else { Problem::no_public_key() })
}

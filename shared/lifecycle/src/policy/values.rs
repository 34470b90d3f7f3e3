//! A policy as the engine stores it: the values of the shop's text, without its comments.
//!
//! A text is parsed once, when it is stored, by the call that can answer with its mistakes. Functions that decide and send
//! read the values, so they contain no TOML parser.

use super::error::PolicyError;
use super::file::PolicyFile;
use super::policy::Policy;
use super::text;
use crate::rules::channel_table::is_given_by_code;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::LazyLock;

/// The values that a shop's text sets, table by table; none for what it leaves out, so that a default that gets better with a
/// new version of the engine gets better for this shop too.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyValues(Value);

/// What `build.rs` made of the default policy.
static DEFAULT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/policy.json"))).expect("build.rs writes JSON")
});

impl PolicyValues {
    /// The values of a text that is a policy without mistake.
    ///
    /// # Errors
    /// Says where the first mistake is and what would be right.
    pub fn from_text(text: &str) -> Result<Self, PolicyError> {
        text::parse(text)?;
        text::values(text).map(Self)
    }

    /// The policy that has these values, and the default ones where there are none. What is beyond a limit, because it was stored
    /// before there was one, is left out, and the policy says so.
    ///
    /// # Errors
    /// They are of no policy of this version of the engine.
    pub fn policy(self) -> Result<Policy, PolicyError> {
        let whole = completed(self.0, &DEFAULT);
        let file = PolicyFile::deserialize(whole).map_err(|error| PolicyError::Malformed(error.to_string()))?;
        let beyond_limit = file.check_limits().err();
        Ok(Policy { beyond_limit, ..file.within_limits().try_into()? })
    }
}

/// The values, with the default ones put in where some are missing.
fn completed(own: Value, default: &Value) -> Value {
    match (own, default) {
        (Value::Null, default) => default.clone(),
        (Value::Object(mut own), Value::Object(default)) => {
            for (key, default) in default {
                if is_given_by_code(key, |code| own.contains_key(code)) {
                    continue;
                }
                let value = own.remove(key).unwrap_or_default();
                own.insert(key.clone(), completed(value, default));
            }
            Value::Object(own)
        }
        (own, _) => own,
    }
}

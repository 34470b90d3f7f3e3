//! Events without a meaning of their own.

use super::context::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Anything that a shop reports and no rule knows: kept for the timeline, changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherEvent {
    /// The event's name as the shop gave it, at most 128 characters.
    pub name: String,
    /// What it said, within bounds; none of it is null.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
    /// Under which circumstances.
    #[serde(default, skip_serializing_if = "Context::is_empty")]
    pub context: Context,
}

impl OtherEvent {
    /// An event of which only the name is known.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

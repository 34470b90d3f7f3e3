//! What an id is to the customer whom it belongs to.

use crate::id::CustomerId;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What an id is to the customer whom it belongs to. Empty for a customer with one id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The main id, under which the facts of this one are counted. Nothing is decided under this one then.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub joined_to: Option<CustomerId>,
    /// The other ids whose facts are counted here.
    #[serde(rename = "m", skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<CustomerId>,
    /// When it turned out that several people stand behind the id. Nothing is counted and decided under it any more.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub shared_since: Option<Timestamp>,
}

impl Standing {
    /// Whether this is a customer with one id.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

//! Where a consent that a shop reports comes from.

use crate::channel::Channel;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a shop says about a consent beside yes or no. It is kept as evidence and decides nothing: a consent counts from the
/// instant of the fact that reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEvidence {
    /// The channel.
    pub channel: Channel,
    /// The path of the field in the event, such as `traits.emailOptOut`.
    pub field: String,
    /// Where the customer was asked, in the shop's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When the customer answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// How the answer was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<OptInLevel>,
    /// The wording that the customer agreed to or refused, or its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<String>,
}

crate::stored_codes! {
    /// How a consent was confirmed.
    pub enum OptInLevel {
        /// The customer said yes once.
        Single = "single",
        /// The customer confirmed it, by a link in a mail for example.
        Double = "double",
    }
}

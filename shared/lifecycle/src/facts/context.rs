//! Under which circumstances an event happened.

use serde::{Deserialize, Serialize};

/// Under which circumstances an event happened, as far as it says so. Stored with short keys: every event has one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// The address of the page.
    #[serde(rename = "u", skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The title of the page.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The page before it.
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The campaign that led to the shop.
    #[serde(rename = "c", skip_serializing_if = "Campaign::is_empty")]
    pub campaign: Campaign,
    /// The language and region of the browser or app, as it names them.
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The kind of device, as the library names it: `mobile`, `tablet`, `ios`.
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// A campaign, as the parameters `utm_source`, `utm_medium` and `utm_campaign` name it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Campaign {
    /// Where the customer came from.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// By what kind of advertisement or message.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    /// The name of the campaign.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Context {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Campaign {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

//! What a shop decides about a connection.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a shop decides about a connection. Everything has a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The shop's address for customers, `https://shop.example`: product pages are below it. Without one, of Shopify the
    /// `myshopify.com` address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storefront: Option<String>,
    /// Fields in which plug-ins store that a customer agreed to marketing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consent_fields: Vec<ConsentField>,
    /// Whether Shopify's `buyer_accepts_marketing` of an order from the online shop is a consent. It has no time, no wording and no
    /// level, and the consent topics say the same better; so it is none by default.
    pub checkout_box_is_consent: bool,
    /// Meanings of statuses that plug-ins add, without `wc-`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub statuses: BTreeMap<String, StatusMeaning>,
    /// Names of the order fields that hold a customer's language, besides those that are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub language_fields: Vec<String>,
    /// Names of the order attributes that hold the `anonymousId` of a tracking library.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub anonymous_id_fields: Vec<String>,
    /// Whether Stripe's refunds are read from `refund.created` and `refund.updated` instead of `charge.refunded`. Only one of the two is
    /// read, because nothing shows that they tell the same refund. Those of charges name the customer.
    pub stripe_refund_objects: bool,
}

/// A field of an order in which a plug-in stores a consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentField {
    /// Its name.
    pub key: String,
    /// The values that mean yes, in any case. All others say nothing: a box that was not ticked withdraws nothing.
    pub yes: Vec<String>,
    /// What was agreed to.
    #[serde(default)]
    pub channel: ConsentChannel,
}

/// A channel that a consent is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentChannel {
    /// E-mail.
    #[default]
    Email,
    /// Text messages.
    Sms,
}

/// What an order's status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusMeaning {
    /// Nobody ordered yet: a basket that the shop system keeps as an order.
    Draft,
    /// Ordered, not paid.
    Pending,
    /// Paid.
    Paid,
    /// Called off.
    Cancelled,
}

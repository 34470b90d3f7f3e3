//! Klaviyo's exports of profiles: a list, a segment, and the suppressed ones.

use super::{Kind, Preset};
use crate::columns::Field;

const NOTES: &[&str] = &[
    "NEVER_SUBSCRIBED says nothing: such people neither agreed nor refused",
    "a suppression becomes a refusal of e-mail; bounces and complaints may be listed with POST /v1/suppressions as well",
    "lists, segments, flows, campaigns, templates, forms, custom properties, predicted values and locations do not come over: who \
     gets a message follows from orders, and consent is per channel, not per list",
    "people without a first order are kept as customers without orders",
];

pub(super) const PROFILES: Preset = Preset {
    name: "klaviyo",
    title: "Klaviyo's export of profiles",
    kind: Kind::Customers,
    recognised_by: &["Email", "Klaviyo ID", "Email Marketing Consent"],
    columns: &[
        ("Email", Field::Email),
        ("Phone Number", Field::Phone),
        ("First Name", Field::FirstName),
        ("Last Name", Field::LastName),
        ("Locale", Field::Language),
        ("Email Marketing Consent", Field::EmailConsent),
        ("Email Marketing Consent Timestamp", Field::EmailConsentAt),
        ("SMS Marketing Consent", Field::SmsConsent),
        ("SMS Marketing Consent Timestamp", Field::SmsConsentAt),
        ("Email Suppressions", Field::Suppression),
        ("Email Suppressions Timestamp", Field::SuppressedAt),
        ("External ID", Field::CustomerId),
    ],
    zone: Some("UTC"),
    notes: NOTES,
    ..Preset::DEFAULT
};

pub(super) const SUPPRESSIONS: Preset = Preset {
    title: "Klaviyo's export of suppressed profiles",
    recognised_by: &["Email", "Suppression Reason"],
    columns: &[
        ("Email", Field::Email),
        ("Suppression Reason", Field::Suppression),
        ("Reason", Field::Suppression),
        ("Suppression Timestamp", Field::SuppressedAt),
        ("Suppressed At", Field::SuppressedAt),
        ("Timestamp", Field::SuppressedAt),
    ],
    ..PROFILES
};

//! Shopify's export of customers.

use super::{Kind, Preset};
use crate::columns::Field;

pub(super) const CUSTOMERS: Preset = Preset {
    name: "shopify",
    title: "Shopify's export of customers",
    kind: Kind::Customers,
    recognised_by: &["Accepts Email Marketing", "Total Spent", "Total Orders"],
    columns: &[
        ("Email", Field::Email),
        ("Phone", Field::Phone),
        ("Default Address Phone", Field::Phone),
        ("First Name", Field::FirstName),
        ("Last Name", Field::LastName),
        ("Accepts Email Marketing", Field::EmailConsent),
        ("Accepts SMS Marketing", Field::SmsConsent),
    ],
    has_decimal_point: true,
    notes: &[
        "customers are known by e-mail address or phone number, as in the export of orders",
        "addresses, tags, notes, sums and counts are not taken: the engine counts orders itself",
    ],
    ..Preset::DEFAULT
};

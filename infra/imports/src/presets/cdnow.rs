//! The CDNOW data set of Fader and Hardie.

use super::Preset;
use crate::columns::Field;

pub(super) const ORDERS: Preset = Preset {
    name: "cdnow",
    title: "the CDNOW data set",
    columns: &[
        ("customer_id", Field::CustomerId),
        ("order_id", Field::OrderId),
        ("ordered_at", Field::OrderedAt),
        ("amount", Field::Amount),
        ("email", Field::Email),
    ],
    currency: Some("USD"),
    has_decimal_point: true,
    keeps_other_columns: true,
    ..Preset::DEFAULT
};

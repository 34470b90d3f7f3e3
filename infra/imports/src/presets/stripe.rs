//! Stripe's export of payments.

use super::Preset;
use crate::columns::Field;
use crate::values::OrderState;

pub(super) const PAYMENTS: Preset = Preset {
    name: "stripe",
    title: "Stripe's export of payments",
    recognised_by: &["id", "Created date (UTC)", "Amount", "Amount Refunded", "Status"],
    columns: &[
        ("id", Field::OrderId),
        ("Created date (UTC)", Field::OrderedAt),
        ("Amount", Field::Amount),
        ("Amount Refunded", Field::RefundedAmount),
        ("Refunded date (UTC)", Field::RefundedAt),
        ("Currency", Field::Currency),
        ("Status", Field::Status),
        ("Customer ID", Field::CustomerId),
        ("Customer Email", Field::Email),
        ("Customer Phone", Field::Phone),
    ],
    statuses: &[
        ("requires_capture", OrderState::Pending),
        ("requires_payment_method", OrderState::Pending),
        ("requires_action", OrderState::Pending),
        ("requires_confirmation", OrderState::Pending),
        ("uncaptured", OrderState::Pending),
        ("blocked", OrderState::Cancelled),
        ("disputed", OrderState::Completed),
        ("early fraud warning", OrderState::Completed),
    ],
    zone: Some("UTC"),
    has_decimal_point: true,
    amount_is_of_order: true,
    notes: &[
        "each payment is an order of its own: the export has neither products nor shipping",
        "fees and converted amounts are not taken",
    ],
    ..Preset::DEFAULT
};

//! The data set of Olist, a Brazilian marketplace: orders, with amounts and customers in files beside it.

use super::Preset;
use crate::columns::Field;
use crate::values::OrderState;

pub(super) const ORDERS: Preset = Preset {
    name: "olist",
    title: "the orders of Olist's data set",
    recognised_by: &["order_id", "customer_id", "order_status", "order_purchase_timestamp"],
    columns: &[
        ("order_id", Field::OrderId),
        ("customer_id", Field::CustomerId),
        ("order_status", Field::Status),
        ("order_purchase_timestamp", Field::OrderedAt),
        ("payment_value", Field::Amount),
    ],
    statuses: &[
        ("created", OrderState::Pending),
        ("approved", OrderState::Completed),
        ("invoiced", OrderState::Completed),
        ("unavailable", OrderState::Cancelled),
    ],
    zone: Some("America/Sao_Paulo"),
    currency: Some("BRL"),
    has_decimal_point: true,
    amount_is_of_order: true,
    notes: &["amounts are the sums of payments; products, sellers and reviews are not taken"],
    ..Preset::DEFAULT
};

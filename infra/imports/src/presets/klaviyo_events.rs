//! Klaviyo's events, one row each: what its API and warehouse exports call metric, time and value.

use super::{Kind, Preset};
use crate::columns::Field;

pub(super) const EVENTS: Preset = Preset {
    name: "klaviyo",
    title: "Klaviyo's events",
    kind: Kind::Events,
    recognised_by: &["Metric", "Timestamp", "Email"],
    columns: &[
        ("Metric", Field::Event),
        ("Metric Name", Field::Event),
        ("Event", Field::Event),
        ("Timestamp", Field::EventAt),
        ("Datetime", Field::EventAt),
        ("Event Date", Field::EventAt),
        ("Email", Field::Email),
        ("Profile Email", Field::Email),
        ("Phone Number", Field::Phone),
        ("External ID", Field::CustomerId),
        ("Event ID", Field::EventId),
        ("$event_id", Field::EventId),
        ("Order ID", Field::OrderId),
        ("OrderId", Field::OrderId),
        ("Value", Field::Amount),
        ("$value", Field::Amount),
        ("Currency", Field::Currency),
        ("$currency_code", Field::Currency),
        ("Product ID", Field::ProductId),
        ("ProductID", Field::ProductId),
        ("Product Name", Field::ProductName),
        ("ProductName", Field::ProductName),
        ("SKU", Field::Sku),
    ],
    zone: Some("UTC"),
    has_decimal_point: true,
    amount_is_of_order: true,
    notes: &[
        "Placed Order, Cancelled Order, Refunded Order, Started Checkout, Viewed Product and Added to Cart come over",
        "mails and texts that were received, opened or clicked do not come over, nor do lists, flows and forms; Ordered Product and \
         Fulfilled Order repeat what Placed Order says",
        "an order's time, value and id come over; its lines only as far as columns name them",
    ],
    ..Preset::DEFAULT
};

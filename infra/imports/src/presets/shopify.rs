//! Shopify's export of orders: one row for each line, the order's own cells on its first row only.

use super::Preset;
use crate::columns::Field;

pub(super) const ORDERS: Preset = Preset {
    name: "shopify",
    title: "Shopify's export of orders",
    recognised_by: &["Name", "Financial Status", "Lineitem quantity", "Lineitem name", "Created at"],
    columns: &[
        ("Id", Field::OrderId),
        ("Name", Field::OrderName),
        ("Created at", Field::OrderedAt),
        ("Financial Status", Field::Status),
        ("Currency", Field::Currency),
        ("Total", Field::Amount),
        ("Subtotal", Field::Subtotal),
        ("Shipping", Field::Shipping),
        ("Taxes", Field::Tax),
        ("Discount Code", Field::Coupon),
        ("Discount Amount", Field::Discount),
        ("Refunded Amount", Field::RefundedAmount),
        ("Cancelled at", Field::CancelledAt),
        ("Email", Field::Email),
        ("Phone", Field::Phone),
        ("Billing Phone", Field::Phone),
        ("Shipping Phone", Field::Phone),
        ("Billing Name", Field::Name),
        ("Shipping Name", Field::Name),
        ("Lineitem quantity", Field::Quantity),
        ("Lineitem name", Field::ProductName),
        ("Lineitem price", Field::UnitPrice),
        ("Lineitem sku", Field::Sku),
        ("Lineitem discount", Field::LineDiscount),
        ("Vendor", Field::Brand),
    ],
    has_decimal_point: true,
    amount_is_of_order: true,
    notes: &[
        "the export has no ids of customers: they are known by e-mail address or phone number",
        "when money went back is not in the export: a refund counts at the time of its order, or of its cancellation",
        "\"Accepts Marketing\" is not taken: the export says neither when nor how consent was given. The export of customers with \
         --consent-statement brings it over",
        "orders are known by their ids, as in Shopify's webhooks; where the export has none, by their names (#1001)",
        "connect webhooks after the import: they name each refund, the export only how much went back in all",
    ],
    ..Preset::DEFAULT
};

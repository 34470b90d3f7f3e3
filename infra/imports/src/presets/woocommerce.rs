//! Exports of WooCommerce's orders, which plug-ins write.

use super::Preset;
use crate::columns::Field;

const NOTES: &[&str] = &["a customer_id of 0 is a guest, known by e-mail address or phone number"];

/// Order Export of WebToffee: one row for each order, with columns for each line.
pub(super) const WEBTOFFEE: Preset = Preset {
    name: "woocommerce",
    title: "WooCommerce's orders (WebToffee)",
    recognised_by: &["order_id", "order_number", "order_total", "order_currency", "billing_email"],
    columns: &[
        ("order_id", Field::OrderId),
        ("order_date", Field::OrderedAt),
        ("status", Field::Status),
        ("order_total", Field::Amount),
        ("order_subtotal", Field::Subtotal),
        ("shipping_total", Field::Shipping),
        ("tax_total", Field::Tax),
        ("discount_total", Field::Discount),
        ("order_currency", Field::Currency),
        ("customer_id", Field::CustomerId),
        ("billing_email", Field::Email),
        ("billing_phone", Field::Phone),
        ("billing_first_name", Field::FirstName),
        ("billing_last_name", Field::LastName),
    ],
    amount_is_of_order: true,
    notes: NOTES,
    ..Preset::DEFAULT
};

/// The older form: a line in one column.
pub(super) const OLDER: Preset = Preset {
    recognised_by: &["order_id", "order_number", "order_total", "order_currency", "customer_email", "customer_user"],
    title: "WooCommerce's orders (Order/Customer CSV Export)",
    columns: &[
        ("order_id", Field::OrderId),
        ("order_date", Field::OrderedAt),
        ("status", Field::Status),
        ("order_total", Field::Amount),
        ("shipping_total", Field::Shipping),
        ("tax_total", Field::Tax),
        ("discount_total", Field::Discount),
        ("order_currency", Field::Currency),
        ("customer_id", Field::CustomerId),
        ("customer_user", Field::CustomerId),
        ("customer_email", Field::Email),
        ("billing_email", Field::Email),
        ("billing_phone", Field::Phone),
        ("billing_first_name", Field::FirstName),
        ("billing_last_name", Field::LastName),
    ],
    ..WEBTOFFEE
};

/// Advanced Order Export: names in words, one row for each order or for each line.
pub(super) const ADVANCED: Preset = Preset {
    recognised_by: &["Order Number", "Order Status", "Order Date", "Order Total Amount"],
    title: "WooCommerce's orders (Advanced Order Export)",
    columns: &[
        ("Order Number", Field::OrderId),
        ("Order ID", Field::OrderId),
        ("Order Date", Field::OrderedAt),
        ("Order Status", Field::Status),
        ("Order Total Amount", Field::Amount),
        ("Order Subtotal Amount", Field::Subtotal),
        ("Order Shipping Amount", Field::Shipping),
        ("Order Total Tax Amount", Field::Tax),
        ("Cart Discount Amount", Field::Discount),
        ("Order Refund Amount", Field::RefundedAmount),
        ("Coupon Code", Field::Coupon),
        ("Currency", Field::Currency),
        ("Customer User ID", Field::CustomerId),
        ("Customer ID", Field::CustomerId),
        ("Email (Billing)", Field::Email),
        ("Phone (Billing)", Field::Phone),
        ("First Name (Billing)", Field::FirstName),
        ("Last Name (Billing)", Field::LastName),
        ("Product ID", Field::ProductId),
        ("SKU", Field::Sku),
        ("Item Name", Field::ProductName),
        ("Quantity", Field::Quantity),
        ("Quantity (- Refund)", Field::Quantity),
        ("Item Cost", Field::UnitPrice),
    ],
    ..WEBTOFFEE
};

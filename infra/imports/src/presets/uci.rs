//! The *Online Retail* data sets of the UCI Machine Learning Repository: one row for each line.

use super::Preset;
use crate::columns::Field;

const NOTES: &[&str] = &[
    "invoices whose number begins with C are credit notes: they become refunds, but do not say of which order",
    "rows without a customer are rejected: the data set has no addresses",
];

pub(super) const LINES: Preset = Preset {
    name: "uci",
    title: "the UCI data set Online Retail",
    recognised_by: &["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"],
    columns: &[
        ("InvoiceNo", Field::OrderId),
        ("InvoiceDate", Field::OrderedAt),
        ("CustomerID", Field::CustomerId),
        ("StockCode", Field::Sku),
        ("Description", Field::ProductName),
        ("Quantity", Field::Quantity),
        ("UnitPrice", Field::UnitPrice),
    ],
    zone: Some("Europe/London"),
    currency: Some("GBP"),
    has_decimal_point: true,
    notes: NOTES,
    ..Preset::DEFAULT
};

pub(super) const LINES_II: Preset = Preset {
    title: "the UCI data set Online Retail II",
    recognised_by: &["Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Customer ID"],
    columns: &[
        ("Invoice", Field::OrderId),
        ("InvoiceDate", Field::OrderedAt),
        ("Customer ID", Field::CustomerId),
        ("StockCode", Field::Sku),
        ("Description", Field::ProductName),
        ("Quantity", Field::Quantity),
        ("Price", Field::UnitPrice),
    ],
    ..LINES
};

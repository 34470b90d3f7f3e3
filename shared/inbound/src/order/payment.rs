//! Whether an order is paid, in the words of many shop systems.

use super::sources::Sources;
use serde_json::Value;

/// What an event says about the payment of its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payment {
    Paid,
    /// Not yet.
    Open,
    /// Called off, or given back.
    Undone,
}

const PAID: &[&str] = &[
    "paid",
    "completed",
    "complete",
    "captured",
    "succeeded",
    "success",
    "successful",
    "settled",
    "processing",
    "paymentreceived",
    "partiallyrefunded",
    "fullycharged",
    "charged",
    "yes",
    "true",
];
const OPEN: &[&str] = &[
    "pending",
    "unpaid",
    "notpaid",
    "awaitingpayment",
    "awaiting",
    "onhold",
    "paymentpending",
    "pendingpayment",
    "failed",
    "declined",
    "draft",
    "checkoutdraft",
    "due",
    "pastdue",
    "overdue",
    "incomplete",
    "requirespayment",
    "requirespaymentmethod",
    "requiresaction",
    "notcharged",
    "abandoned",
    "no",
    "false",
];
const UNDONE: &[&str] =
    &["cancelled", "canceled", "voided", "void", "refunded", "fullyrefunded", "rejected", "expired", "trash"];

/// What the fields about the payment say.
pub(super) fn of_payment(sources: &Sources<'_>) -> Option<Payment> {
    let status = ["paymentstatus", "financialstatus", "paymentstate", "displayfinancialstatus", "ispaid", "paid"];
    status.iter().find_map(|name| read(sources.find(&[name])?.value))
}

/// What the order's status says, which may be about its delivery as well.
pub(super) fn of_status(sources: &Sources<'_>) -> Option<Payment> {
    ["orderstatus", "status", "orderstate"].iter().find_map(|name| read(sources.find(&[name])?.value))
}

fn read(value: &Value) -> Option<Payment> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        _ => return None,
    };
    let letters = super::name::letters(text.trim().strip_prefix("wc-").unwrap_or(text));
    let is_in = |words: &[&str]| words.contains(&letters.as_str());
    if is_in(PAID) {
        Some(Payment::Paid)
    } else if is_in(OPEN) {
        Some(Payment::Open)
    } else if is_in(UNDONE) {
        Some(Payment::Undone)
    } else {
        None
    }
}

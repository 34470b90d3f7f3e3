//! Facts about orders.

use super::context::Context;
use super::lines::Lines;
use crate::id::{OrderId, short_digest};
use crate::money::{Currency, Money};
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

crate::stored_codes! {
    /// How far an order has come. A later status outranks an earlier one whatever the order of arrival.
    pub enum OrderStatus {
        /// Placed, not paid: does not count yet.
        Pending = "pending",
        /// Paid for.
        Completed = "completed",
        /// Changed after completion; the newest change has the amount that counts.
        Updated = "updated",
        /// Called off: does not count.
        Cancelled = "cancelled",
    }
}

/// An order reached a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// The order.
    pub order_id: OrderId,
    /// The status it reached.
    pub status: OrderStatus,
    /// What the customer paid in all. Absent on a cancellation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The coupon the customer used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    /// The referral code the customer came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral_code: Option<String>,
    /// A digest of the name and the postcode it is shipped to (see [`ship_to_digest`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<String>,
    /// What else was said about it. Customers' items do not hold it.
    #[serde(rename = "d", default, skip_serializing_if = "OrderDetails::is_empty")]
    pub details: OrderDetails,
}

/// What an order says beside its amount. Stored with short keys; amounts are in minor units of the order's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderDetails {
    /// When it was placed, where the report is of another moment.
    #[serde(rename = "at", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub ordered_at: Option<Timestamp>,
    /// Its currency, where no amount says it.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What shipping cost.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub shipping: Option<i64>,
    /// The tax.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub tax: Option<i64>,
    /// The discount on all of it.
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    pub discount: Option<i64>,
    /// What was bought.
    #[serde(rename = "l", skip_serializing_if = "Lines::is_empty")]
    pub lines: Lines,
    /// Under which circumstances.
    #[serde(rename = "x", skip_serializing_if = "Context::is_empty")]
    pub context: Context,
}

impl OrderDetails {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl OrderEvent {
    /// An order of which only the status and the amount are known.
    #[must_use]
    pub fn new(order_id: OrderId, status: OrderStatus, amount: Option<Money>) -> Self {
        let details = OrderDetails::default();
        Self { order_id, status, amount, coupon: None, referral_code: None, ship_to: None, details }
    }

    /// When the order was placed, as far as a report of `reported_at` knows: never after the report.
    #[must_use]
    pub fn ordered_at(&self, reported_at: Timestamp) -> Timestamp {
        self.details.ordered_at.map_or(reported_at, |at| at.min(reported_at))
    }

    /// The currency of its amounts.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.amount.map(|amount| amount.currency).or(self.details.currency)
    }
}

/// Money of an order went back to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundEvent {
    /// The order.
    pub order_id: OrderId,
    /// How much went back; absent means everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The amount's currency was not said: it is that of the order, and the one that stands here only while the order is unknown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub currency_assumed: bool,
    /// What went back.
    #[serde(rename = "l", default, skip_serializing_if = "Lines::is_empty")]
    pub lines: Lines,
}

impl RefundEvent {
    /// A refund of which only the amount is known; none means everything.
    #[must_use]
    pub fn new(order_id: OrderId, amount: Option<Money>) -> Self {
        Self { order_id, amount, currency_assumed: false, lines: Lines::default() }
    }
}

/// The digest of a name and a postcode that orders are shipped to: upper and lower case, spaces and punctuation do not
/// matter. Nothing without a postcode, and nothing of a postcode alone.
#[must_use]
pub fn ship_to_digest(name: &str, postcode: &str) -> Option<String> {
    let plain =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let (name, postcode) = (plain(name), plain(postcode));
    (!name.is_empty() && !postcode.is_empty()).then(|| short_digest(&["ship to", &name, &postcode], 10))
}

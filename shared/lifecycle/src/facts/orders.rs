//! Facts about orders.

use crate::id::{OrderId, short_digest};
use crate::money::Money;
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
}

/// Money of an order went back to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundEvent {
    /// The order.
    pub order_id: OrderId,
    /// How much went back; absent means everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
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

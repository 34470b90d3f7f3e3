//! An order of a file.

use crate::history::RowError;
use crate::values::OrderState;
use jiff::Timestamp;
use rekindle_lifecycle::id::{CustomerId, OrderId};
use rekindle_lifecycle::money::Currency;
use serde_json::{Map, Value};

/// An order, or a report of one, with all of its rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    /// The line of the file on which it begins.
    pub(crate) line: u64,
    /// How many rows it has.
    pub(crate) rows: u64,
    pub(crate) customer_id: Option<CustomerId>,
    pub(crate) order_id: OrderId,
    pub(crate) ordered_at: Timestamp,
    pub(crate) state: OrderState,
    /// In major units of the currency, never negative.
    pub(crate) amount: String,
    /// `None` is the shop's own.
    pub(crate) currency: Option<Currency>,
    /// What went back; `None` of a refunded order is everything.
    pub(crate) refunded: Option<String>,
    pub(crate) refunded_at: Option<Timestamp>,
    pub(crate) cancelled_at: Option<Timestamp>,
    /// A credit note: money went back of an order that is not named.
    pub(crate) is_credit_note: bool,
    pub(crate) facts: Map<String, Value>,
    pub(crate) products: Vec<Value>,
    pub(crate) traits: Map<String, Value>,
    pub(crate) others: Map<String, Value>,
    pub(crate) warnings: Vec<RowError>,
}

impl Order {
    /// Who ordered, in one word: the customer's id, or what a guest is known by.
    pub(crate) fn who(&self) -> String {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let known_by = || ["email", "phone"].into_iter().find_map(|name| self.traits.get(name)).map(text);
        self.customer_id.as_ref().map(ToString::to_string).or_else(known_by).unwrap_or_default()
    }
}

//! What a delivery means.

use crate::product::{Product, StockLevel};
use jiff::Timestamp;
use serde_json::Value;
use std::fmt;

/// What a delivery means, and what distinguishes it from others.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The same for every repetition of the delivery, and for no other: what is known under it needs not be read again.
    pub delivery_id: Option<String>,
    /// What the sender says that happened, in its own words: `orders/updated`.
    pub topic: String,
    /// The state that the body shows. Of two bodies about one object the one with the later version is newer, whichever arrived first.
    pub version: Option<Timestamp>,
    /// What it becomes.
    pub outcome: Outcome,
    /// Fields that were left out, with the reason. The rest counts.
    pub warnings: Vec<FieldError>,
}

/// What a delivery becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Events in the form of `POST /v1/track` and `/v1/identify`. One that names no customer belongs to the one who placed its order
    /// ([`crate::owner`]).
    Events(Vec<Value>),
    /// Products of the catalogue.
    Products(Vec<Product>),
    /// How much of something is in stock.
    Stock(Vec<StockLevel>),
    /// A person's request about their data.
    Person(PersonRequest),
    /// Something about the shop as a whole.
    Shop(ShopRequest),
    /// A test of the connection, of a payment or an order. Nothing is counted; the text says what kind of test it is.
    Test(String),
    /// Nothing to do, and why.
    Ignored(String),
    /// It cannot be read: which field, and why.
    Refused(FieldError),
}

/// A person's request about their data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRequest {
    /// What is asked for.
    pub kind: PersonRequestKind,
    /// The shop system's id of the customer.
    pub customer_id: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their phone number.
    pub phone: Option<String>,
    /// The orders that the request names.
    pub orders: Vec<String>,
}

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonRequestKind {
    /// To be erased.
    Erasure,
    /// A copy of their data.
    Copy,
}

/// Something about the shop as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShopRequest {
    /// All data that came from this shop system has to be erased.
    Erasure,
    /// The shop disconnected: nothing more will come.
    Disconnected,
}

/// What is wrong with a field, in words for the shop's people. The reason is the predicate of a sentence about the field, and holds no
/// address and no number of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct FieldError {
    /// The path of the field in the body; empty if it is about the body as a whole.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = if self.field.is_empty() { "the body" } else { &self.field };
        write!(f, "{field} {}", self.reason)
    }
}

impl Outcome {
    /// Dates events that have no time of their own by that of the delivery, so that they have the same whenever it is read.
    pub(crate) fn dated(mut self, received_at: Timestamp) -> Self {
        if let Self::Events(events) = &mut self {
            for event in events.iter_mut().filter_map(Value::as_object_mut) {
                event.entry("timestamp").or_insert_with(|| received_at.to_string().into());
            }
        }
        self
    }

    pub(crate) fn ignored(reason: impl Into<String>) -> Self {
        Self::Ignored(reason.into())
    }

    pub(crate) fn test(what: impl Into<String>) -> Self {
        Self::Test(what.into())
    }

    pub(crate) fn refused(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Refused(FieldError::new(field, reason))
    }
}

//! What functions ask of each other through queues: small, and free of personal data but for the
//! customer's id.

use crate::keys::CustomerKey;
use rekindle_lifecycle::id::MessageId;
use serde::{Deserialize, Serialize};

/// Look at a customer now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvanceWork {
    /// The customer, as `{shop}#{customer}`.
    pub customer: String,
    /// Fold the whole history again: a fact may not have been taken in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recount: bool,
}

/// Send a message, or find out what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendWork {
    /// The customer, as `{shop}#{customer}`.
    pub customer: String,
    /// The message.
    pub message: String,
}

impl AdvanceWork {
    /// Work on a customer.
    #[must_use]
    pub fn on(customer: &CustomerKey) -> Self {
        Self { customer: customer.pk(), recount: false }
    }

    /// The customer, if the text is a key.
    #[must_use]
    pub fn customer(&self) -> Option<CustomerKey> {
        CustomerKey::parse(&self.customer)
    }
}

impl SendWork {
    /// Work on a message of a customer.
    #[must_use]
    pub fn on(customer: &CustomerKey, message: &MessageId) -> Self {
        Self { customer: customer.pk(), message: message.to_string() }
    }

    /// The customer and the message, if the texts are their keys.
    #[must_use]
    pub fn keys(&self) -> Option<(CustomerKey, MessageId)> {
        Some((CustomerKey::parse(&self.customer)?, MessageId::parse(&self.message).ok()?))
    }
}

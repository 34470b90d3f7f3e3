//! The messages of the queues between functions: small, and without personal data except the customer's id.

use crate::table::keys::CustomerKey;
use jiff::Timestamp;
use rekindle_lifecycle::id::MessageId;
use rekindle_platform::Work;
use serde::{Deserialize, Serialize};

/// Advance a customer now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvanceWork {
    /// The customer, as `{shop}#{customer}`.
    pub customer: String,
    /// Recount from the whole history: a fact may not have been folded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recount: bool,
}

/// Send a message, or find out its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendWork {
    /// The customer, as `{shop}#{customer}`.
    pub customer: String,
    /// The message.
    pub message: String,
    /// Since when it waits in line under a limit of its shop, if it does. Only `send` reads this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_line_since: Option<Timestamp>,
}

/// Read what a shop system delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryWork {
    /// The shop.
    pub shop: String,
    /// The digest by which the delivery is stored.
    pub delivery: String,
    /// Since when it is listed as waiting; nothing if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Timestamp>,
    /// Read it again, though it was read before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

/// The shop of a piece of work as it is on a queue, or nothing of what is none.
#[must_use]
pub fn shop_of(body: &str) -> String {
    #[derive(Deserialize)]
    struct Body {
        customer: String,
    }
    let customer = serde_json::from_str(body).map_or_else(|_| String::new(), |Body { customer }| customer);
    shop_in(&customer).unwrap_or_default().to_owned()
}

fn shop_in(customer: &str) -> Option<&str> {
    customer.split_once('#').map(|(shop, _)| shop).filter(|shop| !shop.is_empty())
}

impl Work for AdvanceWork {
    fn shop(&self) -> Option<&str> {
        shop_in(&self.customer)
    }
}

impl Work for SendWork {
    fn shop(&self) -> Option<&str> {
        shop_in(&self.customer)
    }
}

impl Work for DeliveryWork {
    fn shop(&self) -> Option<&str> {
        Some(&self.shop)
    }
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
        Self { customer: customer.pk(), message: message.to_string(), in_line_since: None }
    }

    /// The customer and the message, if the texts are their keys.
    #[must_use]
    pub fn keys(&self) -> Option<(CustomerKey, MessageId)> {
        Some((CustomerKey::parse(&self.customer)?, MessageId::parse(&self.message).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn waiting_work_is_readable_by_a_version_without_waiting_lines_and_other_work_is_written_as_before() {
        let fresh = SendWork { customer: "vinyl#anna".to_owned(), message: "m1".to_owned(), in_line_since: None };
        let before = json!({ "customer": "vinyl#anna", "message": "m1" });
        assert_eq!(json!(fresh), before);
        assert_eq!(serde_json::from_value::<SendWork>(before).expect("work"), fresh);
        let waited = SendWork { in_line_since: Some(Timestamp::UNIX_EPOCH), ..fresh };
        assert_eq!(serde_json::from_value::<SendWork>(json!(waited)).expect("work"), waited);
        // A version without waiting lines sees one unknown attribute, as this version does here.
        let unknown = json!({ "customer": "vinyl#anna", "message": "m1", "unknown": 7 });
        assert!(serde_json::from_value::<SendWork>(unknown).is_ok());
    }
}

//! Facts about customers who refer others.

use crate::contact::{EmailAddress, PhoneNumber};
use crate::id::{CustomerId, short_digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The customer came to the shop with another customer's referral code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    /// The code, as [`crate::short_code::normalise`] writes it.
    pub code: String,
}

/// What the referrer's side learns of a friend's order. It holds no personal data: everything about the friend is a
/// digest that can only be compared, within this referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referred {
    /// The referrer's code.
    pub code: String,
    /// The friend.
    pub friend: String,
    /// When the friend ordered.
    pub ordered_at: Timestamp,
    /// Whether the order counts; once it does not, it never counts again.
    pub counts: bool,
    /// What the friend can be recognised by.
    pub marks: Marks,
}

/// What a person can be recognised by, as digests made for one referral code.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// The e-mail address, without what providers ignore in it.
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The phone number.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Name and postcode that orders are shipped to.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<String>,
    /// The customer's id at the shop.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
}

impl Marks {
    /// Returns what a person can be recognised by, as digests that can be compared within one referral code only.
    #[must_use]
    pub fn for_code(
        code: &str,
        customer: &CustomerId,
        email: Option<&EmailAddress>,
        phone: Option<&PhoneNumber>,
        ship_to: Option<&str>,
    ) -> Self {
        let digest = |kind: &str, text: &str| short_digest(&["mark", code, kind, text], 10);
        Self {
            email: email.map(|address| digest("email", &normalised_address(address))),
            phone: phone.map(|number| digest("phone", number.as_str())),
            ship_to: ship_to.map(|text| digest("ship_to", text)),
            customer: Some(digest("customer", customer.as_str())),
        }
    }

    /// Adds what another report of the same friend says; of two values the larger holds, whatever the order.
    pub fn join(&mut self, other: Self) {
        fn later(own: &mut Option<String>, other: Option<String>) {
            *own = std::mem::take(own).max(other);
        }
        later(&mut self.email, other.email);
        later(&mut self.phone, other.phone);
        later(&mut self.ship_to, other.ship_to);
        later(&mut self.customer, other.customer);
    }
}

/// An address without what providers ignore in it, so that one mailbox is one text: letter case, what follows a plus
/// sign in the local part, and Gmail's dots.
fn normalised_address(address: &EmailAddress) -> String {
    let address = address.as_str().to_lowercase();
    let (local, domain) = address.rsplit_once('@').unwrap_or((&address, ""));
    let local = local.split('+').next().unwrap_or_default();
    let domain = if domain == "googlemail.com" { "gmail.com" } else { domain };
    if domain == "gmail.com" { format!("{}@{domain}", local.replace('.', "")) } else { format!("{local}@{domain}") }
}

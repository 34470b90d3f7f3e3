//! What a customer's id stands for.

use crate::contact::Address;
use crate::id::{CustomerId, IdError};

/// Beginning of the ids of browsers and devices without a customer id.
const DEVICE: &str = "anonymous:";
/// Beginning of the ids of guests who gave an e-mail address.
const EMAIL_GUEST: &str = "guest:e:";
/// Beginning of the ids of guests who gave a phone number only.
const PHONE_GUEST: &str = "guest:p:";
/// Length of the fingerprint in a guest's id.
const FINGERPRINT_LEN: usize = 26;

/// What a customer's id stands for. The order is that of preference: of several ids of one customer, the smallest of the first
/// kind is the main one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdKind {
    /// A customer, as the shop names them.
    Shop,
    /// Whoever has this e-mail address: an order without a customer's id.
    EmailGuest,
    /// Whoever has this phone number: an order with neither id nor e-mail address.
    PhoneGuest,
    /// A browser or device.
    Device,
}

impl IdKind {
    /// The kind of an id. Only an id of exactly the engine's form is a guest's: a shop may have ids that look similar.
    #[must_use]
    pub fn from_id(id: &CustomerId) -> Self {
        let id = id.as_str();
        let is_guest = |prefix| id.strip_prefix(prefix).is_some_and(is_fingerprint);
        if id.starts_with(DEVICE) {
            Self::Device
        } else if is_guest(EMAIL_GUEST) {
            Self::EmailGuest
        } else if is_guest(PHONE_GUEST) {
            Self::PhoneGuest
        } else {
            Self::Shop
        }
    }
}

/// The id of the guest with an address, by the fingerprint of the address.
///
/// # Errors
/// The text is no fingerprint.
pub fn guest_with(address: &Address, fingerprint: &str) -> Result<CustomerId, IdError> {
    match address {
        Address::Email(_) => email_guest(fingerprint),
        Address::Phone(_) => phone_guest(fingerprint),
    }
}

/// The id of a guest with an e-mail address, by the keyed fingerprint of the address, which reveals nothing of it.
///
/// # Errors
/// The text is no fingerprint.
pub fn email_guest(fingerprint: &str) -> Result<CustomerId, IdError> {
    guest(EMAIL_GUEST, fingerprint)
}

/// The id of a guest with a phone number, by its keyed fingerprint.
///
/// # Errors
/// The text is no fingerprint.
pub fn phone_guest(fingerprint: &str) -> Result<CustomerId, IdError> {
    guest(PHONE_GUEST, fingerprint)
}

fn guest(prefix: &str, fingerprint: &str) -> Result<CustomerId, IdError> {
    if is_fingerprint(fingerprint) {
        CustomerId::parse(&format!("{prefix}{fingerprint}"))
    } else {
        Err(IdError::NotASlug)
    }
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == FINGERPRINT_LEN && text.bytes().all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte))
}

/// The id of a browser or device, as the shop names it.
///
/// # Errors
/// The name is too long for an id, or no id.
pub fn device(name: &str) -> Result<CustomerId, IdError> {
    CustomerId::parse(&format!("{DEVICE}{}", CustomerId::parse(name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_exactly_the_engines_form_are_guests() {
        let kind = |text: &str| IdKind::from_id(&CustomerId::parse(text).expect("an id"));
        let fingerprint = "abcdefghijklmnopqrstuvwx23";
        assert_eq!(IdKind::from_id(&email_guest(fingerprint).expect("an id")), IdKind::EmailGuest);
        assert_eq!(IdKind::from_id(&phone_guest(fingerprint).expect("an id")), IdKind::PhoneGuest);
        assert_eq!(IdKind::from_id(&device("d1").expect("an id")), IdKind::Device);
        for text in ["42", "guest", "guest:1", "guest:e:1", "guest:e:ABCDEFGHIJKLMNOPQRSTUVWX23"] {
            assert_eq!(kind(text), IdKind::Shop, "{text}");
        }
        assert!(email_guest("anna@example.com").is_err(), "an address is no fingerprint");
    }
}

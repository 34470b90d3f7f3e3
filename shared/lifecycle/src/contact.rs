//! Where a customer can be reached: e-mail addresses and phone numbers, parsed once, at the boundary.

use crate::id::short_digest;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text is not an address or a number. Never contains the text itself, so that it can be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// Not of the form `name@domain.tld`.
    #[error("is not an e-mail address")]
    NotAnAddress,
    /// Not a number in E.164 form.
    #[error("is not a phone number in international form, such as +442071838750")]
    NotAPhoneNumber,
    /// The channel has no addresses.
    #[error("is no address, because the channel has none")]
    NoAddresses,
}

/// What an address on a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressKind {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// None: the shop's people find a way.
    None,
}

/// An address of either kind. `Debug` and logs never show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// An e-mail address.
    Email(EmailAddress),
    /// A phone number.
    Phone(PhoneNumber),
}

impl AddressKind {
    /// Accepts an address of this kind, as [`EmailAddress::parse`] and [`PhoneNumber::parse`] do.
    ///
    /// # Errors
    /// The text is not such an address, or there are none of this kind.
    pub fn parse(self, text: &str) -> Result<Address, ContactError> {
        match self {
            Self::Email => EmailAddress::parse(text).map(Address::Email),
            Self::Phone => PhoneNumber::parse(text).map(Address::Phone),
            Self::None => Err(ContactError::NoAddresses),
        }
    }
}

impl Address {
    /// The address. Not for logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Phone(number) => number.as_str(),
        }
    }

    /// A digest by which facts of a customer name one of their addresses: 13 characters, the same for upper and lower case.
    /// It hides the address from readers of a fact, not from somebody who guesses it.
    #[must_use]
    pub fn digest(&self) -> String {
        short_digest(&["address", &self.as_str().to_lowercase()], 13)
    }
}

/// An e-mail address that a provider would accept. `Debug` and logs never show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Accepts the addresses people have: a dot-atom local part of at most 64 bytes (RFC 5321 4.5.3.1)
    /// and a domain of two or more labels, 254 bytes in all. The domain is lower-cased. Quoted local
    /// parts and address literals, which no customer has, are refused, and with them every character
    /// that could end a header.
    ///
    /// # Errors
    /// The text is not such an address.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(ContactError::NotAnAddress)?;
        let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && local.chars().all(atom)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let domain_ok = domain.contains('.') && domain.split('.').all(label);
        if local_ok && domain_ok && text.len() <= 254 {
            Ok(Self(format!("{local}@{}", domain.to_lowercase())))
        } else {
            Err(ContactError::NotAnAddress)
        }
    }

    /// The address. Not for logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A phone number in E.164 form. `Debug` and logs never show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Accepts a plus sign and 8 to 15 digits of which the first is not zero (ITU-T E.164), after
    /// dropping the spaces, dots, hyphens and brackets that people put between them. A zero in brackets, which is not dialled
    /// from abroad, is refused: only a numbering plan tells what it means, and what shops send is read with one before
    /// (`shared/inbound`).
    ///
    /// # Errors
    /// The text is not such a number; a national number without its country code is not.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        if text.contains("(0") {
            return Err(ContactError::NotAPhoneNumber);
        }
        let compact: String = text.trim().chars().filter(|c| !" .-()\u{a0}".contains(*c)).collect();
        let digits = compact.strip_prefix('+').ok_or(ContactError::NotAPhoneNumber)?;
        let valid =
            (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if valid { Ok(Self(compact)) } else { Err(ContactError::NotAPhoneNumber) }
    }

    /// The number. Not for logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! private_text {
    ($name:ident, $shown:literal) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($shown)
            }
        }
        impl TryFrom<String> for $name {
            type Error = ContactError;
            fn try_from(text: String) -> Result<Self, ContactError> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(contact: $name) -> String {
                contact.0
            }
        }
    };
}

private_text!(EmailAddress, "<e-mail address>");
private_text!(PhoneNumber, "<phone number>");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_have_are_accepted_and_all_else_is_refused() {
        for text in ["anna@example.com", " o'neil+tag@mail.example.co.uk ", "анна@пример.рф", "A_b@EXAMPLE.com"]
        {
            assert!(EmailAddress::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "anna",
            "@example.com",
            "a@b",
            "a b@example.com",
            "a@example..com",
            "a..b@example.com",
            "a@-x.com",
            "x@example.com\r\nBcc: y@example.com",
            "a@[127.0.0.1]",
            "\"a\"@example.com",
            "a\u{0}@example.com",
        ] {
            assert_eq!(EmailAddress::parse(text), Err(ContactError::NotAnAddress), "{text:?}");
        }
        assert!(EmailAddress::parse(&format!("{}@example.com", "x".repeat(65))).is_err());
    }

    #[test]
    fn numbers_are_kept_in_e164_form() {
        assert_eq!(PhoneNumber::parse("+44 (20) 7183-8750").map(String::from), Ok("+442071838750".to_owned()));
        for text in [
            "",
            "+",
            "02071838750",
            "+0123456789",
            "+12345",
            "+1234567890123456",
            "+44 20 CALL",
            "hello",
            "+44 (0)20 7183 8750",
        ] {
            assert_eq!(PhoneNumber::parse(text), Err(ContactError::NotAPhoneNumber), "{text:?}");
        }
    }

    #[test]
    fn debug_output_shows_neither_address_nor_number() {
        let shown = format!("{:?}{:?}", EmailAddress::parse("anna@example.com"), PhoneNumber::parse("+442071838750"));
        assert!(!shown.contains("anna") && !shown.contains("4420"), "{shown}");
    }
}

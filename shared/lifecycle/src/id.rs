//! Identities: of shops, customers, orders and messages.

use base32ct::{Base32Unpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Why a text is not an identity. The message is the predicate of a sentence: put the field's name in
/// front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing, or only white space.
    #[error("must not be empty")]
    Empty,
    /// More bytes than a key can hold.
    #[error("is {length} bytes long; at most {limit} are allowed")]
    TooLong {
        /// Length found, in bytes.
        length: usize,
        /// Longest length allowed, in bytes.
        limit: usize,
    },
    /// A line break, NUL or another control character.
    #[error("contains a control character")]
    ControlCharacter,
    /// A shop id that is not lower-case letters, digits and hyphens.
    #[error("may contain only lower-case letters, digits and hyphens")]
    NotASlug,
}

fn check(text: &str, limit: usize) -> Result<(), IdError> {
    if text.trim().is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > limit {
        return Err(IdError::TooLong { length: text.len(), limit });
    }
    if text.chars().any(char::is_control) {
        return Err(IdError::ControlCharacter);
    }
    Ok(())
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $limit:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Longest identity accepted, in bytes.
            pub const LIMIT: usize = $limit;

            /// Accepts 1 to [`Self::LIMIT`] bytes without control characters, trimmed of white space.
            ///
            /// # Errors
            /// Says what is wrong with the text.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let text = text.trim();
                check(text, Self::LIMIT)?;
                Ok(Self(text.to_owned()))
            }

            /// The identity as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A customer, as the shop names them. At most 256 bytes, so that a key with it stays a valid key.
    CustomerId,
    256
);
text_id!(
    /// An order, as the shop names it.
    OrderId,
    128
);

/// A shop: the tenant everything else belongs to. Lower-case letters, digits and hyphens, so that it
/// can lead a key without being mistaken for what follows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShopId(String);

impl ShopId {
    /// Accepts 1 to 64 characters of `a-z`, `0-9` and `-`.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check(text, 64)?;
        let slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.chars().all(slug) { Ok(Self(text.to_owned())) } else { Err(IdError::NotASlug) }
    }

    /// The identity as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ShopId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<ShopId> for String {
    fn from(id: ShopId) -> String {
        id.0
    }
}

impl fmt::Display for ShopId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A message's identity: a hash of what the message is for, so that the same decision taken twice
/// makes the same message, and the second one is refused by the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// The identity of the message of one step of one run of a journey, on one channel:
    /// 26 characters of `a-z2-7` (128 bits).
    #[must_use]
    pub fn derive(shop: &ShopId, customer: &CustomerId, journey: &str, run: &str, step: &str, channel: &str) -> Self {
        let digest = hash(&["message", shop.as_str(), customer.as_str(), journey, run, step, channel]);
        Self(Base32Unpadded::encode_string(&digest[..16]))
    }

    /// Parses an identity that came back from outside (a provider's tag, a queue).
    ///
    /// # Errors
    /// The text cannot be one that [`MessageId::derive`] made.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check(text, 26)?;
        let known = |c: char| c.is_ascii_lowercase() || ('2'..='7').contains(&c);
        if text.len() == 26 && text.chars().all(known) { Ok(Self(text.to_owned())) } else { Err(IdError::NotASlug) }
    }

    /// The 26 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 over the parts, each with its length in front, so that no two lists of parts collide by
/// moving a boundary.
#[must_use]
pub fn hash(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// A number in `0.0..1.0` that is always the same for the same parts: what a random draw would be,
/// without the randomness. Uses 53 bits of [`hash`].
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "53 bits are exactly what a double holds")]
pub fn fraction(parts: &[&str]) -> f64 {
    let digest = hash(parts);
    let mut first = [0_u8; 8];
    first.copy_from_slice(&digest[..8]);
    (u64::from_be_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Eight characters that stand for a run of a journey in what is noted of reactions to its messages.
#[must_use]
pub fn run_digest(journey: &str, run: &str) -> String {
    short_digest(&["run", journey, run], 8)
}

/// The first `characters` characters of a text's hash in lower-case base 32.
#[must_use]
pub fn short_digest(parts: &[&str], characters: usize) -> String {
    let mut text = Base32Unpadded::encode_string(&hash(parts));
    text.truncate(characters);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_id_is_refused_when_empty_too_long_or_with_control_characters() {
        assert_eq!(CustomerId::parse("  "), Err(IdError::Empty));
        assert_eq!(CustomerId::parse(&"x".repeat(300)), Err(IdError::TooLong { length: 300, limit: 256 }));
        assert_eq!(CustomerId::parse("a\u{0}b"), Err(IdError::ControlCharacter));
        assert_eq!(CustomerId::parse(" анна#1 ").map(String::from), Ok("анна#1".to_owned()));
    }

    #[test]
    fn a_shop_id_cannot_contain_the_separator_of_keys() {
        assert_eq!(ShopId::parse("a#b"), Err(IdError::NotASlug));
        let shop = ShopId::parse("vinyl-2").expect("a valid id");
        assert_eq!((shop.as_str(), shop.to_string().as_str()), ("vinyl-2", "vinyl-2"));
        assert_eq!(String::from(shop), "vinyl-2");
    }

    #[test]
    fn a_message_id_depends_on_every_part_and_on_where_the_parts_end() {
        let shop = ShopId::parse("s").expect("a valid id");
        let customer = CustomerId::parse("c").expect("a valid id");
        let id = |run, step| MessageId::derive(&shop, &customer, "welcome", run, step, "email");
        assert_eq!(id("1", "thanks"), id("1", "thanks"));
        assert_ne!(id("1", "thanks"), id("2", "thanks"));
        assert_ne!(id("1t", "hanks"), id("1", "thanks"));
        let other = ShopId::parse("t").expect("a valid id");
        assert_ne!(MessageId::derive(&other, &customer, "welcome", "1", "thanks", "email"), id("1", "thanks"));
        assert_eq!(MessageId::parse(id("1", "thanks").as_str()), Ok(id("1", "thanks")));
    }

    #[test]
    fn only_a_well_formed_text_is_a_message_id() {
        let id = MessageId::parse("abcdefghijklmnopqrstuv2345").expect("26 characters of a-z2-7");
        assert_eq!(id.to_string(), "abcdefghijklmnopqrstuv2345");
        for text in ["", "abc", "abcdefghijklmnopqrstuv234", "ABCDEFGHIJKLMNOPQRSTUV2345", "abcdefghijklmnopqrstuv2348"]
        {
            assert!(MessageId::parse(text).is_err(), "{text}");
        }
        assert_eq!(MessageId::parse(&"a".repeat(27)), Err(IdError::TooLong { length: 27, limit: 26 }));
    }

    #[test]
    fn fractions_spread_evenly() {
        let below = (0..10_000).filter(|n| fraction(&["holdout", &n.to_string()]) < 0.05).count();
        assert!((400..600).contains(&below), "{below} of 10,000 lie below 0.05");
    }
}

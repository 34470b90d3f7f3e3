//! The sealed tokens in the links of a message: for which customer they are, and what they may do.
//!
//! A token is sealed, not only signed: a shop may name its customers by e-mail address, and nothing of
//! that may be readable in a link that is forwarded or logged. The cipher is AES-SIV (RFC 5297), whose
//! nonce is a MAC of the content: no random numbers, and the same claims make the same link, so a
//! message that is rendered twice is the same message.
//!
//! Whether a token is genuine is decided by the cipher, which compares the 16 bytes of its tag in constant time (`CtOutput`): how
//! long a refusal takes tells nothing about how much of a guess was right. What is compared before that (length, version, key
//! id) is no secret, and everything after it is known to be ours.
//!
//! Bytes before base 64: version, key id, 16 bytes of synthetic nonce, ciphertext. Version, key id and
//! purpose are authenticated with the content.
//!
//! Programs that make links of a text take a sign at the end of an address for punctuation. So no token ends in `-` or `_`: there
//! are several versions, which differ in nothing but the byte, and a token is sealed in the first one that gives it another
//! last sign. What such a program adds behind a token is ignored, and a `-` or `_` that it cut from a link of earlier days is found
//! again.

use crate::key_ring::{KeyRing, Secret};
use aes_siv::{KeyInit as _, siv::Aes128Siv};
use base32ct::{Base32Unpadded, Encoding as _};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac as _};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use sha2::Sha256;
use std::fmt;

/// What a link is for. A token for one purpose opens for no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkPurpose {
    /// Stops messages. Never expires: the law wants it to work for long, and people keep mail for longer.
    Unsubscribe,
    /// The page where a customer chooses what to receive. Never expires.
    Preferences,
    /// Answers the NPS question; carries the score that was clicked. Valid for 60 days.
    Nps,
    /// Says yes to a channel (double opt-in). Valid for 30 days.
    Confirm,
}

impl LinkPurpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [Self::Unsubscribe, Self::Preferences, Self::Nps, Self::Confirm];

    /// How long a link of this purpose is valid; without an answer, for ever.
    #[must_use]
    pub fn valid_for(self) -> Option<SignedDuration> {
        match self {
            Self::Unsubscribe | Self::Preferences => None,
            Self::Nps => Some(SignedDuration::from_hours(60 * 24)),
            Self::Confirm => Some(SignedDuration::from_hours(30 * 24)),
        }
    }

    /// Part of every key's derivation: changing one of these ends all links of that purpose.
    fn label(self) -> &'static [u8] {
        match self {
            Self::Unsubscribe => b"unsubscribe",
            Self::Preferences => b"preferences",
            Self::Nps => b"nps",
            Self::Confirm => b"confirm",
        }
    }
}

/// What a token says. It cannot be read or changed without the key. `Debug` leaves out the customer, whose id may be an
/// address.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkClaims {
    /// The shop that the message came from.
    pub shop: ShopId,
    /// The customer that the message was for.
    pub customer: CustomerId,
    /// The message that the link is in.
    pub message: MessageId,
    /// The score of the link, 0 to 10. Only [`LinkPurpose::Nps`] carries it; for the other
    /// purposes it is not sealed and is `None` when opened.
    pub score: Option<u8>,
}

impl fmt::Debug for LinkClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("LinkClaims");
        shown.field("shop", &self.shop).field("message", &self.message).field("score", &self.score);
        shown.finish_non_exhaustive()
    }
}

/// Why a token does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not of the form of a token: cut off, or never one.
    #[error("the link is incomplete; open it from the message again")]
    Malformed,
    /// Sealed with a key that the ring does not have (any more).
    #[error("the link was sealed with a key that is no longer kept")]
    UnknownKey,
    /// Changed, made without the key, or made for another purpose.
    #[error("the link was changed, or is for another page")]
    Forged,
    /// Genuine, but too old.
    #[error("the link has expired")]
    Expired,
}

/// The versions in the order in which they are tried. One in 32 tokens of a suitable length ends in a sign that is cut, whatever
/// its version, so that eight fail together once in a million million times.
const VERSIONS: std::ops::RangeInclusive<u8> = 1..=8;
/// The signs of base 64 that programs do not take as the end of a link.
const CUT_SIGNS: [char; 2] = ['-', '_'];
const HEADER_BYTES: usize = 2;
const TAG_BYTES: usize = 16;
/// The longest that [`KeyRing::seal`] makes is 513 characters: a 64-byte shop and a 256-byte customer.
const MAX_TOKEN_LEN: usize = 600;
const NO_SCORE: u8 = u8::MAX;
/// Set in the byte with the shop's length when the message id is kept as text.
const TEXT_MESSAGE_ID: u8 = 0x80;

impl KeyRing {
    /// Makes the token for a link: about 110 characters of `A-Za-z0-9_-` when the ids are of usual
    /// length, the last of them a letter or a digit. The same arguments make the same token.
    #[must_use]
    pub fn seal(&self, purpose: LinkPurpose, claims: &LinkClaims, issued_at: Timestamp) -> String {
        let content = write(purpose, claims, issued_at);
        let mut tokens = VERSIONS.map(|version| self.seal_as(version, purpose, &content));
        let first = tokens.next().expect("there is a version");
        if !first.ends_with(CUT_SIGNS) {
            return first;
        }
        tokens.find(|token| !token.ends_with(CUT_SIGNS)).unwrap_or(first)
    }

    fn seal_as(&self, version: u8, purpose: LinkPurpose, content: &[u8]) -> String {
        let key_id = self.current_id();
        let secret = self.secret(key_id).expect("a parsed ring has its current key");
        let header = [version, key_id];
        let sealed = cipher(secret, purpose)
            .encrypt([&header[..], purpose.label()], content)
            .expect("two headers are fewer than the 126 that the cipher takes");
        Base64UrlUnpadded::encode_string(&[&header[..], &sealed].concat())
    }

    /// Opens a token made by [`KeyRing::seal`] for the same purpose, with any key of the ring. A link
    /// issued at `t` is valid while `now < t + valid_for`, in whole seconds. Everything from the first character on that no token
    /// has is ignored, and one `-` or `_` may be missing at the end.
    ///
    /// # Errors
    /// Says why the token is not valid; the claims of an expired one are not given out.
    pub fn open(&self, purpose: LinkPurpose, token: &str, now: Timestamp) -> Result<LinkClaims, TokenError> {
        let is_foreign = |c: char| !c.is_ascii_alphanumeric() && !CUT_SIGNS.contains(&c);
        let token = token.split(is_foreign).next().unwrap_or_default();
        match self.open_exactly(purpose, token, now) {
            Err(error @ (TokenError::Forged | TokenError::Malformed)) => {
                let repaired = CUT_SIGNS.map(|sign| self.open_exactly(purpose, &format!("{token}{sign}"), now));
                let genuine = |result: &Result<_, _>| matches!(result, Ok(_) | Err(TokenError::Expired));
                repaired.into_iter().find(genuine).unwrap_or(Err(error))
            }
            opened => opened,
        }
    }

    fn open_exactly(&self, purpose: LinkPurpose, token: &str, now: Timestamp) -> Result<LinkClaims, TokenError> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(TokenError::Malformed);
        }
        let bytes = Base64UrlUnpadded::decode_vec(token).map_err(|_| TokenError::Malformed)?;
        let Some((&header @ [version, key_id], sealed)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            return Err(TokenError::Malformed);
        };
        if !VERSIONS.contains(&version) || sealed.len() < TAG_BYTES {
            return Err(TokenError::Malformed);
        }
        let secret = self.secret(key_id).ok_or(TokenError::UnknownKey)?;
        let content =
            cipher(secret, purpose).decrypt([&header[..], purpose.label()], sealed).map_err(|_| TokenError::Forged)?;
        let (claims, issued_at) = parse_content(purpose, &content).ok_or(TokenError::Malformed)?;
        match (purpose.valid_for(), issued_at) {
            (Some(valid_for), Some(issued_at)) if now.as_second() >= issued_at + valid_for.as_secs() => {
                Err(TokenError::Expired)
            }
            _ => Ok(claims),
        }
    }
}

/// A key per purpose and secret. HMAC-SHA-256 gives the 32 bytes that AES-128-SIV takes as its two keys.
fn cipher(secret: &Secret, purpose: LinkPurpose) -> Aes128Siv {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).expect("HMAC takes keys of every length");
    mac.update(b"rekindle link token 1\0");
    mac.update(purpose.label());
    Aes128Siv::new(&mac.finalize().into_bytes())
}

fn write(purpose: LinkPurpose, claims: &LinkClaims, issued_at: Timestamp) -> Vec<u8> {
    let shop = claims.shop.as_str().as_bytes();
    let shop_length = u8::try_from(shop.len()).expect("a shop id has at most 64 bytes");
    let message = message_bytes(&claims.message);
    let mut content = Vec::with_capacity(64 + shop.len());
    match &message {
        Some(bytes) => {
            content.push(shop_length);
            content.extend(bytes);
        }
        None => {
            content.push(shop_length | TEXT_MESSAGE_ID);
            content.extend(claims.message.as_str().as_bytes());
        }
    }
    if purpose.valid_for().is_some() {
        // Five bytes hold every second from the year -9999 to 9999.
        content.extend(&issued_at.as_second().to_be_bytes()[3..]);
    }
    if purpose == LinkPurpose::Nps {
        content.push(claims.score.unwrap_or(NO_SCORE));
    }
    content.extend(shop);
    content.extend(claims.customer.as_str().as_bytes());
    content
}

/// The claims and the second of issue, if this purpose has one.
fn parse_content(purpose: LinkPurpose, content: &[u8]) -> Option<(LinkClaims, Option<i64>)> {
    let (&first, rest) = content.split_first()?;
    let (message, rest) = if first & TEXT_MESSAGE_ID == 0 {
        let (bytes, rest) = rest.split_first_chunk::<16>()?;
        (MessageId::parse(&Base32Unpadded::encode_string(bytes)).ok()?, rest)
    } else {
        let (text, rest) = rest.split_first_chunk::<26>()?;
        (MessageId::parse(std::str::from_utf8(text).ok()?).ok()?, rest)
    };
    let (issued_at, rest) = match purpose.valid_for() {
        Some(_) => {
            let (bytes, rest) = rest.split_first_chunk::<5>()?;
            let sign = if bytes[0] & 0x80 == 0 { 0 } else { 0xff };
            let [a, b, c, d, e] = *bytes;
            (Some(i64::from_be_bytes([sign, sign, sign, a, b, c, d, e])), rest)
        }
        None => (None, rest),
    };
    let (score, rest) = if purpose == LinkPurpose::Nps {
        let (&score, rest) = rest.split_first()?;
        (Some(score).filter(|s| *s <= 10), rest)
    } else {
        (None, rest)
    };
    let (shop, customer) = rest.split_at_checked(usize::from(first & !TEXT_MESSAGE_ID))?;
    let shop = ShopId::parse(std::str::from_utf8(shop).ok()?).ok()?;
    let customer = CustomerId::parse(std::str::from_utf8(customer).ok()?).ok()?;
    Some((LinkClaims { shop, customer, message, score }, issued_at))
}

/// The 128 bits of a message id; `None` for an id that no hash can produce.
fn message_bytes(message: &MessageId) -> Option<Vec<u8>> {
    // 26 digits hold two bits more than 16 bytes: an id with other bits there is none of a hash.
    let bytes = Base32Unpadded::decode_vec(message.as_str()).ok()?;
    (Base32Unpadded::encode_string(&bytes) == message.as_str()).then_some(bytes)
}

#[cfg(test)]
mod tests;

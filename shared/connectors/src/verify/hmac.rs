//! An HMAC in a header.

use super::error::VerifyError;
use super::key::Secret;
use super::time::check_time;
use crate::delivery::Delivery;
use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// An HMAC in a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HmacScheme {
    /// The header with the signature.
    pub header: String,
    /// The hash.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// How the signature is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// What stands before it: `sha256=`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What is signed, one after the other.
    #[serde(default = "body_alone", skip_serializing_if = "is_body_alone")]
    pub signed: Vec<SignedPart>,
    /// How the key is written; as its bytes are, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_encoding: Option<Encoding>,
    /// The header with the time of the signature, which has to be signed too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<SignedTime>,
}

/// A hash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// SHA-1, which is weak but still used.
    Sha1,
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Hexadecimal digits, in either case.
    Hex,
    /// Base64, with or without padding, also in its form for addresses.
    #[default]
    Base64,
}

/// A part of what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignedPart {
    /// The body.
    Body,
    /// The address that the sender was given.
    Url,
    /// The value of a header.
    Header(String),
    /// A text or number of the body, by its JSON pointer: `/eventId`. What is not signed may be forged: fetch the object instead of
    /// believing the body.
    Json(String),
    /// These characters.
    Text(String),
}

/// The time of a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedTime {
    /// The header with seconds since 1970.
    pub header: String,
    /// How far from the delivery it may be, in seconds.
    pub tolerance_seconds: u32,
}

fn body_alone() -> Vec<SignedPart> {
    vec![SignedPart::Body]
}

fn is_body_alone(parts: &[SignedPart]) -> bool {
    parts == [SignedPart::Body]
}

const ADVICE: &str = "check the signing key, and that nothing between the sender and here changes the body";

impl HmacScheme {
    pub(super) fn verify(&self, delivery: &Delivery<'_>, keys: &[&Secret]) -> Result<(), VerifyError> {
        let header = |name: &str| delivery.headers.get(name).ok_or_else(|| VerifyError::MissingHeader(name.to_owned()));
        let sent = header(&self.header)?;
        let malformed = || VerifyError::Malformed(self.header.clone());
        let written = strip_prefix(sent, &self.prefix).ok_or_else(malformed)?;
        let signature = self.encoding.decode(written).ok_or_else(malformed)?;
        if let Some(time) = &self.time {
            let seconds = header(&time.header)?.parse().map_err(|_| VerifyError::Malformed(time.header.clone()))?;
            check_time(seconds, delivery.received_at, time.tolerance_seconds)?;
        }
        let signed = self.signed_bytes(delivery)?;
        let parts: Vec<&[u8]> = signed.iter().map(Vec::as_slice).collect();
        for key in keys {
            let key = match self.key_encoding {
                None => key.bytes().to_vec(),
                Some(encoding) => {
                    encoding.decode(key.text()).ok_or(VerifyError::UnusableKey("is not written as it should be"))?
                }
            };
            if self.algorithm.fits(&key, &parts, &signature) {
                return Ok(());
            }
        }
        Err(VerifyError::Mismatch(ADVICE))
    }

    fn signed_bytes(&self, delivery: &Delivery<'_>) -> Result<Vec<Vec<u8>>, VerifyError> {
        let bytes = |part: &SignedPart| {
            Ok(match part {
                SignedPart::Body => delivery.body.to_vec(),
                SignedPart::Url => delivery.url.as_bytes().to_vec(),
                SignedPart::Text(text) => text.as_bytes().to_vec(),
                SignedPart::Header(name) => {
                    let value = delivery.headers.get(name).ok_or_else(|| VerifyError::MissingHeader(name.clone()))?;
                    value.as_bytes().to_vec()
                }
                SignedPart::Json(pointer) => {
                    let body: Option<Value> = serde_json::from_slice(delivery.body).ok();
                    let found = body.as_ref().and_then(|body| body.pointer(pointer));
                    let text = found.and_then(|value| match value {
                        Value::String(text) => Some(text.clone()),
                        Value::Number(number) => Some(number.to_string()),
                        _ => None,
                    });
                    text.ok_or(VerifyError::Mismatch("the body has not the part that is signed"))?.into_bytes()
                }
            })
        };
        self.signed.iter().map(bytes).collect()
    }
}

/// Drops a prefix, whose letters may be of either case.
fn strip_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

impl Algorithm {
    /// Whether a signature is that of these parts, in constant time. A shortened one is not.
    pub(super) fn fits(self, key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
        match self {
            Self::Sha1 => fits::<Hmac<Sha1>>(key, parts, signature),
            Self::Sha256 => fits::<Hmac<Sha256>>(key, parts, signature),
            Self::Sha512 => fits::<Hmac<Sha512>>(key, parts, signature),
        }
    }
}

fn fits<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return false };
    for part in parts {
        mac.update(part);
    }
    mac.verify_slice(signature).is_ok()
}

impl Encoding {
    pub(super) fn decode(self, text: &str) -> Option<Vec<u8>> {
        let text = text.trim();
        match self {
            Self::Hex => base16ct::mixed::decode_vec(text).ok(),
            Self::Base64 => Base64::decode_vec(text)
                .or_else(|_| Base64Unpadded::decode_vec(text))
                .or_else(|_| Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')))
                .ok(),
        }
    }
}

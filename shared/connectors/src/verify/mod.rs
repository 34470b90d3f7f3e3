//! Signatures of webhooks, one file a scheme.
//!
//! All are checked over the raw bytes of the body: JSON that was read and written again has others. All are compared in constant time,
//! and each takes several keys, because senders go on signing with the old one while a new one is introduced.

mod basic;
mod hmac;
mod key;
mod path_token;
mod scheme;
mod shopify;
mod standard_webhooks;
mod stripe;
mod woocommerce;

pub use hmac::{Algorithm, Encoding, HmacScheme, SignedPart, SignedTime};
pub use key::Secret;
pub use scheme::{DEFAULT_TOLERANCE_SECONDS, Scheme, VerifyError};

use sha2::{Digest as _, Sha256};

/// A digest of bytes, 32 hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes)[..16])
}

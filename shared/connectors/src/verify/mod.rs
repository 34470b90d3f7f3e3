//! Signatures of webhooks, one file a scheme.
//!
//! All are checked over the raw bytes of the body: JSON that was read and written again has others. All are compared in constant time,
//! and each takes several keys, because senders go on signing with the old one while a new one is introduced.

mod basic;
mod error;
mod hmac;
mod key;
mod path_token;
mod scheme;
mod shopify;
mod standard_webhooks;
mod stripe;
mod time;
mod woocommerce;

pub use error::VerifyError;
pub use hmac::{Algorithm, Encoding, HmacScheme, SignedPart, SignedTime};
pub use key::Secret;
pub use scheme::Scheme;
pub use time::DEFAULT_TOLERANCE_SECONDS;

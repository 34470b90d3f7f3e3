//! How a sender shows who it is.

use super::hmac::HmacScheme;
use super::key::Secret;
use super::{basic, path_token, shopify, standard_webhooks, stripe, woocommerce};
use crate::delivery::Delivery;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far the time of a signature may be from that of the delivery, either way, in seconds.
pub const DEFAULT_TOLERANCE_SECONDS: u32 = 300;

/// How a sender shows who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Scheme {
    /// `X-Shopify-Hmac-Sha256`, or `shopify-hmac-sha256` of the newer events.
    Shopify,
    /// `X-WC-Webhook-Signature`.
    Woocommerce,
    /// `Stripe-Signature`: a time and one or more signatures.
    Stripe {
        /// How old it may be, in seconds.
        #[serde(default = "default_tolerance")]
        tolerance_seconds: u32,
    },
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`, also as `svix-…` (<https://www.standardwebhooks.com>).
    StandardWebhooks {
        /// How old it may be, in seconds.
        #[serde(default = "default_tolerance")]
        tolerance_seconds: u32,
    },
    /// An HMAC in a header, over parts that are named. The address and the body are that of Square.
    Hmac(HmacScheme),
    /// A name and a password in `Authorization`. The key is `name:password`.
    Basic,
    /// A secret part of the path. The key is that part.
    PathToken,
}

fn default_tolerance() -> u32 {
    DEFAULT_TOLERANCE_SECONDS
}

/// Why a delivery is refused, in words for the shop's people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The connection has no key.
    #[error("no signing key is stored for this connection")]
    NoKey,
    /// A stored key cannot be one.
    #[error("the stored signing key {0}")]
    UnusableKey(&'static str),
    /// The request has no signature.
    #[error("the request has no header {0}")]
    MissingHeader(String),
    /// The signature cannot be read.
    #[error("the header {0} has not the form of a signature")]
    Malformed(String),
    /// Another key was used, or the body was changed on the way.
    #[error("the signature does not fit: {0}")]
    Mismatch(&'static str),
    /// The signature is from another time.
    #[error("the signature was made more than {0} seconds before or after the request came")]
    OutOfTime(u32),
}

impl Scheme {
    /// Checks a delivery. It passes if one of the keys fits.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify(&self, delivery: &Delivery<'_>, keys: &[Secret]) -> Result<(), VerifyError> {
        let keys: Vec<&Secret> = keys.iter().filter(|key| !key.text().is_empty()).collect();
        if keys.is_empty() {
            return Err(VerifyError::NoKey);
        }
        match self {
            Self::Shopify => shopify::verify(delivery, &keys),
            Self::Woocommerce => woocommerce::verify(delivery, &keys),
            Self::Stripe { tolerance_seconds } => stripe::verify(delivery, &keys, *tolerance_seconds),
            Self::StandardWebhooks { tolerance_seconds } => {
                standard_webhooks::verify(delivery, &keys, *tolerance_seconds)
            }
            Self::Hmac(scheme) => scheme.verify(delivery, &keys),
            Self::Basic => basic::verify(delivery, &keys),
            Self::PathToken => path_token::verify(delivery, &keys),
        }
    }
}

/// Refuses a signature of another time.
pub(super) fn check_time(seconds: i64, received_at: Timestamp, tolerance: u32) -> Result<(), VerifyError> {
    let out_of_time = VerifyError::OutOfTime(tolerance);
    let Ok(signed_at) = Timestamp::from_second(seconds) else { return Err(out_of_time) };
    let apart = received_at.duration_since(signed_at).abs();
    if apart > SignedDuration::from_secs(i64::from(tolerance)) { Err(out_of_time) } else { Ok(()) }
}

//! How a sender shows who it is.

use super::error::VerifyError;
use super::hmac::HmacScheme;
use super::key::Secret;
use super::time::DEFAULT_TOLERANCE_SECONDS;
use super::{basic, path_token, shopify, standard_webhooks, stripe, woocommerce};
use crate::delivery::Delivery;
use serde::{Deserialize, Serialize};

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

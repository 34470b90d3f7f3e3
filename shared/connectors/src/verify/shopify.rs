//! Shopify.

use super::error::VerifyError;
use super::hmac::{Algorithm, Encoding};
use super::key::Secret;
use crate::delivery::Delivery;

/// The header of webhooks, and that of the newer events.
const HEADERS: [&str; 2] = ["X-Shopify-Hmac-Sha256", "shopify-hmac-sha256"];

pub(super) fn verify(delivery: &Delivery<'_>, keys: &[&Secret]) -> Result<(), VerifyError> {
    let sent = delivery.headers.first(&HEADERS).ok_or_else(|| VerifyError::MissingHeader(HEADERS[0].to_owned()))?;
    let signature = Encoding::Base64.decode(sent).ok_or_else(|| VerifyError::Malformed(HEADERS[0].to_owned()))?;
    if keys.iter().any(|key| Algorithm::Sha256.fits(key.bytes(), &[delivery.body], &signature)) {
        return Ok(());
    }
    Err(VerifyError::Mismatch(
        "the key is the one below the list of webhooks in Settings > Notifications > Webhooks, not an app's client secret",
    ))
}

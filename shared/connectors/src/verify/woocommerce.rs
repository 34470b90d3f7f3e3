//! WooCommerce.

use super::error::VerifyError;
use super::hmac::{Algorithm, Encoding};
use super::key::Secret;
use crate::delivery::Delivery;

const HEADER: &str = "X-WC-Webhook-Signature";

pub(super) fn verify(delivery: &Delivery<'_>, keys: &[&Secret]) -> Result<(), VerifyError> {
    let sent = delivery.headers.get(HEADER).ok_or_else(|| VerifyError::MissingHeader(HEADER.to_owned()))?;
    let signature = Encoding::Base64.decode(sent).ok_or_else(|| VerifyError::Malformed(HEADER.to_owned()))?;
    let fits = |key: &[u8]| Algorithm::Sha256.fits(key, &[delivery.body], &signature);
    // WordPress signs with the key after `&amp;` and the like were decoded in it.
    if keys.iter().any(|key| fits(key.bytes()) || fits(html_escape::decode_html_entities(key.text()).as_bytes())) {
        return Ok(());
    }
    Err(VerifyError::Mismatch(
        "enter the same secret in WooCommerce and here, of letters and digits only; with an empty secret WooCommerce signs with a key \
         that nobody sees",
    ))
}

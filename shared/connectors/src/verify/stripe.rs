//! Stripe.

use super::error::VerifyError;
use super::hmac::{Algorithm, Encoding};
use super::key::Secret;
use super::time::check_time;
use crate::delivery::Delivery;

const HEADER: &str = "Stripe-Signature";
/// Most signatures in one header that are looked at.
const MAX_SIGNATURES: usize = 16;

pub(super) fn verify(delivery: &Delivery<'_>, keys: &[&Secret], tolerance: u32) -> Result<(), VerifyError> {
    let sent = delivery.headers.get(HEADER).ok_or_else(|| VerifyError::MissingHeader(HEADER.to_owned()))?;
    let malformed = || VerifyError::Malformed(HEADER.to_owned());
    let parts: Vec<(&str, &str)> = sent.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let time = parts.iter().find(|(name, _)| *name == "t").map(|(_, value)| *value).ok_or_else(malformed)?;
    let seconds = time.parse().map_err(|_| malformed())?;
    let signatures: Vec<Vec<u8>> = parts
        .iter()
        .filter(|(name, _)| *name == "v1")
        .filter_map(|(_, value)| Encoding::Hex.decode(value))
        .take(MAX_SIGNATURES)
        .collect();
    if signatures.is_empty() {
        return Err(malformed());
    }
    let fits = |key: &Secret| {
        let signed: [&[u8]; 3] = [time.as_bytes(), b".", delivery.body];
        signatures.iter().any(|signature| Algorithm::Sha256.fits(key.bytes(), &signed, signature))
    };
    if !keys.iter().any(|key| fits(key)) {
        return Err(VerifyError::Mismatch("the key is the signing secret of this endpoint (whsec_…), not an API key"));
    }
    // Last, so that who does not know the key learns nothing of the clock.
    check_time(seconds, delivery.received_at, tolerance)
}

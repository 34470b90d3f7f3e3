//! Standard Webhooks, which Svix, BigCommerce and others send.

use super::error::VerifyError;
use super::hmac::{Algorithm, Encoding};
use super::key::Secret;
use super::time::check_time;
use crate::delivery::Delivery;

const PREFIX: &str = "whsec_";
/// Most signatures in one header that are looked at.
const MAX_SIGNATURES: usize = 16;

pub(super) fn verify(delivery: &Delivery<'_>, keys: &[&Secret], tolerance: u32) -> Result<(), VerifyError> {
    let header = |name: &str| {
        let names = [format!("webhook-{name}"), format!("svix-{name}")];
        let found = delivery.headers.first(&[&names[0], &names[1]]);
        found.ok_or_else(|| VerifyError::MissingHeader(names[0].clone()))
    };
    let (id, time, sent) = (header("id")?, header("timestamp")?, header("signature")?);
    let seconds = time.parse().map_err(|_| VerifyError::Malformed("webhook-timestamp".to_owned()))?;
    let signatures: Vec<Vec<u8>> = sent
        .split_ascii_whitespace()
        .filter_map(|entry| entry.strip_prefix("v1,"))
        .filter_map(|signature| Encoding::Base64.decode(signature))
        .take(MAX_SIGNATURES)
        .collect();
    let signed: [&[u8]; 5] = [id.as_bytes(), b".", time.as_bytes(), b".", delivery.body];
    for key in keys {
        let written = key.text().strip_prefix(PREFIX).unwrap_or(key.text());
        if written.is_empty() {
            return Err(VerifyError::UnusableKey("is empty"));
        }
        // Not all who sign like this write their keys in Base64: BigCommerce takes the bytes of its client secret.
        let keys = [Encoding::Base64.decode(written), Some(key.bytes().to_vec())];
        let fits = |key: &Vec<u8>| signatures.iter().any(|signature| Algorithm::Sha256.fits(key, &signed, signature));
        if keys.iter().flatten().any(fits) {
            // Last, so that who does not know the key learns nothing of the clock.
            return check_time(seconds, delivery.received_at, tolerance);
        }
    }
    Err(VerifyError::Mismatch("check the signing secret (whsec_…)"))
}

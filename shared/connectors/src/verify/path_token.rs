//! A secret part of the path, for senders that sign nothing.

use super::error::VerifyError;
use super::key::Secret;
use crate::delivery::Delivery;
use subtle::ConstantTimeEq as _;

pub(super) fn verify(delivery: &Delivery<'_>, keys: &[&Secret]) -> Result<(), VerifyError> {
    let mismatch = VerifyError::Mismatch("the address has not the secret part that was given to the sender");
    let Some(given) = delivery.path_token else { return Err(mismatch) };
    if keys.iter().any(|key| key.bytes().ct_eq(given.as_bytes()).into()) { Ok(()) } else { Err(mismatch) }
}

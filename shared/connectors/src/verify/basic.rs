//! A name and a password.

use super::error::VerifyError;
use super::hmac::Encoding;
use super::key::Secret;
use crate::delivery::Delivery;
use subtle::ConstantTimeEq as _;

const HEADER: &str = "Authorization";

pub(super) fn verify(delivery: &Delivery<'_>, keys: &[&Secret]) -> Result<(), VerifyError> {
    let sent = delivery.headers.get(HEADER).ok_or_else(|| VerifyError::MissingHeader(HEADER.to_owned()))?;
    let malformed = || VerifyError::Malformed(HEADER.to_owned());
    let (kind, written) = sent.split_once(' ').ok_or_else(malformed)?;
    if !kind.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let given = Encoding::Base64.decode(written).ok_or_else(malformed)?;
    if keys.iter().any(|key| key.bytes().ct_eq(&given).into()) {
        return Ok(());
    }
    Err(VerifyError::Mismatch("check the name and the password"))
}

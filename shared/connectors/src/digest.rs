//! A digest, for ids.

use sha2::{Digest as _, Sha256};

/// A digest of bytes, 32 hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes)[..16])
}

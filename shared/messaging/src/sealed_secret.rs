//! Secrets that are given to a shop by others, such as the signing key of its shop system, as they are stored: sealed, so that a reader of
//! a table or a backup has none of them.
//!
//! They are sealed with the deployment's lasting secret and not with a link key: link keys come and go, and a shop should not have to enter a
//! signing key again for that. The cipher is AES-SIV (RFC 5297), as for links. What a secret is for is authenticated with it, so that
//! one cannot be moved to another shop.
//!
//! Bytes before base 64: version, 16 bytes of synthetic nonce, ciphertext.

use crate::key_ring::{KeyRing, Secret};
use aes_siv::{KeyInit as _, siv::Aes128Siv};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// The version of the form.
const VERSION: u8 = 1;

/// Why a sealed secret does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealedSecretError {
    /// Of a later version, or no sealed secret.
    #[error("it was not sealed by this version of the engine")]
    Version,
    /// Sealed for something else, or with the keys of another deployment.
    #[error("it was sealed for something else, or the secret for fingerprints was changed; enter it again")]
    Keys,
}

impl KeyRing {
    /// Seals a secret for what the parts name. The same secret for the same purpose is sealed to the same text.
    #[must_use]
    pub fn seal_secret(&self, purpose: &[&str], secret: &str) -> String {
        let sealed = cipher(self.lasting())
            .encrypt([&[VERSION][..], &label(purpose)], secret.as_bytes())
            .expect("two headers are fewer than the 126 that the cipher takes");
        Base64UrlUnpadded::encode_string(&[&[VERSION][..], &sealed].concat())
    }

    /// Opens what [`KeyRing::seal_secret`] sealed for the same purpose.
    ///
    /// # Errors
    /// Says why it does not open; never shows any of it.
    pub fn open_secret(&self, purpose: &[&str], sealed: &str) -> Result<String, SealedSecretError> {
        let bytes = Base64UrlUnpadded::decode_vec(sealed).map_err(|_| SealedSecretError::Version)?;
        let Some((&[VERSION], sealed)) = bytes.split_first_chunk::<1>() else {
            return Err(SealedSecretError::Version);
        };
        let opened = cipher(self.lasting()).decrypt([&[VERSION][..], &label(purpose)], sealed);
        let opened = opened.map_err(|_| SealedSecretError::Keys)?;
        String::from_utf8(opened).map_err(|_| SealedSecretError::Version)
    }
}

/// The parts, so that no two lists of parts have the same label.
fn label(purpose: &[&str]) -> Vec<u8> {
    purpose.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part.as_bytes()].concat()).collect()
}

fn cipher(secret: &Secret) -> Aes128Siv {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).expect("HMAC takes keys of every length");
    mac.update(b"rekindle sealed secret 1\0");
    Aes128Siv::new(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn ring(text: &str) -> KeyRing {
        KeyRing::parse(text, Timestamp::UNIX_EPOCH).expect("a ring")
    }

    const GOOD: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn a_secret_opens_for_its_purpose_alone_and_after_link_keys_changed() {
        let before = ring(&format!(r#"{{"keys":[{{"id":1,"secret":"{GOOD}"}}]}}"#));
        let other = "-_".repeat(22);
        let after = ring(&format!(r#"{{"current":2,"keys":[{{"id":2,"secret":"{other}"}}],"fingerprints":"{GOOD}"}}"#));
        let sealed = before.seal_secret(&["vinyl", "shopify"], "shpss_1");
        assert!(!sealed.contains("shpss"), "{sealed}");
        assert_eq!(after.open_secret(&["vinyl", "shopify"], &sealed).as_deref(), Ok("shpss_1"));
        for purpose in [&["vinyl", "stripe"][..], &["vinyls", "hopify"], &["vinyl"]] {
            assert_eq!(before.open_secret(purpose, &sealed), Err(SealedSecretError::Keys), "{purpose:?}");
        }
        let stranger = ring(&format!(r#"{{"keys":[{{"id":1,"secret":"{other}"}}]}}"#));
        assert_eq!(stranger.open_secret(&["vinyl", "shopify"], &sealed), Err(SealedSecretError::Keys));
        for text in ["", "?", "AgAA", "shpss_1"] {
            assert!(before.open_secret(&["vinyl", "shopify"], text).is_err(), "{text}");
        }
    }
}

//! The keys that seal links, and the change from one key to the next.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// Why a text is not a key ring. Never contains any of the text, which holds secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// Not JSON, or JSON of another shape. Says where, not what.
    #[error(
        "the link keys are not of the form {{\"current\":1,\"keys\":[{{\"id\":1,\"secret\":\"base64\"}}]}} \
         (look at line {line}, column {column})"
    )]
    Malformed {
        /// Line of the text, from 1.
        line: usize,
        /// Column of the line, from 1.
        column: usize,
    },
    /// A secret that is not base 64.
    #[error("the secret of link key {id} is not base 64")]
    NotBase64 {
        /// The key's id.
        id: u8,
    },
    /// A secret that could be guessed.
    #[error("the secret of link key {id} has {length} bytes; make one of at least 32 random bytes")]
    TooShort {
        /// The key's id.
        id: u8,
        /// Bytes found.
        length: usize,
    },
    /// Two keys with one id.
    #[error("link key {id} is listed twice; give every key an id of its own")]
    Repeated {
        /// The key's id.
        id: u8,
    },
    /// The current key is not in the list.
    #[error("link key {id} is named as the current one but is not in the list")]
    NoCurrent {
        /// The key's id.
        id: u8,
    },
}

/// The keys of one deployment. Links are sealed with the current key; every key of the ring opens links,
/// so a retired key is kept for as long as its links are out (at least 400 days), then removed.
#[derive(Clone)]
pub struct KeyRing {
    current: u8,
    secrets: BTreeMap<u8, Secret>,
}

/// At least 32 bytes that nobody else knows.
#[derive(Clone)]
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRing {
    current: u8,
    keys: Vec<WrittenKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    id: u8,
    secret: String,
}

impl KeyRing {
    /// Fewest bytes of a secret.
    pub const SECRET_BYTES: usize = 32;

    /// Reads `{"current":2,"keys":[{"id":2,"secret":"…"},{"id":1,"secret":"…"}]}`: ids are 0 to 255,
    /// secrets are base 64 (either alphabet, with or without padding) of at least 32 bytes.
    ///
    /// # Errors
    /// Says what is wrong, naming keys by their id only.
    pub fn parse(json: &str) -> Result<Self, KeyRingError> {
        let written: WrittenRing =
            serde_json::from_str(json).map_err(|e| KeyRingError::Malformed { line: e.line(), column: e.column() })?;
        let mut secrets = BTreeMap::new();
        for WrittenKey { id, secret } in written.keys {
            let bytes = decode(&secret).ok_or(KeyRingError::NotBase64 { id })?;
            if bytes.len() < Self::SECRET_BYTES {
                return Err(KeyRingError::TooShort { id, length: bytes.len() });
            }
            if secrets.insert(id, Secret(bytes)).is_some() {
                return Err(KeyRingError::Repeated { id });
            }
        }
        if !secrets.contains_key(&written.current) {
            return Err(KeyRingError::NoCurrent { id: written.current });
        }
        Ok(Self { current: written.current, secrets })
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn current_id(&self) -> u8 {
        self.current
    }

    pub(crate) fn secret(&self, id: u8) -> Option<&Secret> {
        self.secrets.get(&id)
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    let alphabet = if text.contains(['-', '_']) { BASE64URL_NOPAD } else { BASE64_NOPAD };
    alphabet.decode(text.as_bytes()).ok()
}

/// Shows the ids, never a secret.
impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<u8> = self.secrets.keys().copied().collect();
        f.debug_struct("KeyRing").field("current", &self.current).field("ids", &ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(current: u8, keys: &[(u8, &str)]) -> Result<KeyRing, KeyRingError> {
        let keys: Vec<String> = keys.iter().map(|(id, s)| format!(r#"{{"id":{id},"secret":"{s}"}}"#)).collect();
        KeyRing::parse(&format!(r#"{{"current":{current},"keys":[{}]}}"#, keys.join(",")))
    }

    const GOOD: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn secrets_are_read_in_both_alphabets_with_and_without_padding() {
        for secret in [GOOD, GOOD.trim_end_matches('='), &"-_".repeat(22), &"+/".repeat(22)] {
            assert!(ring(1, &[(1, secret)]).is_ok(), "{secret}");
        }
    }

    #[test]
    fn a_ring_that_is_wrong_is_refused_with_the_key_named() {
        assert_eq!(ring(1, &[(1, "c2hvcnQ=")]).err(), Some(KeyRingError::TooShort { id: 1, length: 5 }));
        assert_eq!(ring(1, &[(1, "not base 64!")]).err(), Some(KeyRingError::NotBase64 { id: 1 }));
        assert_eq!(ring(2, &[(1, GOOD)]).err(), Some(KeyRingError::NoCurrent { id: 2 }));
        assert_eq!(ring(1, &[(1, GOOD), (1, GOOD)]).err(), Some(KeyRingError::Repeated { id: 1 }));
        for text in ["", "{}", "[]", "{\"current\":1}", "{\"current\":999,\"keys\":[]}"] {
            assert!(matches!(KeyRing::parse(text), Err(KeyRingError::Malformed { .. })), "{text}");
        }
    }

    #[test]
    fn neither_debug_output_nor_an_error_shows_a_secret() {
        let shown = format!("{:?}", ring(1, &[(1, GOOD)]));
        assert_eq!(shown, "Ok(KeyRing { current: 1, ids: [1], .. })");
        let wrong = KeyRing::parse(r#"{"current":1,"keys":[{"id":1,"secret":"hunter2","x":"hunter2"}]}"#);
        let error = wrong.expect_err("an unknown field is refused");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

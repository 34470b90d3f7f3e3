//! The keys that seal links, and the change from one key to the next.

use base32ct::{Base32Unpadded, Encoding as _};
use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rekindle_lifecycle::short_code;
use serde::Deserialize;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt;

/// Why a text is not a key ring. Never contains any of the text, which holds secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// Not JSON, or JSON of another shape. Says where, not what.
    #[error(
        "the link keys are not of the form {{\"keys\":[{{\"id\":1,\"secret\":\"base64\"}}]}} \
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
    /// A secret for fingerprints that is not base 64 or could be guessed.
    #[error("the secret for fingerprints must be base 64 of at least 32 random bytes")]
    Fingerprints,
    /// The current key is not in the list.
    #[error("link key {id} is named as the current one but is not in the list")]
    NoCurrent {
        /// The key's id.
        id: u8,
    },
    /// No key seals yet.
    #[error("none of the link keys seals yet: leave seals_from out of one of them")]
    NoneSeals,
}

/// The keys of one deployment. Links are sealed with the current key; every key of the ring opens links,
/// so a retired key is kept for as long as its links are out (at least 400 days), then removed.
#[derive(Clone)]
pub struct KeyRing {
    current: u8,
    secrets: BTreeMap<u8, Secret>,
    /// For what must stay the same when keys change.
    lasting: Secret,
}

/// At least 32 secret bytes.
#[derive(Clone)]
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What is stored: the keys, or, as long as there is only the one that the deployment began with, its secret alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    First(FirstSecret),
    Ring(WrittenRing),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstSecret {
    secret: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRing {
    #[serde(default)]
    current: Option<u8>,
    keys: Vec<WrittenKey>,
    #[serde(default)]
    fingerprints: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    id: u8,
    secret: String,
    #[serde(default)]
    seals_from: Option<Timestamp>,
}

impl Written {
    /// Reads either form; an error is that of the full form, whose place it names.
    fn parse(json: &str) -> Result<WrittenRing, KeyRingError> {
        match serde_json::from_str(json) {
            Ok(Self::Ring(ring)) => Ok(ring),
            Ok(Self::First(FirstSecret { secret })) => {
                let keys = vec![WrittenKey { id: 1, secret, seals_from: None }];
                Ok(WrittenRing { current: None, keys, fingerprints: None })
            }
            Err(_) => {
                serde_json::from_str(json).map_err(|e| KeyRingError::Malformed { line: e.line(), column: e.column() })
            }
        }
    }
}

impl KeyRing {
    /// Least bytes of a secret.
    pub const SECRET_BYTES: usize = 32;

    /// Reads `{"keys":[{"id":2,"secret":"…","seals_from":"2026-11-22T17:00:00Z"},{"id":1,"secret":"…"}],
    /// "fingerprints":"…"}`, or `{"secret":"…"}` for a ring of one key with the id 1: ids are 0 to 255, secrets are
    /// base 64 (either alphabet, with or without padding) of at least 32 bytes.
    ///
    /// Links are sealed with the key whose `seals_from` came last before `now`, a key without one being the oldest; of
    /// two the one with the higher id; or with the one that `"current":2` names. A new key is written with a
    /// `seals_from` a while ahead, so that every function can open its links by the time there are any.
    ///
    /// `fingerprints` is the secret of [`KeyRing::fingerprint`] and [`KeyRing::short_code`] and must never change.
    /// If there is none, it is the secret of the key with the lowest id, which must then stay in the ring.
    ///
    /// # Errors
    /// Says what is wrong, naming keys by their id only.
    pub fn parse(json: &str, now: Timestamp) -> Result<Self, KeyRingError> {
        let written = Written::parse(json)?;
        let mut secrets = BTreeMap::new();
        let mut sealing = None;
        for WrittenKey { id, secret, seals_from } in written.keys {
            let bytes = decode(&secret).ok_or(KeyRingError::NotBase64 { id })?;
            if bytes.len() < Self::SECRET_BYTES {
                return Err(KeyRingError::TooShort { id, length: bytes.len() });
            }
            if secrets.insert(id, Secret(bytes)).is_some() {
                return Err(KeyRingError::Repeated { id });
            }
            if seals_from.is_none_or(|from| from <= now) {
                sealing = sealing.max(Some((seals_from, id)));
            }
        }
        let current = written.current.or(sealing.map(|(_, id)| id)).ok_or(KeyRingError::NoneSeals)?;
        if !secrets.contains_key(&current) {
            return Err(KeyRingError::NoCurrent { id: current });
        }
        let lasting = match written.fingerprints {
            Some(secret) => {
                let bytes = decode(&secret).filter(|bytes| bytes.len() >= Self::SECRET_BYTES);
                Secret(bytes.ok_or(KeyRingError::Fingerprints)?)
            }
            None => secrets.values().next().cloned().ok_or(KeyRingError::NoneSeals)?,
        };
        Ok(Self { current, secrets, lasting })
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn current_id(&self) -> u8 {
        self.current
    }

    pub(crate) fn secret(&self, id: u8) -> Option<&Secret> {
        self.secrets.get(&id)
    }

    /// The secret for what must stay the same when keys change.
    pub(crate) fn lasting(&self) -> &Secret {
        &self.lasting
    }

    /// 26 characters in place of an address, a number or a visitor: the same text of the same kind always has the same
    /// fingerprint in this deployment, even when its link keys change. Without the secret it cannot be computed, nor the text
    /// be found by trying.
    #[must_use]
    pub fn fingerprint(&self, kind: &str, text: &str) -> String {
        Base32Unpadded::encode_string(&self.keyed("fingerprint", &[kind, text])[..16])
    }

    /// A code for people to type and read aloud (see [`short_code`]): the same parts always have the same code, and it cannot be
    /// guessed without the secret. Two lists of parts may share one, once in 27 thousand million.
    #[must_use]
    pub fn short_code(&self, parts: &[&str]) -> String {
        let mut number = [0_u8; 8];
        number.copy_from_slice(&self.keyed("short code", parts)[..8]);
        short_code::encode(u64::from_be_bytes(number))
    }

    fn keyed(&self, use_: &str, parts: &[&str]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.lasting.bytes()).expect("a key of any length will do");
        for part in [&[use_], parts].concat() {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    let is_for_urls = text.contains(['-', '_']);
    if is_for_urls { Base64UrlUnpadded::decode_vec(text) } else { Base64Unpadded::decode_vec(text) }.ok()
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
        KeyRing::parse(&format!(r#"{{"current":{current},"keys":[{}]}}"#, keys.join(",")), Timestamp::UNIX_EPOCH)
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
        for text in ["", "{}", "[]", "{\"current\":1}", "{\"secret\":7}", "{\"current\":999,\"keys\":[]}"] {
            assert!(
                matches!(KeyRing::parse(text, Timestamp::UNIX_EPOCH), Err(KeyRingError::Malformed { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn a_new_key_opens_at_once_and_seals_from_its_time_on() {
        let ring = |now: &str| {
            let text = format!(
                r#"{{"keys":[{{"id":1,"secret":"{GOOD}"}},{{"id":2,"secret":"{GOOD}","seals_from":"2026-11-22T17:00:00Z"}}]}}"#
            );
            KeyRing::parse(&text, now.parse().expect("an instant")).expect("a ring")
        };
        let before = ring("2026-11-22T16:59:59Z");
        assert_eq!((before.current_id(), before.secret(2).is_some()), (1, true));
        assert_eq!(ring("2026-11-22T17:00:00Z").current_id(), 2);
        let none_yet = format!(r#"{{"keys":[{{"id":2,"secret":"{GOOD}","seals_from":"2026-11-22T17:00:00Z"}}]}}"#);
        assert_eq!(KeyRing::parse(&none_yet, Timestamp::UNIX_EPOCH).err(), Some(KeyRingError::NoneSeals));
    }

    #[test]
    fn a_secret_alone_is_a_ring_of_one_key_and_can_be_written_out_in_full() {
        let alone = KeyRing::parse(&format!(r#"{{"secret":"{GOOD}"}}"#), Timestamp::UNIX_EPOCH).expect("a ring");
        assert_eq!(alone.current_id(), 1);
        assert_eq!(alone.fingerprint("email", "x"), ring(1, &[(1, GOOD)]).expect("a ring").fingerprint("email", "x"));
    }

    #[test]
    fn fingerprints_and_codes_stay_when_link_keys_change() {
        let before = ring(1, &[(1, GOOD)]).expect("a ring");
        let after = ring(2, &[(2, &"-_".repeat(22)), (1, GOOD)]).expect("a ring");
        assert_eq!(before.fingerprint("email", "anna@example.com"), after.fingerprint("email", "anna@example.com"));
        assert_eq!(before.short_code(&["referral", "anna"]), after.short_code(&["referral", "anna"]));
        assert!(short_code::is_valid(&after.short_code(&["referral", "anna"])));
        let text =
            format!(r#"{{"current":2,"keys":[{{"id":2,"secret":"{}"}}],"fingerprints":"{GOOD}"}}"#, "-_".repeat(22));
        let apart = KeyRing::parse(&text, Timestamp::UNIX_EPOCH).expect("a ring");
        assert_eq!(before.fingerprint("email", "x"), apart.fingerprint("email", "x"));
    }

    #[test]
    fn a_fingerprint_depends_on_the_kind_the_text_and_the_secret() {
        let one = ring(1, &[(1, GOOD)]).expect("a ring");
        let other = ring(1, &[(1, &"-_".repeat(22))]).expect("a ring");
        let known = one.fingerprint("email", "x");
        assert_eq!(known.len(), 26);
        assert_ne!(known, one.fingerprint("phone", "x"));
        assert_ne!(known, one.fingerprint("email", "y"));
        assert_ne!(known, one.fingerprint("emai", "lx"));
        assert_ne!(known, other.fingerprint("email", "x"));
    }

    #[test]
    fn neither_debug_output_nor_an_error_shows_a_secret() {
        let shown = format!("{:?}", ring(1, &[(1, GOOD)]));
        assert_eq!(shown, "Ok(KeyRing { current: 1, ids: [1], .. })");
        let wrong = KeyRing::parse(
            r#"{"current":1,"keys":[{"id":1,"secret":"hunter2","x":"hunter2"}]}"#,
            Timestamp::UNIX_EPOCH,
        );
        let error = wrong.expect_err("an unknown field is refused");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

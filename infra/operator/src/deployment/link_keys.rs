//! Adds a key to those that seal links, in the form that the functions read.
//!
//! A new key seals links only some time after it was stored, when every running function has loaded it and can open them. Old
//! keys stay, since links of years ago must open. The key of fingerprints never changes.

use base64ct::{Base64, Encoding};
use jiff::{SignedDuration, Timestamp};
use rekindle_messaging::{KeyRing, KeyRingError, READ_AGAIN};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long after it was stored a new key begins to seal. Functions load the keys again every five minutes.
pub const SEALING_DELAY: SignedDuration = SignedDuration::from_mins(15);
const _: () = assert!(SEALING_DELAY.as_secs() >= 2 * READ_AGAIN.as_secs());

/// The stored keys. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKeys(Written);

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyInfo {
    /// Its id, which is part of each link that it seals.
    pub id: u8,
    /// From when it seals; `None` for the first key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seals_from: Option<Timestamp>,
    /// Whether it seals now.
    pub seals: bool,
}

/// Why the keys cannot be rotated. The message contains no secret.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The stored text is not a key ring.
    #[error("the link keys that are stored cannot be used; `rekindle doctor` says what to do")]
    Unusable(#[from] KeyRingError),
    /// The stored form names the sealing key, and so cannot hold a later one.
    #[error(
        "the link keys that are stored name the one that seals (\"current\"); leave that out, and give the key a seals_from if there are several"
    )]
    NamesCurrent,
    /// The previous key is not in use yet.
    #[error("the key {id} was added just now and seals from {from} on; rotate again after that")]
    UnderWay {
        /// The key.
        id: u8,
        /// When it begins to seal.
        from: Timestamp,
    },
    /// Ids are one byte.
    #[error("there is no id left for another key; remove the oldest ones, if they were retired 400 days ago or more")]
    Full,
    /// The operating system returned no random bytes.
    #[error("the operating system gave no random bytes for a key")]
    NoRandomness,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current: Option<u8>,
    keys: Vec<WrittenKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprints: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct WrittenKey {
    id: u8,
    secret: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seals_from: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AnyForm {
    Ring(Written),
    First { secret: String },
}

/// A secret of 48 random bytes, in 64 characters.
///
/// # Errors
/// The operating system returned no random bytes.
pub fn new_secret() -> Result<String, RotationError> {
    use rand::TryRng;
    let mut bytes = [0_u8; 48];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(|_| RotationError::NoRandomness)?;
    Ok(Base64::encode_string(&bytes))
}

impl StoredKeys {
    /// Parses the stored text as the functions do.
    ///
    /// # Errors
    /// The functions cannot use it either.
    pub fn parse(stored: &str, now: Timestamp) -> Result<Self, RotationError> {
        KeyRing::parse(stored, now)?;
        let unreadable =
            |error: serde_json::Error| KeyRingError::Malformed { line: error.line(), column: error.column() };
        Ok(Self(match serde_json::from_str(stored).map_err(unreadable)? {
            AnyForm::Ring(ring) => ring,
            AnyForm::First { secret } => Written {
                current: None,
                keys: vec![WrittenKey { id: 1, secret, seals_from: None }],
                fingerprints: None,
            },
        }))
    }

    /// The keys without their secrets, newest first.
    #[must_use]
    pub fn infos(&self, now: Timestamp) -> Vec<KeyInfo> {
        let sealing = KeyRing::parse(&self.to_json(), now).ok().map(|ring| ring.current_id());
        let info =
            |key: &WrittenKey| KeyInfo { id: key.id, seals_from: key.seals_from, seals: sealing == Some(key.id) };
        let mut infos: Vec<_> = self.0.keys.iter().map(info).collect();
        infos.sort_by_key(|key| std::cmp::Reverse(key.id));
        infos
    }

    /// These keys and a new one, which seals after [`SEALING_DELAY`].
    ///
    /// # Errors
    /// The previous key is not in use yet, or the stored form cannot hold another key.
    pub fn rotated(&self, secret: String, now: Timestamp) -> Result<Self, RotationError> {
        if self.0.current.is_some() {
            return Err(RotationError::NamesCurrent);
        }
        if let Some((id, from)) =
            self.0.keys.iter().find_map(|key| Some((key.id, key.seals_from.filter(|from| *from > now)?)))
        {
            return Err(RotationError::UnderWay { id, from });
        }
        let newest = self.0.keys.iter().map(|key| key.id).max().unwrap_or(0);
        let id = newest.checked_add(1).ok_or(RotationError::Full)?;
        let first = self.0.keys.iter().min_by_key(|key| key.id).map(|key| key.secret.clone());
        // To the second, since people read it.
        let from = Timestamp::from_second((now + SEALING_DELAY).as_second()).unwrap_or(now);
        let mut keys = vec![WrittenKey { id, secret, seals_from: Some(from) }];
        keys.extend(self.0.keys.iter().cloned());
        Ok(Self(Written { current: None, keys, fingerprints: self.0.fingerprints.clone().or(first) }))
    }

    /// The text that functions read.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).expect("keys are plain data")
    }
}

impl fmt::Debug for StoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<u8> = self.0.keys.iter().map(|key| key.id).collect();
        f.debug_struct("StoredKeys").field("ids", &ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A secret as CloudFormation generates it.
    const GENERATED: &str = r#"{"secret":"Zq3xT7bN0mKfY5vR9wLcE2hJ8sDgA4uPiXoB6nMtQyV1rWkHzUjCeFaGdSlOpI37"}"#;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).expect("an instant")
    }

    #[test]
    fn a_rotated_ring_seals_with_the_new_key_a_quarter_of_an_hour_later_and_forgets_nothing() {
        let before = KeyRing::parse(GENERATED, at(0)).expect("a ring");
        let stored = StoredKeys::parse(GENERATED, at(0)).expect("usable");
        let rotated = stored.rotated(new_secret().expect("random"), at(0)).expect("rotated");
        let ring = |minute| KeyRing::parse(&rotated.to_json(), at(minute)).expect("a ring");
        assert_eq!([ring(0), ring(14), ring(15)].map(|ring| ring.current_id()), [1, 1, 2]);
        for after in [ring(0), ring(15)] {
            assert_eq!(before.fingerprint("email", "x"), after.fingerprint("email", "x"));
            assert_eq!(format!("{after:?}").matches("[1, 2]").count(), 1);
        }
        assert!(matches!(rotated.rotated("x".repeat(64), at(14)), Err(RotationError::UnderWay { id: 2, .. })));
        let again = StoredKeys::parse(&rotated.to_json(), at(20)).expect("usable");
        let third = again.rotated(new_secret().expect("random"), at(20)).expect("rotated");
        let infos = third.infos(at(36));
        assert_eq!(
            infos.iter().map(|key| (key.id, key.seals)).collect::<Vec<_>>(),
            [(3, true), (2, false), (1, false)]
        );
        // Even when the first key is removed one day.
        let mut left: serde_json::Value = serde_json::from_str(&third.to_json()).expect("JSON");
        let removed = left["keys"].as_array_mut().expect("a list").pop().expect("a key");
        assert_eq!(removed["id"], 1);
        let left = KeyRing::parse(&left.to_string(), at(36)).expect("a ring");
        assert_eq!(before.fingerprint("email", "x"), left.fingerprint("email", "x"));
    }

    #[test]
    fn a_ring_that_cannot_be_rotated_is_refused_and_no_secret_is_shown() {
        let secret = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
        let current = format!(r#"{{"current":1,"keys":[{{"id":1,"secret":"{secret}"}}]}}"#);
        let stored = StoredKeys::parse(&current, at(0)).expect("usable");
        assert!(matches!(stored.rotated(secret.to_owned(), at(0)), Err(RotationError::NamesCurrent)));
        let last = format!(r#"{{"keys":[{{"id":255,"secret":"{secret}"}}]}}"#);
        let stored = StoredKeys::parse(&last, at(0)).expect("usable");
        assert!(matches!(stored.rotated(secret.to_owned(), at(0)), Err(RotationError::Full)));
        assert!(StoredKeys::parse("{}", at(0)).is_err());
        assert!(!format!("{stored:?} {:?}", stored.infos(at(0))).contains(secret));
        assert!(serde_json::to_string(&stored.infos(at(0))).is_ok_and(|json| !json.contains(secret)));
    }
}

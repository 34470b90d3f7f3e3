//! Answers about API keys that a process remembers for a minute.

use crate::shop::role::KeyHolder;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long an answer about a key is remembered. A revoked key works for at most this long.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);
/// Maximum number of remembered answers.
const MAX_ANSWERS: usize = 1024;

/// Answers about keys, by the hash of the key: `None` for an unknown key.
#[derive(Default)]
pub(crate) struct KnownKeys(Mutex<HashMap<String, (Timestamp, Option<KeyHolder>)>>);

impl KnownKeys {
    pub(crate) fn recall(&self, hash: &str, now: Timestamp) -> Option<Option<KeyHolder>> {
        let known = self.lock();
        let (since, holder) = known.get(hash)?;
        is_fresh(*since, now).then(|| holder.clone())
    }

    pub(crate) fn remember(&self, hash: String, holder: Option<KeyHolder>, now: Timestamp) {
        let mut known = self.lock();
        if known.len() >= MAX_ANSWERS {
            // Guesses go first: they must not push out the keys in use.
            known.retain(|_, (since, holder)| holder.is_some() && is_fresh(*since, now));
        }
        if known.len() >= MAX_ANSWERS {
            known.clear();
        }
        known.insert(hash, (now, holder));
    }

    pub(crate) fn forget(&self, hash: &str) {
        self.lock().remove(hash);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, Option<KeyHolder>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that was set back must not keep an answer for longer.
fn is_fresh(since: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(since);
    age >= SignedDuration::ZERO && age < MAX_AGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::role::Role;
    use rekindle_lifecycle::id::ShopId;
    use rekindle_platform::KeyLimits;

    #[test]
    fn an_answer_is_forgotten_after_a_minute_and_guesses_do_not_push_out_keys_in_use() {
        let (known, start) = (KnownKeys::default(), Timestamp::UNIX_EPOCH);
        let holder = KeyHolder {
            shop: ShopId::parse("vinyl").expect("an id"),
            role: Role::Write,
            scopes: Role::Write.scopes(),
            hash: "used".to_owned(),
            limits: KeyLimits::DEFAULT,
        };
        known.remember("used".to_owned(), Some(holder), start);
        for guess in 0..3 * MAX_ANSWERS {
            known.remember(guess.to_string(), None, start);
        }
        assert!(known.lock().len() <= MAX_ANSWERS);
        let after = |seconds| known.recall("used", start + SignedDuration::from_secs(seconds));
        assert!(after(59).is_some());
        assert!(after(60).is_none() && after(-1).is_none());
    }
}

//! What was read lately, so that it need not be read for every event of a warm function.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How long a value is used before it is read again.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);

/// When a value was read, and the value.
type Read<V> = (Timestamp, Arc<V>);

/// Values by name, each used for 60 seconds after it was read. Clones share them.
#[derive(Debug)]
pub struct Remembered<V>(Arc<Mutex<HashMap<String, Read<V>>>>);

impl<V> Remembered<V> {
    /// The value of this name, if it was read less than 60 seconds before `now`.
    #[must_use]
    pub fn get(&self, name: &str, now: Timestamp) -> Option<Arc<V>> {
        let known = self.0.lock().ok()?;
        let (read_at, value) = known.get(name)?;
        let age = now.duration_since(*read_at);
        (age >= SignedDuration::ZERO && age < MAX_AGE).then(|| Arc::clone(value))
    }

    /// Remembers a value that was just read.
    pub fn put(&self, name: &str, value: V, now: Timestamp) -> Arc<V> {
        let value = Arc::new(value);
        if let Ok(mut known) = self.0.lock() {
            known.insert(name.to_owned(), (now, Arc::clone(&value)));
        }
        value
    }

    /// Forgets a value, because it was written anew.
    pub fn forget(&self, name: &str) {
        if let Ok(mut known) = self.0.lock() {
            known.remove(name);
        }
    }
}

impl<V> Default for Remembered<V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<V> Clone for Remembered<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_used_for_a_minute_and_not_before_it_was_read() {
        let second = |number| Timestamp::from_second(number).expect("an instant");
        let remembered = Remembered::default();
        remembered.put("shop", 7, second(100));
        let at = |number| remembered.get("shop", second(number)).map(|value| *value);
        assert_eq!((at(100), at(159), at(160), at(99)), (Some(7), Some(7), None, None));
        remembered.forget("shop");
        assert_eq!(at(100), None);
    }
}

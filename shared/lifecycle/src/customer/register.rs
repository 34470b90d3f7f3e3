//! A last-writer-wins register: of two values the later one holds, whatever the order of arrival.

use jiff::fmt::serde::timestamp::millisecond;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A value and the instant at which it was reported. Joining registers is commutative, associative and idempotent;
/// of two values of the same instant the larger holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register<T> {
    /// The value.
    #[serde(rename = "v")]
    pub value: T,
    /// When it was reported.
    #[serde(rename = "t", with = "millisecond::required")]
    pub at: Timestamp,
}

/// The short form in which registers are stored side by side: most were reported together, at the latest
/// instant of all, and are then stored as the value alone; an older one has its age beside it, in milliseconds.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Stored<T> {
    Latest(T),
    Older(T, i64),
}

impl<T> Register<T> {
    pub(super) fn stored(self, latest: Timestamp) -> Stored<T> {
        match latest.as_millisecond() - self.at.as_millisecond() {
            0 => Stored::Latest(self.value),
            age => Stored::Older(self.value, age),
        }
    }
}

impl<T> Stored<T> {
    pub(super) fn into_register(self, latest: Timestamp) -> Register<T> {
        let (value, age) = match self {
            Self::Latest(value) => (value, 0),
            Self::Older(value, age) => (value, age),
        };
        Register { value, at: latest.saturating_sub(SignedDuration::from_millis(age)).unwrap_or(latest) }
    }
}

/// Puts a value into a register that may be empty, unless a later one is there.
pub(super) fn apply<T: Ord>(register: &mut Option<Register<T>>, value: T, at: Timestamp) {
    let newer = register.as_ref().is_none_or(|held| (held.at, &held.value) < (at, &value));
    if newer {
        *register = Some(Register { value, at });
    }
}

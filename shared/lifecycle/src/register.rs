//! A last-writer-wins register: of two values the one said later holds, whatever the order of arrival.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A value and the instant it was said. Joining registers is commutative, associative and idempotent;
/// of two values said at the same instant the larger holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register<T> {
    /// The value.
    #[serde(rename = "v")]
    pub value: T,
    /// When it was said.
    #[serde(rename = "t", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
}

/// Puts a value into a register that may be empty, if it was said later than what is there.
pub fn hear<T: Ord>(register: &mut Option<Register<T>>, value: T, at: Timestamp) {
    let newer = register.as_ref().is_none_or(|held| (held.at, &held.value) < (at, &value));
    if newer {
        *register = Some(Register { value, at });
    }
}

//! A value with the time of its last change.

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// A value and since when it is known. Stored as a list of the value and the seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Register<T> {
    pub(crate) value: T,
    /// When it was first seen with this value, to the second.
    pub(crate) at: Timestamp,
}

/// Changes a register to a value that was true at an instant, unless a later one is known. Returns whether it has another
/// value now. The same value later changes nothing: what is known must not be written again.
pub(crate) fn change<T: PartialEq + Ord>(register: &mut Option<Register<T>>, value: T, at: Timestamp) -> bool {
    let at = to_the_second(at);
    let is_newer = match register {
        None => true,
        // Of two values of one second the greater one holds, so that their order does not matter.
        Some(known) => known.value != value && (known.at, &known.value) < (at, &value),
    };
    if is_newer {
        *register = Some(Register { value, at });
    }
    is_newer
}

/// The instant without its fraction of a second, as it is stored.
pub(crate) fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

impl<T: Serialize> Serialize for Register<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.value, self.at.as_second()).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Register<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (value, second) = <(T, i64)>::deserialize(deserializer)?;
        Ok(Self { value, at: Timestamp::from_second(second).map_err(D::Error::custom)? })
    }
}

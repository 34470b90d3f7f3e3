//! That there are facts about a customer which could not be counted.

use crate::facts::{KNOWN_CODES, Uncountable};
use crate::time::Period;
use serde::{Deserialize, Serialize};

/// There are facts about a customer that the version which folded them could not read. A version that knows more counts
/// the customer again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncounted {
    /// How much that version could read (see [`KNOWN_CODES`]).
    #[serde(rename = "c")]
    pub codes: u32,
    /// Whether one of them may say what the customer allowed or refused: until it is counted, nothing is sent that needs
    /// consent.
    #[serde(rename = "p", default, skip_serializing_if = "std::ops::Not::not")]
    pub permission: bool,
}

impl Uncounted {
    /// How long a customer with uncounted facts waits until the engine looks at them again: by then a version that can
    /// count them may be in place.
    pub const CHECK_INTERVAL: Period = Period::days(1);

    /// What is known after one more fact could not be counted by this version.
    pub(super) fn with(before: Option<Self>, uncountable: Uncountable) -> Self {
        let Uncountable { permission } = uncountable;
        let this = Self { codes: KNOWN_CODES, permission };
        // A later version may have noted other facts before: it can count this one, so the smaller number holds.
        before.map_or(this, |before| Self {
            codes: before.codes.min(this.codes),
            permission: before.permission || this.permission,
        })
    }
}

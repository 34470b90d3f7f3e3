//! How a refused event came: what its call said about it, so that it can be read again as it was read then.

use jiff::Timestamp;
use rekindle_lifecycle::money::Currency;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest context of a batch that is kept with each of its refused events, in bytes of JSON. A batch may have 2,500 of them.
pub const MAX_CONTEXT_LEN: usize = 4 * 1024;

/// What a call said about one of its events, beside the event. Fields that are not stored have their defaults, so that a version
/// reads what another one stored. There is no `Debug`: a context may hold addresses.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedCall {
    /// The kind of event that the path of the call named; none of a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether its times are history.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub historical: bool,
    /// When the call was sent, by the sender's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// The context of the whole batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Value>,
    /// Whether it came with a public key, which may report visits and carts only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public_key: bool,
    /// Whether characters of it were replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repaired: bool,
    /// The currency of amounts that come without one, if the sender has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Whether something of it was too long to be kept: it cannot be read again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
}

impl RefusedCall {
    /// The same with the context of its batch, if that is short enough to be kept; otherwise it is incomplete.
    #[must_use]
    pub fn with_context(self, context: Option<Value>) -> Self {
        let is_kept = context.as_ref().is_none_or(|context| context.to_string().len() <= MAX_CONTEXT_LEN);
        if is_kept { Self { context, ..self } } else { Self { incomplete: true, ..self } }
    }
}

//! How one attempt to hand a message to a provider ended, as far as the caller can know.

use serde::{Deserialize, Serialize};

/// The outcome of one call to a provider. What matters is whether the outcome is certain:
/// only a message that was certainly not accepted may be attempted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The provider took it over and named it.
    Accepted {
        /// The provider's own id of the message.
        provider_id: String,
    },
    /// Certainly not accepted: more than the provider takes in a second.
    TooFast {
        /// The provider's error code and message, without address or number.
        reason: String,
    },
    /// Certainly not accepted: the provider's daily quota is used up.
    QuotaUsedUp {
        /// The provider's error code and message, without address or number.
        reason: String,
    },
    /// Certainly not accepted, and a later attempt may be: paused, or the deployment's rights are wrong.
    RejectedForNow {
        /// The provider's error code and message, without address or number.
        reason: String,
    },
    /// Certainly not accepted, and never will be as it is: a malformed or forbidden message.
    RejectedForGood {
        /// The provider's error code and message, without address or number.
        reason: String,
    },
    /// Unknown: a timeout, a broken connection, an unreadable answer, a server error.
    Ambiguous {
        /// What was seen instead of an answer.
        reason: String,
    },
}

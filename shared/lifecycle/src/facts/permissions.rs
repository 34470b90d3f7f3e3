//! Facts about what a customer allows and which channels are closed.

use crate::channel::{Channel, Purpose};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The customer allowed or forbade a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEvent {
    /// The channel.
    pub channel: Channel,
    /// The purpose; absent means all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Allowed or forbidden.
    pub granted: bool,
    /// Where it was stated, for example `identify` or `unsubscribe page`.
    pub source: String,
    /// The version of the wording that the customer agreed to or refused, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_version: Option<String>,
    /// Whether the customer stated it to us, on a page or by SMS. Otherwise the shop passed it on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

impl ConsentEvent {
    /// Whether this version knows the channel and the purpose that it is about.
    #[must_use]
    pub fn is_recognised(&self) -> bool {
        self.channel.is_recognised() && self.purpose.is_none_or(|purpose| purpose.is_recognised())
    }
}

/// The customer asked for no messages for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Until when; an instant in the past ends an earlier pause.
    pub until: Timestamp,
}

/// A channel turned out to be closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The channel.
    pub channel: Channel,
    /// Why.
    pub cause: SuppressionCause,
    /// The [digest](crate::contact::Address::digest) of the address that it concerns, where the report names it. A bounce
    /// closes that address only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

crate::stored_codes! {
    /// Why a channel is closed.
    pub enum SuppressionCause {
        /// The address does not exist.
        PermanentBounce = "permanent_bounce",
        /// The customer called a message spam.
        Complaint = "complaint",
        /// The customer texted STOP.
        Stop = "stop",
        /// Three messages within 30 days bounced.
        RepeatedBounce = "repeated_bounce",
        /// The shop put the address on its list.
        Manual = "manual",
        /// The provider delivers nothing to the address: it is on a list of its own, because of earlier bounces.
        ProviderList = "provider_list",
        /// The owner of the address asked to be erased.
        Erased = "erased",
    }
}

impl SuppressionCause {
    /// Whether the cause is what the customer did themselves, so that only they can take it back.
    #[must_use]
    pub fn is_customers_own(self) -> bool {
        match self {
            // A cause of another version may be.
            Self::Complaint | Self::Stop | Self::Unrecognised(_) => true,
            Self::PermanentBounce | Self::RepeatedBounce | Self::Manual | Self::ProviderList | Self::Erased => false,
        }
    }

    /// A sentence for readers.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::PermanentBounce => "a message bounced: there is no such address",
            Self::Complaint => "the customer called a message spam",
            Self::Stop => "the customer asked for no more texts",
            Self::RepeatedBounce => "three messages within 30 days bounced",
            Self::Manual => "the shop put the address on its list",
            Self::ProviderList => {
                "the provider delivers nothing to the address: it is on the provider's own list after earlier bounces"
            }
            Self::Erased => "the owner of the address asked to be erased",
            Self::Unrecognised(_) => "a cause that this version does not know",
        }
    }

    /// How much a cause weighs beside others of the same address: what the customer did themselves weighs more than a
    /// technical cause, and that more than the shop's list.
    #[must_use]
    pub fn severity(self) -> u8 {
        match self {
            Self::Complaint => 7,
            Self::Stop => 6,
            Self::PermanentBounce => 5,
            Self::ProviderList => 4,
            // It may be the customer's own; the causes that this version knows to weigh more come before it.
            Self::Unrecognised(_) => 3,
            Self::RepeatedBounce => 2,
            Self::Erased => 1,
            Self::Manual => 0,
        }
    }
}

/// The shop opened a closed channel again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsuppression {
    /// The channel.
    pub channel: Channel,
}

/// A message bounced, but the next one may arrive: a full mailbox, a server that is down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoftBounce {
    /// The channel.
    pub channel: Channel,
    /// The [digest](crate::contact::Address::digest) of the address that it concerns, where the report names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customers_own_act_outranks_a_bounce_and_a_bounce_outranks_the_shops_list() {
        use SuppressionCause::{Complaint, Erased, Manual, PermanentBounce, ProviderList, RepeatedBounce, Stop};
        let mut causes = [Stop, Manual, Complaint, Erased, ProviderList, RepeatedBounce, PermanentBounce];
        causes.sort_by_key(|cause| cause.severity());
        assert_eq!(causes, [Manual, Erased, RepeatedBounce, ProviderList, PermanentBounce, Stop, Complaint]);
    }
}

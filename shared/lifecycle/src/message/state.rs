//! The state of a message, and what a provider can report about it.

crate::stored_codes! {
    /// The state of a message.
    pub enum MessageState {
        /// Waiting to be sent.
        Queued = "queued",
        /// A worker holds a lease and is handing it to the provider.
        Sending = "sending",
        /// Whether the provider took it over is unknown.
        Unknown = "unknown",
        /// Withdrawn before it was sent.
        Cancelled = "cancelled",
        /// The provider refused it for good.
        Failed = "failed",
        /// It stayed unknown; it is never sent again.
        Unconfirmed = "unconfirmed",
        /// The provider took it over.
        Accepted = "accepted",
        /// It arrived.
        Delivered = "delivered",
        /// It bounced.
        Bounced = "bounced",
        /// The customer called it spam.
        Complained = "complained",
    }
}

impl MessageState {
    /// Whether the engine still has to do something about it. A state of another version counts as open: nothing that
    /// may still happen is forgotten.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sending | Self::Unknown | Self::Unrecognised(_))
    }

    /// Whether the provider took it over, as far as known.
    #[must_use]
    pub fn was_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::Delivered | Self::Bounced | Self::Complained)
    }
}

/// What the provider reported about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProviderReport {
    /// It took the message over.
    Accepted,
    /// It gave the message up before trying: a virus, a template that did not render.
    Rejected,
    /// The message arrived.
    Delivered,
    /// The message bounced.
    Bounced,
    /// The customer called it spam.
    Complained,
}

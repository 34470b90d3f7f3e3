//! Which channels a field is about.

use rekindle_lifecycle::channel::Channel;

/// The channels that a field is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Channels {
    pub(crate) email: bool,
    pub(crate) sms: bool,
}

impl Channels {
    /// Whether it is about none in particular.
    pub(crate) fn is_empty(self) -> bool {
        !self.email && !self.sms
    }

    pub(crate) fn contains(self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.email,
            Channel::Sms => self.sms,
            _ => false,
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self { email: self.email || other.email, sms: self.sms || other.sms }
    }
}

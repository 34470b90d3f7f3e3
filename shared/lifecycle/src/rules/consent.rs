//! Which customers may be written to before they said anything about it.

use crate::channel::Channel;
use serde::Deserialize;

/// Whom silence allows to write to, by channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRules {
    email: ConsentDefault,
    sms: ConsentDefault,
    handoff: ConsentDefault,
    /// Channels on which the shop's word is not enough.
    confirm: ConfirmRules,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmRules {
    email: bool,
    sms: bool,
}

/// What a customer's silence about a channel means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentDefault {
    /// They may be written to until they refuse.
    UntilRefused,
    /// They may be written to only once they agreed.
    WhenGranted,
}

impl ConsentRules {
    /// Whether a customer who said nothing about the channel may be written to.
    #[must_use]
    pub fn allows_by_default(&self, channel: Channel) -> bool {
        let rule = match channel {
            Channel::Email => self.email,
            Channel::Sms => self.sms,
            Channel::Handoff => self.handoff,
        };
        rule == ConsentDefault::UntilRefused && !self.needs_confirmation(channel)
    }

    /// Whether a yes that the shop passes on needs the customer's own on top (double opt-in).
    #[must_use]
    pub fn needs_confirmation(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.confirm.email,
            Channel::Sms => self.confirm.sms,
            Channel::Handoff => false,
        }
    }
}

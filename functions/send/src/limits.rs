//! Under which limits a message goes out: the account's on its channel, and the shop's own, if it has one.

use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::sending_rate::UNKNOWN;
use rekindle_store::sending::limits::SendingLimits;
use rekindle_store::sending::rate::SendingLimit;

/// How many messages may be sent a second, whatever the providers allow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateCaps {
    /// Mails; without it, as many as SES allows.
    pub emails_per_second: Option<f64>,
    /// Texts: SNS does not say what it allows.
    pub texts_per_second: f64,
}

/// A limit and how many it allows a second at most; nothing if the provider alone decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What is limited.
    pub of: SendingLimit,
    /// To how many a second.
    pub cap: Option<f64>,
}

impl Limit {
    /// A shop's own limit, a second: it is always a number.
    pub(crate) fn rate(&self) -> f64 {
        self.cap.unwrap_or(UNKNOWN)
    }
}

/// The limits of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Of everybody who sends on the channel.
    pub account: Limit,
    /// Of the shop.
    pub own: Option<Limit>,
}

impl Limits {
    /// The limits of a shop's messages on a channel; nothing for what goes to no provider.
    #[must_use]
    pub fn of(caps: RateCaps, channel: Channel, shop: &ShopId, shops: SendingLimits) -> Option<Self> {
        let (cap, own) = match channel {
            Channel::Email => (caps.emails_per_second, shops.emails_per_second),
            Channel::Sms => (Some(caps.texts_per_second), shops.texts_per_second),
            Channel::Handoff => return None,
        };
        let own_limit = SendingLimit { channel, shop: Some(shop.clone()) };
        Some(Self {
            account: Limit { of: SendingLimit { channel, shop: None }, cap },
            own: own.map(|rate| Limit { of: own_limit, cap: Some(rate) }),
        })
    }
}

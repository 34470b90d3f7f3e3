//! Under which limits a message goes out: the account's on its channel, and the shop's own, if it has one.

use rekindle_lifecycle::channel::{Channel, PerChannel};
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::sending_rate::DEFAULT_RATE;
use rekindle_platform::{Environment, SettingError};
use rekindle_store::sending::limits::SendingLimits;
use rekindle_store::sending::rate::SendingLimit;

/// How many messages of each channel may be sent a second, even if the provider allows more. `None`: as many as it allows.
pub type RateCaps = PerChannel<Option<f64>>;

/// The caps that the environment of the function sets, and the defaults of the other channels.
///
/// # Errors
/// A variable is set to something that is no rate.
pub fn rate_caps(environment: &Environment) -> Result<RateCaps, SettingError> {
    let mut caps = RateCaps::default();
    for channel in Channel::KNOWN {
        if let Some(rate) = &channel.row().rate {
            caps.set(channel, environment.messages_per_second(rate.variable)?.or(rate.default));
        }
    }
    Ok(caps)
}

/// A limit and how many it allows a second at most; none if the provider alone decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What is limited.
    pub of: SendingLimit,
    /// Messages a second, at most.
    pub cap: Option<f64>,
}

impl Limit {
    /// A shop's own limit, in messages a second.
    pub(crate) fn rate(&self) -> f64 {
        self.cap.unwrap_or(DEFAULT_RATE)
    }
}

/// The limits of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Of all senders on the channel.
    pub account: Limit,
    /// Of the shop.
    pub own: Option<Limit>,
}

impl Limits {
    /// The limits of a shop's messages on a channel; none where no provider limits the channel.
    #[must_use]
    pub fn for_shop(caps: &RateCaps, channel: Channel, shop: &ShopId, limits: &SendingLimits) -> Option<Self> {
        channel.row().rate.as_ref()?;
        let own_limit = SendingLimit { channel, shop: Some(shop.clone()) };
        Some(Self {
            account: Limit { of: SendingLimit { channel, shop: None }, cap: caps.get(channel).flatten() },
            own: limits.get(channel).map(|rate| Limit { of: own_limit, cap: Some(rate) }),
        })
    }
}

//! Reading a table of the policy that has a value for each of some channels, beside keys of its own: `email`, `sms` and
//! `confirm` in `[consent]`. Which channels it has is asked of their rows, so a new channel needs no change here.

use crate::channel::{Channel, ChannelRow};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// The keys that a table may have.
#[derive(Clone, Copy)]
pub(crate) struct Keys {
    /// Which channels have a value.
    pub(crate) channels: fn(&ChannelRow) -> bool,
    /// The other keys.
    pub(crate) others: &'static [&'static str],
}

/// A key of such a table.
pub(crate) enum Key {
    Channel(Channel),
    Other(&'static str),
}

impl Keys {
    /// The next key of a table.
    pub(crate) fn next<'de, A: MapAccess<'de>>(self, table: &mut A) -> Result<Option<Key>, A::Error> {
        table.next_key_seed(self)
    }
}

impl<'de> DeserializeSeed<'de> for Keys {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Keys {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Key, E> {
        let channel = Channel::parse(text).filter(|channel| (self.channels)(channel.row()));
        let other = self.others.iter().find(|known| **known == text);
        match (channel, other) {
            (Some(channel), _) => Ok(Key::Channel(channel)),
            (None, Some(other)) => Ok(Key::Other(other)),
            (None, None) => {
                let channels = Channel::having(self.channels).map(|channel| channel.word());
                let known: Vec<String> =
                    channels.chain(self.others.iter().copied()).map(|key| format!("`{key}`")).collect();
                Err(E::custom(format!("unknown field `{text}`, expected one of {}", known.join(", "))))
            }
        }
    }
}

/// Whether a table gives the value of `key` under the channel's code: `handoff` instead of `task`.
pub(crate) fn is_given_by_code(key: &str, has: impl FnOnce(&str) -> bool) -> bool {
    Channel::parse(key).is_some_and(|channel| channel.code() != key && has(channel.code()))
}

/// The channel that a step names by its word or its code.
pub(crate) fn channel<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Channel, D::Error> {
    struct Named;
    impl Visitor<'_> for Named {
        type Value = Channel;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a channel")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Channel, E> {
            let known = || Channel::either(Channel::KNOWN.into_iter());
            Channel::parse(text).ok_or_else(|| E::custom(format!("unknown channel `{text}`, expected {}", known())))
        }
    }
    deserializer.deserialize_str(Named)
}

/// The channel of a key that need not be there.
pub(crate) fn optional_channel<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Channel>, D::Error> {
    channel(deserializer).map(Some)
}

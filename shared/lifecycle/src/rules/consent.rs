//! Which customers may be written to before they answer whether they want it.

use super::channel_table::{Key, Keys};
use crate::channel::{Channel, Confirmation, ConsentDefault, PerChannel};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// Which customers may be written to before they answer, by channel. What a policy leaves out is as the channel's row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentRules {
    unanswered: PerChannel<ConsentDefault>,
    confirm: PerChannel<bool>,
}

impl ConsentRules {
    /// Whether a customer who has not answered about the channel may be written to.
    #[must_use]
    pub fn allows_by_default(&self, channel: Channel) -> bool {
        self.unanswered.get(channel) == Some(ConsentDefault::UntilRefused) && !self.needs_confirmation(channel)
    }

    /// Whether a consent reported by the shop needs the customer's own as well (double opt-in).
    #[must_use]
    pub fn needs_confirmation(&self, channel: Channel) -> bool {
        // Nothing is known of a channel of another version: the stricter rule holds.
        self.confirm.get(channel) != Some(false)
    }
}

impl Default for ConsentRules {
    fn default() -> Self {
        let confirm = |channel: Channel| channel.row().confirmation == Confirmation::Required;
        Self {
            unanswered: PerChannel::from_fn(|channel| channel.row().default_consent),
            confirm: PerChannel::from_fn(confirm),
        }
    }
}

const CONSENT: Keys = Keys { channels: |_| true, others: &["confirm"] };
const CONFIRM: Keys = Keys { channels: |row| !matches!(row.confirmation, Confirmation::Never), others: &[] };

impl<'de> Deserialize<'de> for ConsentRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ConsentTable)
    }
}

struct ConsentTable;

impl<'de> Visitor<'de> for ConsentTable {
    type Value = ConsentRules;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of channels")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<ConsentRules, A::Error> {
        let mut rules = ConsentRules::default();
        let mut given = PerChannel::from_fn(|_| false);
        while let Some(key) = CONSENT.next(&mut table)? {
            match key {
                Key::Channel(channel) => {
                    if given.get(channel) == Some(true) {
                        let (word, code) = (channel.word(), channel.code());
                        return Err(Error::custom(format!("{word} and {code} are the same channel")));
                    }
                    given.set(channel, true);
                    rules.unanswered.set(channel, table.next_value()?);
                }
                Key::Other(_) => {
                    let ConfirmTable(confirm) = table.next_value()?;
                    rules.confirm = PerChannel::from_fn(|channel| {
                        let said = confirm.get(channel).flatten();
                        said.or(rules.confirm.get(channel)).unwrap_or_default()
                    });
                }
            }
        }
        Ok(rules)
    }
}

/// The table `[consent.confirm]`.
struct ConfirmTable(PerChannel<Option<bool>>);

impl<'de> Deserialize<'de> for ConfirmTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self(PerChannel::default()))
    }
}

impl<'de> Visitor<'de> for ConfirmTable {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of channels")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut table: A) -> Result<Self, A::Error> {
        while let Some(key) = CONFIRM.next(&mut table)? {
            if let Key::Channel(channel) = key {
                self.0.set(channel, Some(table.next_value()?));
            }
        }
        Ok(self)
    }
}

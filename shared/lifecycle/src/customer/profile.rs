//! A customer's profile, folded from facts.

use super::register::{self, Register, apply};
use crate::channel::Channel;
use crate::contact::{Address, AddressKind, EmailAddress, PhoneNumber};
use crate::facts::Traits;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

/// A customer's profile. Each trait is a register of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredProfile", into = "StoredProfile")]
pub struct Profile {
    /// E-mail address.
    pub email: Option<Register<EmailAddress>>,
    /// Phone number.
    pub phone: Option<Register<PhoneNumber>>,
    /// How to address the customer.
    pub first_name: Option<Register<String>>,
    /// BCP 47 language.
    pub language: Option<Register<String>>,
    /// IANA time zone.
    pub time_zone: Option<Register<String>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredProfile {
    /// When the latest of them was reported.
    #[serde(skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    t: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<register::Stored<EmailAddress>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<register::Stored<PhoneNumber>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    f: Option<register::Stored<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    l: Option<register::Stored<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    z: Option<register::Stored<String>>,
}

impl From<Profile> for StoredProfile {
    fn from(profile: Profile) -> Self {
        let Profile { email, phone, first_name, language, time_zone } = profile;
        let texts = [&first_name, &language, &time_zone].into_iter().flatten().map(|register| register.at);
        let contacts = [email.as_ref().map(|register| register.at), phone.as_ref().map(|register| register.at)];
        let Some(t) = texts.chain(contacts.into_iter().flatten()).max() else { return Self::default() };
        Self {
            t: Some(t),
            e: email.map(|register| register.stored(t)),
            p: phone.map(|register| register.stored(t)),
            f: first_name.map(|register| register.stored(t)),
            l: language.map(|register| register.stored(t)),
            z: time_zone.map(|register| register.stored(t)),
        }
    }
}

impl From<StoredProfile> for Profile {
    fn from(stored: StoredProfile) -> Self {
        let Some(t) = stored.t else { return Self::default() };
        Self {
            email: stored.e.map(|stored| stored.into_register(t)),
            phone: stored.p.map(|stored| stored.into_register(t)),
            first_name: stored.f.map(|stored| stored.into_register(t)),
            language: stored.l.map(|stored| stored.into_register(t)),
            time_zone: stored.z.map(|stored| stored.into_register(t)),
        }
    }
}

impl Profile {
    /// Adds the traits that the shop reported at `at`.
    pub fn apply(&mut self, traits: &Traits, at: Timestamp) {
        fn take<T: Ord + Clone>(register: &mut Option<Register<T>>, value: Option<&T>, at: Timestamp) {
            if let Some(value) = value {
                apply(register, value.clone(), at);
            }
        }
        take(&mut self.email, traits.email.as_ref(), at);
        take(&mut self.phone, traits.phone.as_ref(), at);
        take(&mut self.first_name, traits.first_name.as_ref(), at);
        take(&mut self.language, traits.language.as_ref(), at);
        take(&mut self.time_zone, traits.time_zone.as_ref(), at);
    }

    /// Returns when the latest of the traits was reported.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        let instants = [
            self.email.as_ref().map(|register| register.at),
            self.phone.as_ref().map(|register| register.at),
            self.first_name.as_ref().map(|register| register.at),
            self.language.as_ref().map(|register| register.at),
            self.time_zone.as_ref().map(|register| register.at),
        ];
        instants.into_iter().flatten().max()
    }

    /// Whether the customer has an address on the channel, or the channel needs none.
    #[must_use]
    pub fn can_be_reached_by(&self, channel: Channel) -> bool {
        // What an address on a channel of another version is, this version does not know.
        let needs_none = channel.row().address == AddressKind::None && channel.is_recognised();
        needs_none || self.address(channel).is_some()
    }

    /// Returns the customer's address on the channel, if the channel has addresses.
    #[must_use]
    pub fn address(&self, channel: Channel) -> Option<Address> {
        match channel.row().address {
            AddressKind::Email => self.email.as_ref().map(|email| Address::Email(email.value.clone())),
            AddressKind::Phone => self.phone.as_ref().map(|phone| Address::Phone(phone.value.clone())),
            AddressKind::None => None,
        }
    }
}

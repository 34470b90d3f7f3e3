//! Who a customer is and what they agreed to, folded from facts.

use crate::channel::{Channel, Purpose};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::fact::{ConsentEvent, Suppression, SuppressionCause, Traits};
use crate::policy::ConsentRules;
use crate::register::{self, Register, hear};
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who a customer is. Each trait is a register of its own.
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
    /// When the latest of them was said.
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
        let texts = [&first_name, &language, &time_zone].into_iter().flatten().map(|said| said.at);
        let contacts = [email.as_ref().map(|said| said.at), phone.as_ref().map(|said| said.at)];
        let Some(t) = texts.chain(contacts.into_iter().flatten()).max() else { return Self::default() };
        Self {
            t: Some(t),
            e: email.map(|said| said.stored(t)),
            p: phone.map(|said| said.stored(t)),
            f: first_name.map(|said| said.stored(t)),
            l: language.map(|said| said.stored(t)),
            z: time_zone.map(|said| said.stored(t)),
        }
    }
}

impl From<StoredProfile> for Profile {
    fn from(stored: StoredProfile) -> Self {
        let Some(t) = stored.t else { return Self::default() };
        Self {
            email: stored.e.map(|said| said.said(t)),
            phone: stored.p.map(|said| said.said(t)),
            first_name: stored.f.map(|said| said.said(t)),
            language: stored.l.map(|said| said.said(t)),
            time_zone: stored.z.map(|said| said.said(t)),
        }
    }
}

/// What a customer agreed to, per channel and purpose, and which channels are closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredPermissions", into = "StoredPermissions")]
pub struct Permissions {
    /// A refusal is the larger value, so that of two sayings of one instant the refusal holds.
    said: BTreeMap<(Channel, Purpose), Register<Said>>,
    suppressed: BTreeMap<Channel, Register<SuppressionCause>>,
    paused_until: Option<Register<Timestamp>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredPermissions {
    /// When the latest of them was said.
    #[serde(skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    t: Option<Timestamp>,
    /// By channel and purpose; by channel alone where the same holds for all purposes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    c: BTreeMap<String, register::Stored<Said>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    s: BTreeMap<Channel, register::Stored<SuppressionCause>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<Register<Timestamp>>,
}

impl From<Permissions> for StoredPermissions {
    fn from(permissions: Permissions) -> Self {
        let Permissions { said, suppressed, paused_until } = permissions;
        let instants = said.values().map(|said| said.at).chain(suppressed.values().map(|cause| cause.at));
        let Some(t) = instants.max() else { return Self { p: paused_until, ..Self::default() } };
        let mut c = BTreeMap::new();
        for channel in Channel::ALL {
            let of = |purpose| said.get(&(channel, purpose)).copied();
            let whole = of(Purpose::ALL[0]).filter(|first| Purpose::ALL.into_iter().all(|p| of(p) == Some(*first)));
            if let Some(whole) = whole {
                c.insert(slot(channel, None).to_owned(), whole.stored(t));
                continue;
            }
            let apart = Purpose::ALL.into_iter().filter_map(|purpose| Some((purpose, of(purpose)?)));
            c.extend(apart.map(|(purpose, said)| (slot(channel, Some(purpose)).to_owned(), said.stored(t))));
        }
        let s = suppressed.into_iter().map(|(channel, cause)| (channel, cause.stored(t))).collect();
        Self { t: Some(t), c, s, p: paused_until }
    }
}

impl From<StoredPermissions> for Permissions {
    fn from(stored: StoredPermissions) -> Self {
        let Some(t) = stored.t else { return Self { paused_until: stored.p, ..Self::default() } };
        let mut c: BTreeMap<String, Register<Said>> =
            stored.c.into_iter().map(|(slot, said)| (slot, said.said(t))).collect();
        let mut said = BTreeMap::new();
        for channel in Channel::ALL {
            let whole = c.remove(slot(channel, None));
            for purpose in Purpose::ALL {
                let apart = c.remove(slot(channel, Some(purpose)));
                said.extend(whole.or(apart).map(|register| ((channel, purpose), register)));
            }
        }
        let suppressed = stored.s.into_iter().map(|(channel, cause)| (channel, cause.said(t))).collect();
        Self { said, suppressed, paused_until: stored.p }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Said {
    #[serde(rename = "y")]
    Granted,
    #[serde(rename = "n")]
    Refused,
}

impl Profile {
    /// Takes in what the shop told about the customer.
    pub fn hear(&mut self, traits: &Traits, at: Timestamp) {
        fn take<T: Ord + Clone>(register: &mut Option<Register<T>>, value: Option<&T>, at: Timestamp) {
            if let Some(value) = value {
                hear(register, value.clone(), at);
            }
        }
        take(&mut self.email, traits.email.as_ref(), at);
        take(&mut self.phone, traits.phone.as_ref(), at);
        take(&mut self.first_name, traits.first_name.as_ref(), at);
        take(&mut self.language, traits.language.as_ref(), at);
        take(&mut self.time_zone, traits.time_zone.as_ref(), at);
    }

    /// The latest instant at which anything here was said.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        let instants = [
            self.email.as_ref().map(|said| said.at),
            self.phone.as_ref().map(|said| said.at),
            self.first_name.as_ref().map(|said| said.at),
            self.language.as_ref().map(|said| said.at),
            self.time_zone.as_ref().map(|said| said.at),
        ];
        instants.into_iter().flatten().max()
    }

    /// Whether the customer has an address on the channel.
    #[must_use]
    pub fn can_be_reached_by(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.email.is_some(),
            Channel::Sms => self.phone.is_some(),
        }
    }
}

impl Permissions {
    /// Takes in a saying about one channel and one purpose, or all purposes.
    pub fn hear(&mut self, consent: &ConsentEvent, at: Timestamp) {
        let said = if consent.granted { Said::Granted } else { Said::Refused };
        let purposes = Purpose::ALL.into_iter().filter(|purpose| consent.purpose.is_none_or(|only| only == *purpose));
        for purpose in purposes {
            let mut register = self.said.remove(&(consent.channel, purpose));
            hear(&mut register, said, at);
            self.said.extend(register.map(|register| ((consent.channel, purpose), register)));
        }
    }

    /// Takes in what a shop says about consent among the traits: it holds for all purposes.
    pub fn hear_traits(&mut self, traits: &Traits, at: Timestamp) {
        for (channel, granted) in [(Channel::Email, traits.email_consent), (Channel::Sms, traits.sms_consent)] {
            if let Some(granted) = granted {
                self.hear(&ConsentEvent { channel, purpose: None, granted, source: String::new() }, at);
            }
        }
    }

    /// Takes in that a channel is closed.
    pub fn suppress(&mut self, suppression: &Suppression, at: Timestamp) {
        let mut register = self.suppressed.remove(&suppression.channel);
        hear(&mut register, suppression.cause, at);
        self.suppressed.extend(register.map(|register| (suppression.channel, register)));
    }

    /// Takes in a wish for silence.
    pub fn pause(&mut self, until: Timestamp, at: Timestamp) {
        hear(&mut self.paused_until, until, at);
    }

    /// Until when the customer wants silence, if that is still to come at `now`.
    #[must_use]
    pub fn paused_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.paused_until.as_ref().map(|said| said.value).filter(|until| now < *until)
    }

    /// The latest instant at which the customer said anything about what they want.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        let said = self.said.values().map(|register| register.at);
        said.chain(self.paused_until.as_ref().map(|register| register.at)).max()
    }

    /// Why a channel is closed, if it is.
    #[must_use]
    pub fn suppressed(&self, channel: Channel) -> Option<SuppressionCause> {
        self.suppressed.get(&channel).map(|register| register.value)
    }

    /// Whether the customer may be written to on a channel for a purpose: what they said last, or
    /// what the policy makes of their saying nothing.
    #[must_use]
    pub fn allow(&self, rules: &ConsentRules, channel: Channel, purpose: Purpose) -> bool {
        match self.said.get(&(channel, purpose)) {
            Some(register) => register.value == Said::Granted,
            None => rules.allows_by_default(channel),
        }
    }
}

/// `em` for e-mail and marketing, `e` for e-mail and all purposes: short, because it is stored with every
/// customer.
fn slot(channel: Channel, purpose: Option<Purpose>) -> &'static str {
    match (channel, purpose) {
        (Channel::Email, None) => "e",
        (Channel::Email, Some(Purpose::Marketing)) => "em",
        (Channel::Email, Some(Purpose::Survey)) => "es",
        (Channel::Email, Some(Purpose::Referral)) => "er",
        (Channel::Sms, None) => "s",
        (Channel::Sms, Some(Purpose::Marketing)) => "sm",
        (Channel::Sms, Some(Purpose::Survey)) => "ss",
        (Channel::Sms, Some(Purpose::Referral)) => "sr",
    }
}

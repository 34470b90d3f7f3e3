//! Who a customer is and what they agreed to, folded from facts.

use crate::channel::{Channel, Purpose};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::fact::{ConsentEvent, Suppression, SuppressionCause, Traits};
use crate::policy::ConsentRules;
use crate::register::{Register, hear};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who a customer is. Each trait is a register of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// E-mail address.
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub email: Option<Register<EmailAddress>>,
    /// Phone number.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub phone: Option<Register<PhoneNumber>>,
    /// How to address the customer.
    #[serde(rename = "f", skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Register<String>>,
    /// BCP 47 language.
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    pub language: Option<Register<String>>,
    /// IANA time zone.
    #[serde(rename = "z", skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Register<String>>,
}

/// What a customer agreed to, per channel and purpose, and which channels are closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permissions {
    /// A refusal is the larger value, so that of two sayings of one instant the refusal holds.
    #[serde(rename = "c", skip_serializing_if = "BTreeMap::is_empty")]
    said: BTreeMap<String, Register<Said>>,
    #[serde(rename = "s", skip_serializing_if = "BTreeMap::is_empty")]
    suppressed: BTreeMap<Channel, Register<SuppressionCause>>,
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    paused_until: Option<Register<Timestamp>>,
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
            let mut register = self.said.remove(slot(consent.channel, purpose));
            hear(&mut register, said, at);
            self.said.extend(register.map(|register| (slot(consent.channel, purpose).to_owned(), register)));
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
        match self.said.get(slot(channel, purpose)) {
            Some(register) => register.value == Said::Granted,
            None => rules.allows_by_default(channel),
        }
    }
}

/// `em` for e-mail and marketing: short, because it is stored with every customer.
fn slot(channel: Channel, purpose: Purpose) -> &'static str {
    match (channel, purpose) {
        (Channel::Email, Purpose::Marketing) => "em",
        (Channel::Email, Purpose::Survey) => "es",
        (Channel::Email, Purpose::Referral) => "er",
        (Channel::Sms, Purpose::Marketing) => "sm",
        (Channel::Sms, Purpose::Survey) => "ss",
        (Channel::Sms, Purpose::Referral) => "sr",
    }
}

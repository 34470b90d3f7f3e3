//! What a shop reports about a customer.

use crate::channel::Channel;
use crate::contact::{Address, AddressKind, EmailAddress, PhoneNumber};
use serde::{Deserialize, Serialize};

/// What a shop reports about a customer. An absent field leaves what is known as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traits {
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// How to address the customer, for example `Anna`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// BCP 47 language, for example `en` or `ru`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// IANA time zone, for example `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether e-mail marketing is allowed, where the shop reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_consent: Option<bool>,
    /// Whether text messages are allowed, where the shop reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_consent: Option<bool>,
    /// The browser or device that the event came from, as the shop names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

impl Traits {
    /// Whether no field is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The addresses that they name, with the channels that use them.
    pub fn addresses(&self) -> impl Iterator<Item = (Channel, Address)> {
        Channel::with_addresses().filter_map(|channel| {
            let address = match channel.row().address {
                AddressKind::Email => self.email.clone().map(Address::Email),
                AddressKind::Phone => self.phone.clone().map(Address::Phone),
                AddressKind::None => None,
            };
            address.map(|address| (channel, address))
        })
    }

    /// What they say about consent: it holds for all purposes.
    pub fn consents(&self) -> impl Iterator<Item = (Channel, bool)> {
        let said = [(Channel::Email, self.email_consent), (Channel::Sms, self.sms_consent)];
        said.into_iter().filter_map(|(channel, granted)| Some((channel, granted?)))
    }
}

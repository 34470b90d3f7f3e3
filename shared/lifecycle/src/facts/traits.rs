//! What a shop reports about a customer.

use super::consent_evidence::ConsentEvidence;
use super::left_out::{LeftOut, LeftOutReason};
use crate::channel::{Channel, Purpose};
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
    /// Where the consents come from, as far as the shop says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<ConsentEvidence>,
    /// What the event said beside this and could not be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// What traits say about consent to one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedConsent<'t> {
    /// The channel.
    pub channel: Channel,
    /// The purpose; none means all of them.
    pub purpose: Option<Purpose>,
    /// Yes or no.
    pub granted: bool,
    /// Whether the shop said so plainly. What is not clear is a no to marketing.
    pub is_clear: bool,
    /// Where it comes from.
    pub evidence: Option<&'t ConsentEvidence>,
}

impl Traits {
    /// Whether no field is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The address by which somebody without an id of their own is known: of e-mail, else of phone.
    #[must_use]
    pub fn guest_address(&self) -> Option<Address> {
        let email = self.email.clone().map(Address::Email);
        email.or_else(|| self.phone.clone().map(Address::Phone))
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

    /// What they say about consent. It holds for all purposes, except what is not clear: that is a no to marketing. (It is
    /// stored as a no as well, for versions that do not know the difference.)
    pub fn consents(&self) -> impl Iterator<Item = ReportedConsent<'_>> {
        let said = [
            (Channel::Email, self.email_consent, LeftOutReason::UnclearEmailConsent),
            (Channel::Sms, self.sms_consent, LeftOutReason::UnclearSmsConsent),
        ];
        said.into_iter().filter_map(|(channel, granted, unclear)| {
            let granted = granted?;
            let is_clear = granted || self.left_out.iter().all(|left_out| left_out.reason != unclear);
            let purpose = if is_clear { None } else { Some(Purpose::Marketing) };
            let evidence = self.evidence.iter().find(|evidence| evidence.channel == channel);
            Some(ReportedConsent { channel, purpose, granted, is_clear, evidence })
        })
    }
}

//! What stands for an address or a number where it must not be readable: in the list of those whom a shop must not write
//! to, in the look-up of who texted back, in marks of erasure. One spelling for all of them, so that they find each other.

use crate::KeyRing;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::id::{CustomerId, ShopId};

impl KeyRing {
    /// The fingerprint of an e-mail address. Upper and lower case do not matter: no provider tells them apart.
    #[must_use]
    pub fn email_fingerprint(&self, address: &EmailAddress) -> String {
        self.fingerprint("email", &address.as_str().to_lowercase())
    }

    /// The fingerprint of a phone number.
    #[must_use]
    pub fn phone_fingerprint(&self, number: &PhoneNumber) -> String {
        self.fingerprint("phone", number.as_str())
    }

    /// The fingerprint of a customer of a shop.
    #[must_use]
    pub fn customer_fingerprint(&self, shop: &ShopId, customer: &CustomerId) -> String {
        self.fingerprint("customer", &format!("{shop}#{customer}"))
    }

    /// Reads what people are written to at on a channel, and makes its fingerprint: the text as it is kept, and the
    /// fingerprint. Nothing for a channel without addresses, or a text that is none.
    #[must_use]
    pub fn address_fingerprint(&self, channel: Channel, text: &str) -> Option<(String, String)> {
        match channel {
            Channel::Email => {
                let address = EmailAddress::parse(text).ok()?;
                let fingerprint = self.email_fingerprint(&address);
                Some((address.into(), fingerprint))
            }
            Channel::Sms => {
                let number = PhoneNumber::parse(text).ok()?;
                let fingerprint = self.phone_fingerprint(&number);
                Some((number.into(), fingerprint))
            }
            Channel::Handoff => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_fingerprint_however_it_is_written_and_no_other_channel_shares_it() {
        let ring = r#"{"current":1,"keys":[{"id":1,"secret":"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}]}"#;
        let ring = KeyRing::parse(ring, jiff::Timestamp::UNIX_EPOCH).expect("a ring");
        let of = |channel, text| ring.address_fingerprint(channel, text).map(|(_, fingerprint)| fingerprint);
        assert_eq!(of(Channel::Email, "Anna@Example.com"), of(Channel::Email, " anna@example.COM "));
        assert_eq!(of(Channel::Sms, "+44 20 7183 8750"), of(Channel::Sms, "+442071838750"));
        assert_ne!(of(Channel::Email, "anna@example.com"), of(Channel::Email, "bob@example.com"));
        for (channel, text) in [(Channel::Email, "anna"), (Channel::Sms, "0207"), (Channel::Handoff, "a@b.example")] {
            assert_eq!(of(channel, text), None);
        }
    }
}

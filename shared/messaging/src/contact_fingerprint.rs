//! Fingerprints: they replace an address, a number or a customer where it must not be readable, in the suppression list, in
//! the look-up of a text's sender, in marks of erasure. All places spell them the same way, so that they find each other.

use crate::KeyRing;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::{Address, EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::Profile;
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
use rekindle_lifecycle::mailbox::MailboxKey;

impl KeyRing {
    /// The fingerprint of an e-mail address. Upper and lower case do not matter: no provider distinguishes them.
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

    /// The fingerprint of a browser or device, as the shop names it.
    #[must_use]
    pub fn device_fingerprint(&self, name: &str) -> String {
        self.fingerprint("device", name)
    }

    /// The mailbox of a customer on a channel, if they have an address there.
    #[must_use]
    pub fn mailbox(&self, shop: &ShopId, profile: &Profile, channel: Channel) -> Option<MailboxKey> {
        profile.address(channel).map(|address| self.mailbox_of(shop, channel, &address))
    }

    /// The mailboxes of a customer: one for each channel on which they have an address.
    #[must_use]
    pub fn mailboxes(&self, shop: &ShopId, profile: &Profile) -> Vec<MailboxKey> {
        Channel::with_addresses().filter_map(|channel| self.mailbox(shop, profile, channel)).collect()
    }

    /// The mailbox of an address.
    #[must_use]
    pub fn mailbox_of(&self, shop: &ShopId, channel: Channel, address: &Address) -> MailboxKey {
        MailboxKey { shop: shop.clone(), channel, fingerprint: self.address_fingerprint(address) }
    }

    /// The fingerprint by which an order is found again that a customer of a shop had placed before they were erased.
    #[must_use]
    pub fn erased_order_fingerprint(&self, shop: &ShopId, order: &OrderId) -> String {
        self.fingerprint("erased order", &format!("{shop}#{order}"))
    }

    /// The fingerprint by which an address is found again that a customer of a shop had when they were erased.
    #[must_use]
    pub fn erased_address_fingerprint(&self, shop: &ShopId, address: &Address) -> String {
        self.fingerprint("erased address", &format!("{shop}#{}", self.address_fingerprint(address)))
    }

    /// The fingerprint of an address of either kind.
    #[must_use]
    pub fn address_fingerprint(&self, address: &Address) -> String {
        match address {
            Address::Email(address) => self.email_fingerprint(address),
            Address::Phone(number) => self.phone_fingerprint(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_lifecycle::contact::AddressKind;

    #[test]
    fn an_address_has_one_fingerprint_however_it_is_written_and_no_other_kind_shares_it() {
        let ring = r#"{"current":1,"keys":[{"id":1,"secret":"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}]}"#;
        let ring = KeyRing::parse(ring, jiff::Timestamp::UNIX_EPOCH).expect("a ring");
        let of = |kind: AddressKind, text| kind.parse(text).map(|address| ring.address_fingerprint(&address));
        assert_eq!(of(AddressKind::Email, "Anna@Example.com"), of(AddressKind::Email, " anna@example.COM "));
        assert_eq!(of(AddressKind::Phone, "+44 20 7183 8750"), of(AddressKind::Phone, "+442071838750"));
        assert_ne!(of(AddressKind::Email, "anna@example.com"), of(AddressKind::Email, "bob@example.com"));
        for (kind, text) in
            [(AddressKind::Email, "anna"), (AddressKind::Phone, "0207"), (AddressKind::None, "a@b.example")]
        {
            assert!(of(kind, text).is_err(), "{text}");
        }
    }
}

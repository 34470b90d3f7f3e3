//! From which addresses a shop may send.
//!
//! All shops of a stack send from one SES account, in which the addresses of all of them are verified. So the operator of the stack
//! grants each shop its own; no function can. They are in a partition of their own, which only the operator's role writes.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::id::ShopId;
use std::collections::BTreeSet;
use std::fmt;

/// The attribute that holds the senders, as a set of strings.
const GRANTED: &str = "granted";

/// An address, all addresses at a domain (`@shop.example.com`), or any address (`*`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sender(String);

/// The text is neither an address nor a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sender is an address, such as hello@shop.example.com, or all addresses at a domain: @shop.example.com")]
pub struct NotASender;

impl Sender {
    /// Any address: for the shop of a local stack, which has no neighbours.
    #[must_use]
    pub fn any() -> Self {
        Self("*".to_owned())
    }

    /// Reads an address or a domain, in any case.
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(text: &str) -> Result<Self, NotASender> {
        let text = text.trim();
        let whole = if text.starts_with('@') { format!("any{text}") } else { text.to_owned() };
        let is_ascii = text.is_ascii();
        EmailAddress::parse(&whole).ok().filter(|_| is_ascii).ok_or(NotASender)?;
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// Whether mail from an address may be sent. A subdomain is another domain.
    #[must_use]
    pub fn covers(&self, address: &EmailAddress) -> bool {
        let address = address.as_str().to_ascii_lowercase();
        let domain = address.rfind('@').map(|at| &address[at..]);
        self.0 == "*" || self.0 == address || domain == Some(self.0.as_str())
    }

    /// The address, the domain after an `@`, or `*`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The senders of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Senders {
    /// Nothing was ever granted: the shop is from before there were grants. The address that its brand has goes on being used,
    /// and no other one can be set.
    FromBefore,
    /// These; none, if all were revoked.
    Granted(BTreeSet<Sender>),
}

impl Senders {
    /// Whether a shop with these senders may send from the address that its stored brand has.
    #[must_use]
    pub fn allow(&self, address: &EmailAddress) -> bool {
        match self {
            Self::FromBefore => true,
            Self::Granted(senders) => senders.iter().any(|sender| sender.covers(address)),
        }
    }

    /// Whether a brand with this address may be stored in place of one with the address `before`.
    #[must_use]
    pub fn allow_change(&self, before: Option<&EmailAddress>, address: &EmailAddress) -> bool {
        match self {
            Self::FromBefore => before == Some(address),
            Self::Granted(_) => self.allow(address),
        }
    }
}

impl Store {
    /// The senders of a shop. Strongly consistent; one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer, or the record cannot be read.
    pub async fn senders(&self, shop: &ShopId) -> Result<Senders, StoreError> {
        let (pk, sk) = (keys::senders_pk(shop), keys::SENDERS_SK.to_owned());
        let Some(item) = self.get(&self.tables.shops, pk, Some(sk)).await? else { return Ok(Senders::FromBefore) };
        // The last one was revoked: the set is gone, and the record is there.
        let Some(granted) = item.get(GRANTED) else { return Ok(Senders::Granted(BTreeSet::new())) };
        let unreadable = StoreError::Unreadable { family: "senders", attribute: GRANTED };
        let granted = granted.as_ss().map_err(|_| unreadable)?;
        Ok(Senders::Granted(granted.iter().cloned().map(Sender).collect()))
    }

    /// Grants a shop a sender. Granting it again changes nothing.
    ///
    /// # Errors
    /// The database refused or did not answer; call again.
    pub async fn grant_sender(&self, shop: &ShopId, sender: &Sender) -> Result<(), StoreError> {
        self.change_senders(shop, "ADD", sender).await
    }

    /// Takes a sender from a shop. Its mail from there is held within a minute.
    ///
    /// # Errors
    /// The database refused or did not answer; call again.
    pub async fn revoke_sender(&self, shop: &ShopId, sender: &Sender) -> Result<(), StoreError> {
        self.change_senders(shop, "DELETE", sender).await
    }

    async fn change_senders(&self, shop: &ShopId, action: &str, sender: &Sender) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::senders_pk(shop)))
            .key("sk", AttributeValue::S(keys::SENDERS_SK.to_owned()))
            .update_expression(format!("{action} #granted :sender"))
            .expression_attribute_names("#granted", GRANTED)
            .expression_attribute_values(":sender", AttributeValue::Ss(vec![sender.as_str().to_owned()]));
        self.update_if(update).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).expect("an address")
    }

    #[test]
    fn a_sender_covers_its_address_or_its_domain_and_nothing_beside_them() {
        for (sender, covered, not) in [
            ("Hello@Shop.example.com", "hello@shop.example.com", "hallo@shop.example.com"),
            ("hello@shop.example.com", "HELLO@shop.example.com", "hello@shop.example.com.example.org"),
            ("@shop.example.com", "anna@SHOP.example.com", "anna@mail.shop.example.com"),
            ("@shop.example.com", "hello@shop.example.com", "hello@othershop.example.com"),
        ] {
            let sender = Sender::parse(sender).expect("a sender");
            assert!(sender.covers(&address(covered)), "{sender} {covered}");
            assert!(!sender.covers(&address(not)), "{sender} {not}");
        }
        assert!(Sender::any().covers(&address("anna@shop.example.com")));
    }

    #[test]
    fn what_is_neither_an_address_nor_a_domain_is_no_sender() {
        for wrong in [
            "",
            "*",
            "@",
            "shop.example.com",
            "@localhost",
            "a@b@c.example",
            "@a.example, b@b.example",
            "@bücher.example",
        ] {
            assert_eq!(Sender::parse(wrong), Err(NotASender), "{wrong}");
        }
    }

    #[test]
    fn a_shop_from_before_keeps_its_sender_and_cannot_take_another() {
        let (own, other) = (address("hello@shop.example.com"), address("hello@other.example.com"));
        assert!(Senders::FromBefore.allow(&own));
        assert!(Senders::FromBefore.allow_change(Some(&own), &own));
        assert!(!Senders::FromBefore.allow_change(Some(&own), &other));
        assert!(!Senders::FromBefore.allow_change(None, &own), "a new shop has to be granted its sender");
        let none = Senders::Granted(BTreeSet::new());
        assert!(!none.allow(&own) && !none.allow_change(Some(&own), &own));
    }
}

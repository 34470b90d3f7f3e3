//! A visitor with a good link, and what a page needs to know about them.

use crate::Links;
use crate::error::LinksError;
use crate::page::Look;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::{Customer, Folded};
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::mailbox::MailboxKey;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{Brand, Language, LinkClaims, LinkPurpose};
use rekindle_store::{CustomerKey, StoreError};
use std::sync::Arc;

/// A visitor with a good link.
pub(crate) struct Visit {
    /// Whose link it is.
    pub(crate) key: CustomerKey,
    /// What the link says.
    pub(crate) claims: LinkClaims,
    /// The message the link was in, if it is still there.
    pub(crate) message: Option<Message>,
    /// The customer, with what was said about their addresses under other ids.
    pub(crate) customer: Customer,
    /// The same with nothing but what was said under this id.
    own: Folded,
    /// The rules of their shop.
    pub(crate) policy: Arc<Policy>,
    /// The shop as its customers see it.
    pub(crate) brand: Brand,
    /// The language of the page.
    pub(crate) language: Language,
    /// The present instant.
    pub(crate) now: Timestamp,
}

/// The path of the customer's preferences page.
pub(crate) fn preferences_path(links: &Links, visit: &Visit) -> String {
    let claims = LinkClaims { score: None, ..visit.claims.clone() };
    format!("/p/{}", links.link_keys.seal(LinkPurpose::Preferences, &claims, visit.now))
}

impl Links {
    /// The shop as its customers see it.
    pub(crate) async fn brand(&self, shop: &ShopId) -> Result<Brand, LinksError> {
        let brand = self.store.get_setting(shop, rekindle_store::shop::settings::BRAND).await?;
        brand.and_then(|brand| serde_json::from_value(brand).ok()).ok_or(LinksError::NoBrand)
    }
}

impl Visit {
    /// The shop's look in the customer's language.
    pub(crate) fn look(&self) -> Look<'_> {
        Look { brand: &self.brand, language: &self.language }
    }

    /// The channel of the message that the link was in; e-mail if the message is gone.
    pub(crate) fn channel(&self) -> Channel {
        self.message.as_ref().map_or(Channel::Email, |message| message.channel)
    }

    /// Whether the customer gets messages of a purpose on a channel: they are allowed, and the channel is open.
    pub(crate) fn may(&self, channel: Channel, purpose: Purpose) -> bool {
        let folded = &self.customer.folded;
        folded.permissions.allow(&self.policy.consent, channel, purpose)
            && folded.suppressed(channel, self.now).is_none()
    }

    /// Whether the customer refused everything on a channel under this id: refusing it again adds nothing.
    pub(crate) fn has_refused_all(&self, channel: Channel) -> bool {
        self.own.permissions.refuses_all(channel)
    }

    /// Whether a choice is stored already: it holds, and not only because of what was said under another id with the address,
    /// which would not hold for another address of this customer.
    pub(crate) fn has_chosen(&self, channel: Channel, purpose: Purpose, wanted: bool) -> bool {
        let own = self.own.permissions.allow(&self.policy.consent, channel, purpose);
        self.may(channel, purpose) == wanted && (wanted || !own)
    }

    /// The day until which the customer paused messages, in their own time zone or else the shop's.
    pub(crate) fn paused_until(&self) -> Option<String> {
        let until = self.customer.folded.permissions.paused_until(self.now)?;
        let zone = self.customer.folded.profile.time_zone.as_ref();
        let zone = zone.and_then(|zone| TimeZone::get(&zone.value).ok());
        let zone = zone.unwrap_or_else(|| self.policy.calendar.zone().rules().clone());
        Some(self.language.day(zone.to_datetime(until).date()))
    }

    /// The instant of what the customer does on this visit.
    pub(crate) fn act_at(&self) -> Timestamp {
        self.customer.folded.next_statement_at(self.now)
    }

    /// Stores what the customer says on this visit. When it returns it holds for every message that is claimed later, to this
    /// customer or to another with the same address.
    pub(crate) async fn say(&self, links: &Links, facts: &[Fact]) -> Result<(), LinksError> {
        links.store.store_and_apply(&self.key, facts, self.now).await?;
        Ok(links.store.note_facts_in_mailboxes(&self.own.profile, &self.mailboxes(links), facts).await?)
    }

    /// Notes at the mailboxes again what the customer said before. A request that stopped after it had stored the facts may not
    /// have noted them, and its repetition finds nothing to store. One read unit for each mailbox.
    pub(crate) async fn note_again(&self, links: &Links) -> Result<(), LinksError> {
        for mailbox in self.mailboxes(links) {
            links.store.note_in_mailbox(&mailbox, &self.own.of_address(mailbox.channel)).await?;
        }
        Ok(())
    }

    fn mailboxes(&self, links: &Links) -> Vec<MailboxKey> {
        links.link_keys.mailboxes(&self.key.shop, &self.own.profile)
    }

    /// The same visit with what is stored by now.
    pub(crate) async fn reload(&self, links: &Links) -> Result<Self, LinksError> {
        Self::load(links, self.claims.clone(), self.now).await
    }

    /// Reads what is stored of the customer of a link.
    pub(crate) async fn load(links: &Links, claims: LinkClaims, now: Timestamp) -> Result<Self, LinksError> {
        let store = &links.store;
        let key = CustomerKey { shop: claims.shop.clone(), customer: claims.customer.clone() };
        let brand = links.brand(&key.shop).await?;
        let stored = store.main_customer(&key).await?;
        let mailboxes = links.link_keys.mailboxes(&key.shop, &stored.folded.profile);
        let customer = store.with_mailboxes(&stored, &mailboxes, now).await?;
        let language = stored.folded.profile.language.as_ref().and_then(|known| Language::parse(&known.value).ok());
        let language = language.unwrap_or_else(|| brand.settings().default_language.clone());
        Ok(Self {
            message: match store.message(&key, &claims.message).await {
                // A customer must be able to refuse messages even if this version cannot read the one that they came from.
                Err(StoreError::Unreadable { .. }) => None,
                message => message?,
            },
            policy: store.policy(&key.shop, now).await?,
            key,
            claims,
            customer,
            own: stored.folded,
            brand,
            language,
            now,
        })
    }
}

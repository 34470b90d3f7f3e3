//! The addresses and numbers that a shop must not write to, by channel: reported by providers, imported by the shop, or kept from an
//! erasure.
//!
//! Items of `shops`: `pk = suppression#{shop}`, `sk = {channel}#{fingerprint}`; `cause`, `at`, `revision`, and where they
//! are known `until`, `address`, `customer`. The fingerprint is keyed, so that it reveals nothing about the
//! address to a reader of the table; after an erasure (`erased`) only the fingerprint and the cause remain.

use crate::sending::mailboxes;
use crate::store::Store;
use crate::table::attributes::number;
use crate::table::calls::{self, next_page};
use crate::table::error::StoreError;
use crate::table::guarded::unless_changed;
use crate::table::keys;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::SuppressionCause;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::mailbox::{Listed, MailboxKey};
use rekindle_platform::retry::Attempts;
use std::collections::HashMap;

const CAUSE: &str = "cause";
const AT: &str = "at";
const UNTIL: &str = "until";
const ADDRESS: &str = "address";
const CUSTOMER: &str = "customer";
const ERASED: &str = "erased";
const REVISION: &str = "revision";

/// An address or a number that a shop must not write to. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SuppressedAddress {
    /// On which channel.
    pub channel: Channel,
    /// The keyed fingerprint of the address or number.
    pub fingerprint: String,
    /// Why.
    pub cause: SuppressionCause,
    /// Since when.
    pub at: Timestamp,
    /// Until when; absent means for good.
    pub until: Option<Timestamp>,
    /// The address or number itself, where it may be kept.
    pub address: Option<String>,
    /// The customer whose address it was, where one is known.
    pub customer: Option<CustomerId>,
    /// Its owner was erased: neither address nor customer is stored, now or later.
    pub erased: bool,
}

impl SuppressedAddress {
    /// Whether the suppression applies at `now`.
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    fn mailbox(&self, shop: &ShopId) -> MailboxKey {
        MailboxKey { shop: shop.clone(), channel: self.channel, fingerprint: self.fingerprint.clone() }
    }

    /// Merges two entries of one address, in any order: the more severe cause and the later end win.
    #[must_use]
    fn merged_with(&self, new: &Self) -> Self {
        let cause = if new.cause.severity() > self.cause.severity() { new.cause } else { self.cause };
        let until = self.until.zip(new.until).map(|(one, other)| one.max(other));
        let erased = self.erased || new.erased;
        Self {
            channel: self.channel,
            fingerprint: self.fingerprint.clone(),
            cause,
            at: self.at.min(new.at),
            until,
            address: self.address.clone().or_else(|| new.address.clone()).filter(|_| !erased),
            customer: self.customer.clone().or_else(|| new.customer.clone()).filter(|_| !erased),
            erased,
        }
    }
}

/// One page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionPage {
    /// By channel, then in no order.
    pub entries: Vec<SuppressedAddress>,
    /// Where the next page begins; absent after the last.
    pub next: Option<String>,
}

impl Store {
    /// Stores that an address must not be written to; whether that changed anything. Of two causes the more severe wins, of two
    /// ends the later. It is noted at the mailbox, too, which is what counts when a message is sent: both or neither. One read
    /// unit, and four write units for a change.
    ///
    /// # Errors
    /// The database refused or did not answer, or others kept writing the same entry.
    pub async fn put_suppression(&self, shop: &ShopId, new: &SuppressedAddress) -> Result<bool, StoreError> {
        let who = new.customer.as_ref().map_or(new.fingerprint.as_str(), CustomerId::as_str);
        let mut attempts = Attempts::at("suppression", who);
        while attempts.next().await {
            let stored = self.stored_suppression(shop, new.channel, &new.fingerprint).await?;
            let (merged, revision) = match &stored {
                Some((known, revision)) => (known.merged_with(new), *revision),
                // Merged with itself, which drops what an entry of an erased owner must not hold.
                None => (new.merged_with(new), 0),
            };
            if stored.as_ref().is_some_and(|(known, _)| *known == merged) {
                return Ok(false);
            }
            let put = TransactWriteItem::builder().put(self.suppression_put(shop, &merged, revision)).build();
            let listed = Listed { cause: merged.cause, at: merged.at, until: merged.until };
            let mailbox = mailboxes::list_update(&self.tables.shops, &merged.mailbox(shop), Some(&listed));
            let both = vec![put, TransactWriteItem::builder().update(mailbox).build()];
            if self.transact(both).await?.is_empty() {
                return Ok(true);
            }
        }
        Err(attempts.lost().into())
    }

    /// The entry of an address, if there is one. Strongly consistent; one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer, or the entry cannot be read.
    pub async fn suppression(
        &self,
        shop: &ShopId,
        channel: Channel,
        fingerprint: &str,
    ) -> Result<Option<SuppressedAddress>, StoreError> {
        Ok(self.stored_suppression(shop, channel, fingerprint).await?.map(|(entry, _)| entry))
    }

    /// Removes the entry of an address, at its mailbox too; returns what it was.
    ///
    /// # Errors
    /// The database refused or did not answer, or the entry cannot be read.
    pub async fn remove_suppression(
        &self,
        shop: &ShopId,
        channel: Channel,
        fingerprint: &str,
    ) -> Result<Option<SuppressedAddress>, StoreError> {
        let who = fingerprint;
        let mut attempts = Attempts::at("suppression", who);
        while attempts.next().await {
            let Some((entry, revision)) = self.stored_suppression(shop, channel, fingerprint).await? else {
                return Ok(None);
            };
            let delete = Delete::builder()
                .table_name(&self.tables.shops)
                .key("pk", AttributeValue::S(keys::suppression_pk(shop)))
                .key("sk", AttributeValue::S(keys::suppression_sk(channel, fingerprint)))
                .condition_expression("#revision = :seen")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":seen", number(revision))
                .build()
                .expect("a delete has a key and a table");
            let mailbox = mailboxes::list_update(&self.tables.shops, &entry.mailbox(shop), None);
            let both = vec![
                TransactWriteItem::builder().delete(delete).build(),
                TransactWriteItem::builder().update(mailbox).build(),
            ];
            if self.transact(both).await?.is_empty() {
                return Ok(Some(entry));
            }
        }
        Err(attempts.lost().into())
    }

    /// The entries of a shop, `limit` at a time, from where an earlier page ended. Entries that have ended are listed too.
    /// Eventually consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or an entry cannot be read.
    pub async fn suppressions(
        &self,
        shop: &ShopId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<SuppressionPage, StoreError> {
        let pk = keys::suppression_pk(shop);
        let start = after.map(|sk| calls::key(pk.clone(), Some(sk.to_owned())));
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .set_exclusive_start_key(start)
            .limit(i32::from(limit));
        let answer = self.page(query).await?;
        let entries = answer.items().iter().map(|item| Ok(from_item(item)?.0)).collect::<Result<_, StoreError>>()?;
        let next = next_page(&answer);
        Ok(SuppressionPage { entries, next })
    }

    async fn stored_suppression(
        &self,
        shop: &ShopId,
        channel: Channel,
        fingerprint: &str,
    ) -> Result<Option<(SuppressedAddress, u64)>, StoreError> {
        let sk = keys::suppression_sk(channel, fingerprint);
        let item = self.get(&self.tables.shops, keys::suppression_pk(shop), Some(sk)).await?;
        item.as_ref().map(from_item).transpose()
    }

    fn suppression_put(&self, shop: &ShopId, entry: &SuppressedAddress, seen: u64) -> Put {
        let mut put = Put::builder()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::suppression_pk(shop)))
            .item("sk", AttributeValue::S(keys::suppression_sk(entry.channel, &entry.fingerprint)))
            .item(CAUSE, AttributeValue::S(entry.cause.code().to_owned()))
            .item(AT, AttributeValue::S(entry.at.to_string()))
            .item(REVISION, number(seen + 1));
        if let Some(until) = entry.until {
            put = put.item(UNTIL, AttributeValue::S(until.to_string()));
        }
        if let Some(address) = &entry.address {
            put = put.item(ADDRESS, AttributeValue::S(address.clone()));
        }
        if let Some(customer) = &entry.customer {
            put = put.item(CUSTOMER, AttributeValue::S(customer.to_string()));
        }
        if entry.erased {
            put = put.item(ERASED, AttributeValue::Bool(true));
        }
        unless_changed(put, REVISION, seen).build().expect("a put has an item and a table")
    }
}

fn from_item(item: &HashMap<String, AttributeValue>) -> Result<(SuppressedAddress, u64), StoreError> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let unreadable = |attribute| StoreError::Unreadable { family: "suppression", attribute };
    let (channel, fingerprint) =
        text("sk").and_then(|sk| keys::suppression_parts(sk)).ok_or_else(|| unreadable("sk"))?;
    let channel = Channel::from_code(channel).ok_or_else(|| unreadable("sk"))?;
    let instant =
        |name: &'static str| text(name).map(|at| at.parse::<Timestamp>().map_err(|_| unreadable(name))).transpose();
    let customer = text(CUSTOMER).map(|id| CustomerId::parse(id).map_err(|_| unreadable(CUSTOMER))).transpose()?;
    let entry = SuppressedAddress {
        channel,
        fingerprint: fingerprint.to_owned(),
        cause: text(CAUSE).and_then(|code| SuppressionCause::from_code(code)).ok_or_else(|| unreadable(CAUSE))?,
        at: instant(AT)?.ok_or_else(|| unreadable(AT))?,
        until: instant(UNTIL)?,
        address: text(ADDRESS).cloned(),
        customer,
        erased: item.get(ERASED).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false),
    };
    let revision = item.get(REVISION).and_then(|value| value.as_n().ok()?.parse().ok());
    Ok((entry, revision.ok_or_else(|| unreadable(REVISION))?))
}

impl std::fmt::Debug for SuppressedAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { channel, fingerprint, cause, at, until, erased, .. } = self;
        write!(f, "SuppressedAddress({channel} {fingerprint}: {cause:?} at {at} until {until:?}, erased: {erased})")
    }
}

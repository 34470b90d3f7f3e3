//! Mailboxes: what holds for an address or a number of a shop, whichever customers have it.
//!
//! One item of `shops` for each mailbox: `pk` = `mailbox#{shop}#{channel}#{fingerprint}`. `said` (JSON) is what the person
//! said about it, under any id, and what closed it, with `revision`; `listed` (JSON) repeats its entry of the shop's list; and
//! for each message that has a place in it an attribute `place-{message}`: when, which step, whose. Taking a place is one
//! write that answers with the whole item, so that of two messages at least one sees the other.

use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::calls::{self, Item};
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::customer::{Customer, Permissions, Profile};
use rekindle_lifecycle::facts::{Fact, SuppressionCause};
use rekindle_lifecycle::id::{CustomerId, MessageId};
use rekindle_lifecycle::mailbox::{Listed, Mailbox, MailboxKey, Place, said_in};
use rekindle_platform::retry::Attempts;
use serde::{Deserialize, Serialize};

const SAID: &str = "said";
const REVISION: &str = "revision";
const LISTED: &str = "listed";
/// Beginning of the attributes of places.
const PLACE: &str = "place-";
/// How long a place belongs to the worker who took it: longer than a worker lives.
pub const PLACE_LEASE: SignedDuration = SignedDuration::from_secs(120);
/// Most places that one call removes: far below the 4 KB of an expression.
const MAX_REMOVALS: usize = 50;

/// What was there when a place was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// No place for this attempt: the worker who takes it may give it up.
    New,
    /// One for the same attempt, whose lease is over. Its worker stopped, or its clock is far from this one's.
    TakenOver,
}

impl Store {
    /// What is known of a mailbox. Strongly consistent; one read unit, as a rule, and one more if nothing is known of it.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn mailbox(&self, key: &MailboxKey) -> Result<Mailbox, StoreError> {
        let item = self.get(&self.tables.shops, pk(key), Some(keys::MAILBOX_SK.to_owned())).await?;
        match item {
            Some(item) => from_item(&item),
            None => Ok(Mailbox { listed: self.listed_before(key).await?, ..Mailbox::default() }),
        }
    }

    /// The entry of the shop's list for an address of whose mailbox nothing is known yet: an earlier version noted entries in
    /// the list alone.
    async fn listed_before(&self, key: &MailboxKey) -> Result<Option<Listed>, StoreError> {
        let entry = self.suppression(&key.shop, key.channel, &key.fingerprint).await?;
        Ok(entry.map(|entry| Listed { cause: entry.cause, at: entry.at, until: entry.until }))
    }

    /// A customer with what holds for their addresses, whichever customer said it: to be asked and shown, never to be
    /// stored. One read unit for each of their mailboxes.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read.
    pub async fn with_mailboxes(
        &self,
        customer: &Customer,
        mailboxes: &[MailboxKey],
        now: Timestamp,
    ) -> Result<Customer, StoreError> {
        let mut with = customer.clone();
        for key in mailboxes {
            with = self.mailbox(key).await?.applied_to(&with, key.channel, now);
        }
        Ok(with)
    }

    /// Notes at a customer's mailboxes what facts about them say. Costs nothing for facts that say nothing of it.
    ///
    /// # Errors
    /// As [`Store::note_in_mailbox`].
    pub async fn note_facts_in_mailboxes(
        &self,
        profile: &Profile,
        mailboxes: &[MailboxKey],
        facts: &[Fact],
    ) -> Result<(), StoreError> {
        for key in mailboxes {
            if let Some(address) = profile.address(key.channel) {
                self.note_in_mailbox(key, &said_in(facts, key.channel, &address)).await?;
            }
        }
        Ok(())
    }

    /// Joins what a person said about their address with what is known; in any order, any number of times, the same comes
    /// out. If they took back what put them on the shop's list, the list is corrected too. Nothing said costs nothing;
    /// otherwise one read unit, and one write unit for news.
    ///
    /// # Errors
    /// The database refused or did not answer, the item cannot be read, or others kept writing it. What was said may not
    /// be known yet; call again.
    pub async fn note_in_mailbox(&self, key: &MailboxKey, said: &Permissions) -> Result<(), StoreError> {
        if said.is_empty() {
            return Ok(());
        }
        let mut attempts = Attempts::at("mailbox", &key.fingerprint);
        while attempts.next().await {
            let item = self.get(&self.tables.shops, pk(key), Some(keys::MAILBOX_SK.to_owned())).await?;
            let mut mailbox = item.as_ref().map(from_item).transpose()?.unwrap_or_default();
            let before = mailbox.said.clone();
            mailbox.said.join(said);
            if mailbox.said != before {
                let revision = item.as_ref().and_then(|item| item.get(REVISION)?.as_n().ok()?.parse().ok());
                if !self.write_said(key, &mailbox.said, revision).await? {
                    continue;
                }
            }
            if mailbox.is_off_the_list(key.channel) {
                self.remove_suppression(&key.shop, key.channel, &key.fingerprint).await?;
            }
            return Ok(());
        }
        Err(attempts.lost().into())
    }

    async fn write_said(&self, key: &MailboxKey, said: &Permissions, seen: Option<u64>) -> Result<bool, StoreError> {
        let update = self
            .mailbox_update(key)
            .update_expression("SET #said = :said, #revision = :next")
            .expression_attribute_names("#said", SAID)
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":said", json(said))
            .expression_attribute_values(":next", number(seen.unwrap_or_default() + 1));
        self.update_if(match seen {
            None => update.condition_expression("attribute_not_exists(#revision)"),
            Some(seen) => {
                update.condition_expression("#revision = :seen").expression_attribute_values(":seen", number(seen))
            }
        })
        .await
    }

    /// Takes a place for an attempt to send a message; returns the mailbox as it is then, or nothing if another worker has the
    /// place for the same attempt. A place counts as another worker's for [`PLACE_LEASE`], unless the message was written
    /// since (it has a higher revision); whether this was one whose lease is over is said beside the mailbox. One write unit up
    /// to 1 KB: about a dozen places; for the first place of a mailbox one read unit more.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn take_place(&self, key: &MailboxKey, place: &Place) -> Result<Option<(Mailbox, Lease)>, StoreError> {
        let expired = Place { at: place.at - PLACE_LEASE, ..place.clone() };
        let update = self
            .mailbox_update(key)
            .update_expression("SET #place = :place")
            .condition_expression("attribute_not_exists(#place) OR #place < :expired")
            .expression_attribute_names("#place", place_name(&place.message))
            .expression_attribute_values(":place", AttributeValue::S(place_text(place)))
            .expression_attribute_values(":expired", AttributeValue::S(place_text(&expired)));
        let Some(before) = self.update_and_read(update).await? else { return Ok(None) };
        let mut mailbox = from_item(&before)?;
        let had_place = |other: &Place| other.message == place.message && other.revision == place.revision;
        let lease = if mailbox.places.iter().any(had_place) { Lease::TakenOver } else { Lease::New };
        mailbox.places.retain(|other| other.message != place.message);
        mailbox.places.push(place.clone());
        mailbox.places.sort_by(|one, other| (one.at, &one.message).cmp(&(other.at, &other.message)));
        if mailbox.places.len() == 1 && mailbox.listed.is_none() {
            mailbox.listed = self.listed_before(key).await?;
        }
        Ok(Some((mailbox, lease)))
    }

    /// Gives up a place that this worker took.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn give_up_place(&self, key: &MailboxKey, place: &Place) -> Result<(), StoreError> {
        let update = self
            .mailbox_update(key)
            .update_expression("REMOVE #place")
            .condition_expression("#place = :place")
            .expression_attribute_names("#place", place_name(&place.message))
            .expression_attribute_values(":place", AttributeValue::S(place_text(place)));
        self.update_if(update).await.map(|_| ())
    }

    /// Removes the places of messages, if they are there.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn remove_places(
        &self,
        key: &MailboxKey,
        messages: impl IntoIterator<Item = &MessageId>,
    ) -> Result<(), StoreError> {
        let names: Vec<String> = messages.into_iter().map(place_name).collect();
        for names in names.chunks(MAX_REMOVALS) {
            let aliases: Vec<String> = (0..names.len()).map(alias).collect();
            let mut update = self.mailbox_update(key).update_expression(format!("REMOVE {}", aliases.join(", ")));
            for (alias, name) in aliases.into_iter().zip(names) {
                update = update.expression_attribute_names(alias, name);
            }
            self.update_if(update).await?;
        }
        Ok(())
    }

    /// Removes the places of a customer's messages, for their erasure. What the person refused stays: it protects the
    /// address, whichever customer has it.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn forget_in_mailbox(&self, key: &MailboxKey, customer: &CustomerId) -> Result<(), StoreError> {
        let mailbox = self.mailbox(key).await?;
        let theirs = mailbox.places.iter().filter(|place| place.customer == *customer).map(|place| &place.message);
        self.remove_places(key, theirs).await
    }

    fn mailbox_update(&self, key: &MailboxKey) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.shops)
            .set_key(Some(calls::key(pk(key), Some(keys::MAILBOX_SK.to_owned()))))
    }
}

/// The part of a transaction that repeats an entry of the shop's list at the mailbox, or removes it there.
pub(crate) fn list_update(table: &str, key: &MailboxKey, listed: Option<&Listed>) -> Update {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(calls::key(pk(key), Some(keys::MAILBOX_SK.to_owned()))))
        .expression_attribute_names("#listed", LISTED);
    let update = match listed {
        None => update.update_expression("REMOVE #listed"),
        Some(listed) => {
            let Listed { cause, at, until } = *listed;
            let stored = StoredListed { cause: cause.code().to_owned(), at, until };
            update.update_expression("SET #listed = :listed").expression_attribute_values(":listed", json(&stored))
        }
    };
    update.build().expect("an update has a key, a table and an expression")
}

/// An entry of the shop's list, as the mailbox repeats it.
#[derive(Serialize, Deserialize)]
struct StoredListed {
    cause: String,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

fn pk(key: &MailboxKey) -> String {
    keys::mailbox_pk(&key.shop, key.channel, &key.fingerprint)
}

fn place_name(message: &MessageId) -> String {
    format!("{PLACE}{message}")
}

fn alias(index: usize) -> String {
    format!("#p{index}")
}

/// A place as its attribute holds it: revision of the message, instant in milliseconds, step, customer. The first two have a
/// fixed width, so that places of one message sort as they were taken.
fn place_text(place: &Place) -> String {
    let Place { revision, at, step, customer, .. } = place;
    format!("{revision:06} {:014} {step} {customer}", at.as_millisecond().max(0))
}

fn place_from(name: &str, text: &str) -> Option<Place> {
    let mut parts = text.splitn(4, ' ');
    let revision = parts.next()?.parse().ok()?;
    let at = Timestamp::from_millisecond(parts.next()?.parse().ok()?).ok()?;
    let step = parts.next()?.to_owned();
    let customer = CustomerId::parse(parts.next()?).ok()?;
    Some(Place { message: MessageId::parse(name.strip_prefix(PLACE)?).ok()?, revision, customer, step, at })
}

fn from_item(item: &Item) -> Result<Mailbox, StoreError> {
    let unreadable = |attribute| StoreError::Unreadable { family: "mailbox", attribute };
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let said = text(SAID).map(|json| serde_json::from_str(json).map_err(|_| unreadable(SAID))).transpose()?;
    let listed = text(LISTED).map(|json| serde_json::from_str::<StoredListed>(json).map_err(|_| unreadable(LISTED)));
    let listed = listed.transpose()?.map(|StoredListed { cause, at, until }| {
        let cause = SuppressionCause::from_code(&cause).ok_or_else(|| unreadable(LISTED))?;
        Ok::<_, StoreError>(Listed { cause, at, until })
    });
    let names = item.keys().filter(|name| name.starts_with(PLACE));
    let mut places = names
        .map(|name| text(name).and_then(|text| place_from(name, text)).ok_or_else(|| unreadable("place")))
        .collect::<Result<Vec<Place>, _>>()?;
    places.sort_by(|one, other| (one.at, &one.message).cmp(&(other.at, &other.message)));
    Ok(Mailbox { said: said.unwrap_or_default(), listed: listed.transpose()?, places })
}

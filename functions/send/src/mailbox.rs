//! Taking a message's place in its mailbox, at the last moment before it is claimed.
//!
//! A place is taken by one write that answers with the whole mailbox: so of two messages that take one at the same moment at
//! least one sees the other, and a message whose place is taken after a refusal was noted sees the refusal. A message that
//! may not keep its place gives it up. A place belongs to one attempt of one worker at a time: another worker with the same
//! message could otherwise give up the place of one that is just claimed. If `send` stops in between, the place stays until the
//! message is processed again, and others who would be in its way look what became of it.

use crate::Sender;
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Verdict, verdict};
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::mailbox::{Fate, Mailbox, MailboxKey, Place, place_for, stale, step_digest};
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_store::sending::mailboxes::{Lease, PLACE_LEASE};
use rekindle_store::{CustomerKey, StoreError};

/// How many places that no rule asks about any more a mailbox may have before they are removed.
const MAX_STALE_PLACES: usize = 8;

/// A place that a message has in its mailbox.
pub(crate) struct TakenPlace {
    mailbox: MailboxKey,
    place: Place,
    lease: Lease,
}

impl Sender {
    /// Takes the place of a message in its mailbox and returns whether it may go out, by what was said about the address and
    /// by the messages that have a place there; if it may, with its place. One write unit; more only if another customer has
    /// the mailbox too. A channel without addresses has no mailboxes.
    pub(crate) async fn take_place(
        &self,
        key: &CustomerKey,
        policy: &Policy,
        customer: &Customer,
        message: &Message,
        now: Timestamp,
    ) -> Result<(Verdict, Option<TakenPlace>), StoreError> {
        let Some(mailbox_key) = self.link_keys.mailbox(&key.shop, &customer.folded.profile, message.channel) else {
            return Ok((verdict(policy, customer, message, now), None));
        };
        let (id, step) = (message.id.clone(), step_digest(message));
        let place = Place { message: id, revision: message.revision, customer: key.customer.clone(), step, at: now };
        let Some((mailbox, lease)) = self.store.take_place(&mailbox_key, &place).await? else {
            // Another worker has this very attempt in hand; if it stopped, this is tried again.
            return Ok((Verdict::Later((now + PLACE_LEASE).min(message.not_after)), None));
        };
        let taken = TakenPlace { mailbox: mailbox_key, place, lease };
        let found = match verdict(policy, &mailbox.applied_to(customer, message.channel, now), message, now) {
            Verdict::Send => self.kept_place(&taken.mailbox, policy, message, &key.customer, &mailbox, now).await?,
            other => other,
        };
        if found != Verdict::Send {
            self.give_up(&taken).await?;
            return Ok((found, None));
        }
        self.remove_stale_places(&taken.mailbox, policy, &mailbox, now).await?;
        Ok((found, Some(taken)))
    }

    /// Gives up a place whose message this worker does not send now. One that was taken over stays if the message was written
    /// since: then the worker who had it before lives, has claimed the message, and needs the place.
    pub(crate) async fn give_up(&self, taken: &TakenPlace) -> Result<(), StoreError> {
        if taken.lease == Lease::TakenOver {
            let owner = CustomerKey { shop: taken.mailbox.shop.clone(), customer: taken.place.customer.clone() };
            let message = self.store.message(&owner, &taken.place.message).await?;
            if message.is_none_or(|message| message.revision != taken.place.revision) {
                return Ok(());
            }
        }
        self.store.give_up_place(&taken.mailbox, &taken.place).await
    }

    /// Whether a message may keep its place beside the others.
    async fn kept_place(
        &self,
        key: &MailboxKey,
        policy: &Policy,
        message: &Message,
        customer: &CustomerId,
        mailbox: &Mailbox,
        now: Timestamp,
    ) -> Result<Verdict, StoreError> {
        let mut known = Vec::new();
        for place in mailbox.places_beside(policy, message, customer, now) {
            // Their own messages keep the cap already: it was judged when they were created.
            let fate = if place.customer == *customer { Some(Fate::Sent) } else { self.fate(key, place).await? };
            known.extend(fate.map(|fate| (place, fate)));
        }
        Ok(place_for(policy, message, customer, &known, now).for_message(message))
    }

    /// What became of the message of a place; none if it did not go out and never will.
    async fn fate(&self, key: &MailboxKey, place: &Place) -> Result<Option<Fate>, StoreError> {
        let owner = CustomerKey { shop: key.shop.clone(), customer: place.customer.clone() };
        Ok(match self.store.message(&owner, &place.message).await {
            Ok(None) => None,
            Ok(Some(other)) => Fate::of_message(&other),
            // One that this version cannot read may have gone out.
            Err(StoreError::Unreadable { .. }) => Some(Fate::Sent),
            Err(error) => return Err(error),
        })
    }

    async fn remove_stale_places(
        &self,
        key: &MailboxKey,
        policy: &Policy,
        mailbox: &Mailbox,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let stale: Vec<_> = stale(policy, &mailbox.places, now).map(|place| &place.message).collect();
        if stale.len() > MAX_STALE_PLACES {
            self.store.remove_places(key, stale).await?;
        }
        Ok(())
    }
}

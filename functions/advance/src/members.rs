//! The other ids of a customer: marking them as such, and what is counted of them and looked at under them afterwards.

use crate::{Advance, AdvanceError};
use jiff::Timestamp;
use rekindle_lifecycle::customer::{Customer, Decided, Standing};
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::identity::Links;
use rekindle_lifecycle::message::{MessageState, QUEUED_CHECK};
use rekindle_lifecycle::policy::Policy;
use rekindle_platform::retry::Attempts;
use rekindle_store::work::{AdvanceWork, SendWork};
use rekindle_store::{CustomerKey, Guarded, StoreError};

impl Advance {
    /// Has every id counted again that counts the facts of a member and is not its main id.
    pub(crate) async fn recount_former_holders(
        &self,
        member: &Customer,
        main: &CustomerId,
    ) -> Result<(), AdvanceError> {
        let mut work = Vec::new();
        for other in member.folded.links.candidates().filter(|other| *other != main) {
            let other = CustomerKey { shop: member.shop.clone(), customer: other.clone() };
            if self.store.customer(&other).await?.decided.standing.members.contains(&member.id) {
                work.push(AdvanceWork { recount: true, ..AdvanceWork::on(&other) });
            }
        }
        Ok(self.advance_queue.put_all(&work).await?)
    }

    /// Has a main id counted again if a member belongs to another one by now.
    pub(crate) async fn recount_if_members_left(&self, customer: &Customer) -> Result<(), AdvanceError> {
        for member in &customer.decided.standing.members {
            let member = CustomerKey { shop: customer.shop.clone(), customer: member.clone() };
            if self.store.customer(&member).await?.decided.standing.joined_to.as_ref() != Some(&customer.id) {
                let work = AdvanceWork { recount: true, ..AdvanceWork::on(&CustomerKey::from(customer)) };
                return Ok(self.advance_queue.put_all(&[work]).await?);
            }
        }
        Ok(())
    }

    /// A member of a customer, marked as such; `None` if what is known of it has changed since `links` were read, by which it is one.
    pub(crate) async fn joined_member(
        &self,
        key: &CustomerKey,
        main: &CustomerId,
        links: &Links,
        now: Timestamp,
    ) -> Result<Option<Customer>, AdvanceError> {
        let mut attempts = Attempts::at("customer", key.customer.as_str());
        while attempts.next().await {
            let stored = self.store.customer(key).await?;
            if stored.folded.links != *links {
                return Ok(None);
            }
            if stored.decided.standing.joined_to.as_ref() == Some(main)
                || self.mark_member(stored.clone(), &stored, main, now).await?
            {
                return Ok(Some(stored));
            }
        }
        Err(attempts.lost().into())
    }

    /// What was decided under an id that was marked as a member just now. Of its open messages, those that no sender had begun to
    /// send are withdrawn, and the others count from the latest instant at which they may have gone out.
    pub(crate) async fn decided_of_member(
        &self,
        member: &Customer,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Decided, StoreError> {
        let mut decided = member.decided.clone();
        let open = member.decided.contacts.iter().filter(|contact| contact.check_at.is_some());
        for contact in open {
            match self.store.message(&CustomerKey::from(member), &contact.message).await? {
                Some(message) if message.state == MessageState::Queued => {
                    decided.take_back(&message, policy.journey(&message.journey));
                }
                Some(message) => {
                    let latest = message.accepted_at.or(message.unknown_since).unwrap_or(now);
                    decided
                        .contacts
                        .iter_mut()
                        .filter(|known| known.message == message.id)
                        .for_each(|known| known.at = latest);
                }
                None => decided.contacts.retain(|known| known.message != contact.message),
            }
        }
        Ok(decided)
    }

    /// Writes that an id belongs to the customer with this main id: nothing is decided under it any more, and its open messages are
    /// checked at once, which withdraws those that no sender has begun to send.
    pub(crate) async fn mark_member(
        &self,
        mut member: Customer,
        stored: &Customer,
        main: &CustomerId,
        now: Timestamp,
    ) -> Result<bool, AdvanceError> {
        member.decided.standing = Standing { joined_to: Some(main.clone()), ..Standing::default() };
        member.decided.next_at = None;
        member.due_at = member.needs_attention_at();
        if member == *stored {
            return Ok(true);
        }
        if self.store.commit(&member, &[], &[], now).await? != Guarded::Written {
            return Ok(false);
        }
        let key = CustomerKey::from(&member);
        let open = member.decided.contacts.iter().filter(|contact| contact.check_at.is_some());
        let work: Vec<SendWork> = open.map(|contact| SendWork::on(&key, &contact.message)).collect();
        self.send_queue.put_all(&work).await?;
        Ok(true)
    }

    /// Looks at the open messages of an id under which nothing is decided any more.
    pub(crate) async fn check_open_messages(&self, mut customer: Customer, now: Timestamp) -> Result<(), AdvanceError> {
        let key = CustomerKey::from(&customer);
        let mut work = Vec::new();
        for contact in &mut customer.decided.contacts {
            if contact.check_at.is_some_and(|at| at <= now) {
                contact.check_at = Some(QUEUED_CHECK.after(now));
                work.push(SendWork::on(&key, &contact.message));
            }
        }
        customer.decided.next_at = None;
        let due_at = customer.needs_attention_at();
        if due_at == customer.due_at && work.is_empty() {
            return Ok(());
        }
        customer.due_at = due_at;
        self.send_queue.put_all(&work).await?;
        // If another writer was first, the customer stays due.
        self.store.commit(&customer, &[], &[], now).await?;
        Ok(())
    }
}

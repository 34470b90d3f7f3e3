//! What a customer said, at the mailboxes of their addresses.
//!
//! A page or a text notes a statement at the mailbox before it is answered. This does it again for every statement that the
//! stream brings, so that it holds for the address even if the page stopped in between, and for an address that the
//! customer got later. What the shop reports is noted here alone: a refusal under one id is one for the address, as soon as it
//! is folded.

use crate::Advance;
use jiff::Timestamp;
use rekindle_lifecycle::customer::{Customer, Folded};
use rekindle_lifecycle::decide::{Decision, decide};
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::mailbox::news_for_mailbox;
use rekindle_lifecycle::policy::Policy;
use rekindle_store::{CustomerKey, StoreError};

impl Advance {
    /// Notes at the mailboxes of a customer what the new facts say; of an address that is new, everything that they ever
    /// said. Noting it again changes nothing. Costs nothing for facts that say nothing new about permissions: a shop that repeats
    /// a refusal with every order does not pay for it again.
    pub(crate) async fn note_in_mailboxes(
        &self,
        key: &CustomerKey,
        facts: &[Fact],
        recount: bool,
        before: &Folded,
        folded: &Folded,
    ) -> Result<(), StoreError> {
        let before = (!recount).then_some(before);
        for mailbox in self.link_keys.mailboxes(&key.shop, &folded.profile) {
            let said = news_for_mailbox(before, folded, facts, mailbox.channel);
            self.store.note_in_mailbox(&mailbox, &said).await?;
        }
        Ok(())
    }

    /// Decides about a customer. If something is not sent because of what they allowed or refused under this id, decides
    /// with what was said about their addresses under other ids: they may have said otherwise since. Only then the
    /// mailboxes are read, for one read unit each.
    pub(crate) async fn decide(
        &self,
        policy: &Policy,
        customer: &Customer,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let decision = decide(policy, customer, now);
        if !decision.lacked_permission() {
            return Ok(decision);
        }
        let mailboxes = self.link_keys.mailboxes(&customer.shop, &customer.folded.profile);
        let with = self.store.with_mailboxes(customer, &mailboxes, now).await?;
        Ok(if with == *customer { decision } else { decide(policy, &with, now) })
    }
}

//! The last check before a message is sent.

use crate::Sender;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Verdict, stored_orders_matter_since, verdict};
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_store::{CustomerKey, RecentFacts, StoreError};

/// How far before the creation of a message `send` looks for a refusal, a bounce or a reaction that is stored
/// but not yet folded: a day, in which a stream that stopped is noticed and repaired.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);

impl Sender {
    /// Checks again whether the message is wanted, against the customer as folded and against the facts that are stored
    /// but may not be folded yet.
    pub(crate) async fn recheck(
        &self,
        key: &CustomerKey,
        policy: &Policy,
        customer: &Customer,
        message: &Message,
        now: Timestamp,
    ) -> Result<Verdict, StoreError> {
        if customer.version == 0 {
            return Ok(Verdict::Withdraw(Reason::Erased));
        }
        let before = verdict(policy, customer, message, now);
        if before != Verdict::Send {
            return self.as_said_elsewhere(key, policy, customer, message, before, now).await;
        }
        let (orders, others) = self.unfolded(key, customer, message).await?;
        let facts = [orders.facts, others.facts].concat();
        // A full page leaves facts out, perhaps the one that matters: then the whole history is folded, as it is when a fact
        // concerns an order that is counted already.
        let recount = orders.is_full || others.is_full;
        let mut folded = self.store.fold(customer, &customer.id, &facts, recount, &policy.calendar).await?;
        for member in &customer.decided.standing.members {
            let of_member = CustomerKey { shop: key.shop.clone(), customer: member.clone() };
            let (orders, others) = self.unfolded(&of_member, customer, message).await?;
            let facts = [orders.facts, others.facts].concat();
            let recount = orders.is_full || others.is_full;
            let ahead = Customer { folded, ..customer.clone() };
            folded = self.store.fold(&ahead, member, &facts, recount, &policy.calendar).await?;
        }
        let ahead = Customer { folded, ..customer.clone() };
        let found = verdict(policy, &ahead, message, now);
        self.as_said_elsewhere(key, policy, &ahead, message, found, now).await
    }

    /// The facts stored under one id of the customer that may not be folded yet and can change the verdict: orders, and others.
    async fn unfolded(
        &self,
        key: &CustomerKey,
        customer: &Customer,
        message: &Message,
    ) -> Result<(RecentFacts, RecentFacts), StoreError> {
        let orders_since = stored_orders_matter_since(customer, message);
        tokio::try_join!(
            async {
                match orders_since {
                    Some(since) => self.store.orders_since(key, since).await,
                    None => Ok(RecentFacts::default()),
                }
            },
            self.store.facts_since(key, message.created_at - LOOK_BACK),
        )
    }

    /// The verdict on a message that the customer's own statements forbid: the person may have said otherwise since, about
    /// the same address, under another id. Only then is the mailbox read here: what it forbids is found when the message
    /// takes its place.
    async fn as_said_elsewhere(
        &self,
        key: &CustomerKey,
        policy: &Policy,
        customer: &Customer,
        message: &Message,
        found: Verdict,
        now: Timestamp,
    ) -> Result<Verdict, StoreError> {
        let forbidden = matches!(found, Verdict::Withdraw(reason) if reason.is_about_permission());
        let mailbox = self.link_keys.mailbox(&key.shop, &customer.folded.profile, message.channel);
        let Some(mailbox) = mailbox.filter(|_| forbidden) else { return Ok(found) };
        let mailbox = self.store.mailbox(&mailbox).await?;
        Ok(verdict(policy, &mailbox.applied_to(customer, message.channel, now), message, now))
    }
}

//! The last check before a message is sent.

use crate::Sender;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
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
            return Ok(before);
        }
        let ((orders, others), suppressed) = tokio::try_join!(
            self.unfolded(key, customer, message),
            self.is_suppressed(key, customer, message.channel, now),
        )?;
        if suppressed {
            return Ok(Verdict::Withdraw(Reason::Suppressed));
        }
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
        Ok(verdict(policy, &ahead, message, now))
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

    /// Whether the address is on the shop's suppression list, whichever of its customers it belongs to.
    async fn is_suppressed(
        &self,
        key: &CustomerKey,
        customer: &Customer,
        channel: Channel,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(address) = customer.folded.profile.address(channel) else { return Ok(false) };
        let fingerprint = self.link_keys.address_fingerprint(&address);
        let listed = self.store.suppression(&key.shop, channel, &fingerprint).await?;
        Ok(listed.is_some_and(|listed| listed.holds_at(now)))
    }
}

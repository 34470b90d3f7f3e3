//! Advancing one customer.

use crate::Advance;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::Decision;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::Message;
use rekindle_platform::QueueError;
use rekindle_platform::retry::{Attempts, LostRaces};
use rekindle_store::work::SendWork;
use rekindle_store::{CustomerKey, Guarded, StoreError};
use std::borrow::Cow;

/// Open messages younger than this are put on the queue again by any advance, in case the one that
/// created them stopped before it did.
const FRESH_MESSAGE: SignedDuration = SignedDuration::from_mins(10);

/// Why a customer could not be advanced now. Trying again later is always right.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceError {
    /// The database failed.
    #[error("the customer could not be read or written")]
    Store(#[from] StoreError),
    /// The messages are created, but not on their queue.
    #[error("the messages could not be put on the queue")]
    Queue(#[from] QueueError),
    /// What the queue asks for is no key of a customer.
    #[error("what the queue asks for is no key of a customer; it goes to the dead letters")]
    NoSuchKey,
    /// Others kept writing the customer.
    #[error(transparent)]
    Busy(#[from] LostRaces),
}

impl Advance {
    /// Loads the customer, folds the facts in, decides, commits, and puts new messages on their queue.
    /// `facts` are new facts in any order; facts that were folded before change nothing. With `recount` the whole
    /// stored history is folded from nothing, in addition to `facts`.
    ///
    /// # Errors
    /// Nothing was decided that is not also recorded; call again.
    pub async fn advance_customer(&self, key: &CustomerKey, facts: &[Fact], recount: bool) -> Result<(), AdvanceError> {
        // The stream and the queue may have the same customer at the same time.
        let who = facts.first().map_or(key.customer.as_str(), |fact| fact.id.as_str());
        let mut attempts = Attempts::at("customer", who);
        while attempts.next().await {
            let now = self.clock.now();
            let policy = self.store.policy(&key.shop, now).await?;
            let stored = self.store.customer(key).await?;
            if stored.version == 0 && facts.is_empty() && !recount {
                return Ok(());
            }
            let (facts, recount) = match stored.version {
                0 => match self.without_erased_facts(key, facts, recount).await? {
                    Some(later) => later,
                    None => return Ok(()),
                },
                _ => (Cow::Borrowed(facts), recount),
            };
            let folded = self.store.fold(&stored, &facts, recount, &policy.calendar).await?;
            self.note_in_mailboxes(key, &facts, recount, &stored.folded, &folded).await?;
            let has_news = folded != stored.folded;
            let customer = Customer { folded, ..stored };
            let decision = self.decide(&policy, &customer, now).await?;
            let mut plan = Plan::new(customer, has_news, decision, now);
            self.redeem_coupons(key, &facts, recount, &policy).await?;
            self.tell_referrer(key, &mut plan.decision).await?;
            if self.commit(key, &plan, now).await? {
                return Ok(self.enqueue(key, &plan, now).await?);
            }
        }
        Err(attempts.lost().into())
    }

    /// Returns the facts to fold for a customer without an item: all of them for a new customer, only later ones after an
    /// erasure, because facts from before may still be on their way. `None` if there are none. One read unit, once in a
    /// customer's life.
    async fn without_erased_facts<'f>(
        &self,
        key: &CustomerKey,
        facts: &'f [Fact],
        recount: bool,
    ) -> Result<Option<(Cow<'f, [Fact]>, bool)>, StoreError> {
        let fingerprint = self.link_keys.customer_fingerprint(&key.shop, &key.customer);
        let Some(erased_at) = self.store.erased_at(&fingerprint).await? else {
            return Ok(Some((Cow::Borrowed(facts), recount)));
        };
        let later: Vec<Fact> = facts.iter().filter(|fact| fact.at > erased_at).cloned().collect();
        // Facts from before the erasure are being removed from the table, so nothing is recounted.
        Ok((!later.is_empty()).then_some((Cow::Owned(later), false)))
    }

    /// Writes the plan, if there is anything to write; `false` if another writer was first.
    async fn commit(&self, key: &CustomerKey, plan: &Plan, now: Timestamp) -> Result<bool, AdvanceError> {
        if !plan.changes {
            return Ok(true);
        }
        let messages = &plan.decision.messages;
        let mut guarded = self.store.commit(&plan.customer, messages, &plan.decision.entries, now).await?;
        if guarded == Guarded::MessageChanged {
            // A message of the same identity exists: decided upon before, by a customer record that was lost.
            let new = self.only_missing(key, messages.clone()).await?;
            guarded = self.store.commit(&plan.customer, &new, &plan.decision.entries, now).await?;
        }
        Ok(guarded == Guarded::Written)
    }

    async fn only_missing(&self, key: &CustomerKey, messages: Vec<Message>) -> Result<Vec<Message>, StoreError> {
        let mut missing = Vec::new();
        for message in messages {
            match self.store.message(key, &message.id).await {
                Ok(None) => missing.push(message),
                // One that this version cannot read exists too.
                Ok(Some(_)) | Err(StoreError::Unreadable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(missing)
    }

    async fn enqueue(&self, key: &CustomerKey, plan: &Plan, now: Timestamp) -> Result<(), QueueError> {
        let fresh = plan
            .customer
            .decided
            .contacts
            .iter()
            .filter(|contact| contact.check_at.is_some() && now.duration_since(contact.at) < FRESH_MESSAGE);
        let mut ids: Vec<&MessageId> = fresh.map(|contact| &contact.message).collect();
        ids.extend(&plan.decision.rechecks);
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(());
        }
        let work: Vec<SendWork> = ids.into_iter().map(|id| SendWork::on(key, id)).collect();
        self.send_queue.put_all(&work).await
    }
}

/// What is to be written of a customer.
struct Plan {
    customer: Customer,
    decision: Decision,
    /// Whether the customer has to be written.
    changes: bool,
}

impl Plan {
    /// Plans to write a customer with new facts folded in, as decided.
    fn new(mut customer: Customer, has_news: bool, mut decision: Decision, now: Timestamp) -> Self {
        let due_at = customer.due_at_to_store(decision.due_at, now);
        let decided = decision.decided.take();
        let changes = has_news
            || customer.version == 0
            || decision.stage != customer.stage
            || due_at != customer.due_at
            || decided.as_ref().is_some_and(|decided| {
                // When to look next follows from the rest; alone it is worth a write only if it moves `due_at`.
                let mut same = decided.clone();
                same.next_at = customer.decided.next_at;
                same != customer.decided
            });
        customer.stage = decision.stage;
        customer.stage_since = decision.stage_since;
        customer.due_at = due_at;
        if let Some(decided) = decided {
            customer.decided = decided;
        }
        Self { customer, decision, changes }
    }
}

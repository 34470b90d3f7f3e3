//! Advancing one customer.

use crate::Advance;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::customer::{Customer, Folded};
use rekindle_lifecycle::decide::decide;
use rekindle_lifecycle::decision::Decision;
use rekindle_lifecycle::fact::Fact;
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::stage::Stage;
use rekindle_platform::QueueError;
use rekindle_store::work::SendWork;
use rekindle_store::{CustomerKey, Guarded, StoreError};
use std::borrow::Cow;
use std::time::Duration;

/// How often a lost race is run again before the customer goes back to the queue.
const ATTEMPTS: u32 = 6;
/// Open messages younger than this are put on the queue again by any advance, in case the one that
/// created them stopped before it did.
const FRESH_MESSAGE: SignedDuration = SignedDuration::from_mins(10);

/// What an advance did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Advanced {
    /// The stage before and after, if it changed.
    pub moved: Option<(Stage, Stage)>,
    /// Messages created.
    pub created: Vec<MessageId>,
    /// Whether the customer was written at all.
    pub written: bool,
}

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
    #[error("others wrote the customer {ATTEMPTS} times in a row")]
    Busy,
}

impl Advance {
    /// Loads the customer, folds the facts in, decides, commits, and puts new messages on their queue.
    /// `facts` are new facts in any order; facts taken in before are harmless. With `recount` the whole
    /// stored history is folded again, whatever `facts` says.
    ///
    /// # Errors
    /// Nothing was decided that is not also recorded; call again.
    pub async fn advance_customer(
        &self,
        key: &CustomerKey,
        facts: &[Fact],
        recount: bool,
    ) -> Result<Advanced, AdvanceError> {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(pause(key, attempt)).await;
            }
            let now = self.clock.now();
            let policy = self.store.policy(&key.shop, now).await?;
            let stored = self.store.customer(key).await?;
            if stored.version == 0 && facts.is_empty() && !recount {
                return Ok(Advanced::default());
            }
            let (facts, recount) = match stored.version {
                0 => match self.without_erased_facts(key, facts, recount).await? {
                    Some(left) => left,
                    None => return Ok(Advanced::default()),
                },
                _ => (Cow::Borrowed(facts), recount),
            };
            let folded = self.store.fold(&stored, &facts, recount, &policy.calendar).await?;
            let Some(mut plan) = Plan::make(&policy, stored, folded, now) else {
                return Ok(Advanced::default());
            };
            self.redeem_coupons(key, &facts, recount, &policy).await?;
            self.tell_referrer(key, &mut plan.decision).await?;
            match self.commit(key, &plan, now).await? {
                Some(advanced) => {
                    self.enqueue(key, &plan, now).await?;
                    return Ok(advanced);
                }
                None => continue,
            }
        }
        Err(AdvanceError::Busy)
    }

    /// What is left to fold of a customer who is not there: all of it if they are new; what happened since if they
    /// were erased and facts of before were still under way. `None` if that is nothing. One read unit, once in a
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
        // What is stored of before is being removed, so nothing is counted again.
        Ok((!later.is_empty()).then_some((Cow::Owned(later), false)))
    }

    /// Writes the plan; nothing if somebody else wrote the customer first.
    async fn commit(&self, key: &CustomerKey, plan: &Plan, now: Timestamp) -> Result<Option<Advanced>, AdvanceError> {
        if !plan.changes {
            return Ok(Some(Advanced::default()));
        }
        let mut new = plan.decision.messages.clone();
        let mut guarded = self.store.commit(&plan.customer, &new, &plan.decision.entries, now).await?;
        if guarded == Guarded::MessageChanged {
            // A message of the same identity exists: decided upon before, by a customer record that was lost.
            new = self.only_missing(key, new).await?;
            guarded = self.store.commit(&plan.customer, &new, &plan.decision.entries, now).await?;
        }
        Ok((guarded == Guarded::Written).then(|| Advanced {
            moved: (plan.stage_before != plan.customer.stage).then_some((plan.stage_before, plan.customer.stage)),
            created: new.into_iter().map(|message| message.id).collect(),
            written: true,
        }))
    }

    async fn only_missing(&self, key: &CustomerKey, messages: Vec<Message>) -> Result<Vec<Message>, StoreError> {
        let mut missing = Vec::new();
        for message in messages {
            if self.store.message(key, &message.id).await?.is_none() {
                missing.push(message);
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
    stage_before: Stage,
    decision: Decision,
    /// Whether the customer has to be written.
    changes: bool,
}

impl Plan {
    fn make(policy: &Policy, stored: Customer, folded: Folded, now: Timestamp) -> Option<Self> {
        let heard = folded != stored.folded;
        let mut customer = Customer { folded, ..stored };
        let mut decision = decide(policy, &customer, now);
        let due_at = due_at_to_store(customer.due_at, decision.due_at, now);
        let decided = decision.decided.take();
        let changes = heard
            || customer.version == 0
            || decision.stage != customer.stage
            || due_at != customer.due_at
            || decided.as_ref().is_some_and(|decided| {
                // When to look next follows from the rest; alone it is worth a write only if it moves `due_at`.
                let mut same = decided.clone();
                same.next_at = customer.decided.next_at;
                same != customer.decided
            });
        let stage_before = customer.stage;
        customer.stage = decision.stage;
        customer.stage_since = decision.stage_since;
        customer.due_at = due_at;
        if let Some(decided) = decided {
            customer.decided = decided;
        }
        Some(Self { customer, stage_before, decision, changes })
    }
}

/// The instant to store, given the one that is stored and the one that is wanted: a stored one that is
/// too early costs at most one idle look, moving it costs two more write units each time.
fn due_at_to_store(stored: Option<Timestamp>, wanted: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    match (stored, wanted) {
        (Some(stored), Some(wanted)) if now < stored && stored <= wanted => Some(stored),
        (Some(stored), None) if now < stored => Some(stored),
        (_, wanted) => wanted,
    }
}

/// A pause that grows with the attempt and differs between customers and attempts, so that those who
/// collided do not collide again.
fn pause(key: &CustomerKey, attempt: u32) -> Duration {
    let share = rekindle_lifecycle::id::fraction(&["pause", &key.pk(), &attempt.to_string()]);
    Duration::from_millis(10 << attempt).mul_f64(0.5 + share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    #[test]
    fn a_due_time_moves_only_forward_in_time_when_it_has_to() {
        let now = at(100);
        for (stored, wanted, result) in [
            (None, None, None),
            (None, Some(150), Some(150)),
            // Stored earlier than wanted: left alone, an idle look will come.
            (Some(120), Some(150), Some(120)),
            (Some(120), None, Some(120)),
            // Stored later than wanted, or over: written.
            (Some(150), Some(120), Some(120)),
            (Some(100), Some(150), Some(150)),
            (Some(90), None, None),
        ] {
            assert_eq!(due_at_to_store(stored.map(at), wanted.map(at), now), result.map(at), "{stored:?} {wanted:?}");
        }
    }
}

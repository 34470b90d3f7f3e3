//! Advancing one customer.

use crate::Advance;
use crate::identity::{self, Resolved};
use jiff::Timestamp;
use rekindle_lifecycle::customer::{Customer, Folded};
use rekindle_lifecycle::decide::Plan;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_platform::QueueError;
use rekindle_platform::retry::{Attempts, LostRaces};
use rekindle_store::work::{AdvanceWork, SendWork};
use rekindle_store::{CustomerKey, Guarded, StoreError};

/// Most ids that are advanced on the way from one to the customer's main one.
const MAX_STEPS_TO_MAIN: usize = 4;

/// What is left to do after one id was advanced.
enum Next {
    Done,
    /// The customer's main id is this one.
    Main(CustomerKey, MainWork),
}

/// What is to be done under the main id.
enum MainWork {
    /// The facts that came are folded there.
    Facts,
    /// Which ids belong to the customer changed.
    Recount,
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
    #[error(transparent)]
    Busy(#[from] LostRaces),
}

impl Advance {
    /// Loads the customer, folds the facts in, decides, commits, and puts new messages on their queue.
    /// `facts` are new facts in any order; facts that were folded before change nothing. With `recount` the whole
    /// stored history is folded from nothing, in addition to `facts`. If the id was joined with another, the customer is
    /// advanced under their main id.
    ///
    /// # Errors
    /// Nothing was decided that is not also recorded; call again.
    pub async fn advance_customer(&self, key: &CustomerKey, facts: &[Fact], recount: bool) -> Result<(), AdvanceError> {
        let mut next = self.advance_id(key, facts, recount).await?;
        let mut steps = 0;
        while let Next::Main(main, work) = next {
            steps += 1;
            if steps > MAX_STEPS_TO_MAIN {
                // Joins keep changing: later there is one answer.
                return Ok(self
                    .advance_queue
                    .put_all(&[AdvanceWork { recount: true, ..AdvanceWork::on(key) }])
                    .await?);
            }
            next = match work {
                MainWork::Recount => self.advance_id(&main, &[], true).await?,
                MainWork::Facts => self.advance_main(&main, &key.customer, facts).await?,
            };
        }
        Ok(())
    }

    /// Advances the customer under one id. Answers with the main id if that is another one.
    async fn advance_id(&self, key: &CustomerKey, facts: &[Fact], recount: bool) -> Result<Next, AdvanceError> {
        // The stream and the queue may have the same customer at the same time.
        let who = facts.first().map_or(key.customer.as_str(), |fact| fact.id.as_str());
        let mut attempts = Attempts::at("customer", who);
        while attempts.next().await {
            let now = self.clock.now();
            let policy = self.store.policy(&key.shop, now).await?;
            let mut stored = self.store.customer(key).await?;
            let is_new = stored.version == 0;
            if is_new && facts.is_empty() && !recount {
                return Ok(Next::Done);
            }
            // Only after an erasure and for a recount of a customer without an item is more read than what came.
            let history = if recount && (is_new || stored.erased_at.is_some()) {
                [facts, self.store.facts_of(key).all().await?.as_slice()].concat()
            } else {
                Vec::new()
            };
            let facts = if history.is_empty() { facts } else { &history };
            if is_new {
                self.note_erasure(&mut stored, facts).await?;
            }
            let facts = self.without_erased_facts(&stored, facts).await?;
            if is_new && stored.erased_at.is_some() && facts.is_empty() {
                return Ok(Next::Done);
            }
            let standing = &stored.decided.standing;
            if standing.shared_since.is_some() {
                self.take_apart(stored, &facts, recount).await?;
                return Ok(Next::Done);
            }
            if let Some(main) = standing.joined_to.clone()
                && !recount
                && !facts.iter().any(|fact| identity::may_change_links(&stored, fact))
            {
                if facts.is_empty() {
                    self.check_open_messages(stored, now).await?;
                    return Ok(Next::Done);
                }
                return Ok(Next::Main(CustomerKey { shop: key.shop.clone(), customer: main }, MainWork::Facts));
            }
            let mut facts = facts.into_owned();
            facts.extend(self.find_other_ids(&stored, &facts, recount, policy.identity).await?);
            let folded = self.store.fold(&stored, &key.customer, &facts, recount, &policy.calendar).await?;
            if folded.identifiers().is_shared(folded.orders.purchases(&policy.calendar, now).orders) {
                // The next attempt takes it apart.
                self.mark_shared(stored, now).await?;
                continue;
            }
            let is_resolved = identity::must_resolve(&stored, &folded, &facts, recount);
            let plan = if is_resolved {
                match self.resolve(stored, folded, &policy, now).await? {
                    Some(Resolved::Main(plan)) => *plan,
                    Some(Resolved::MemberOf(main)) => return Ok(Next::Main(main, MainWork::Recount)),
                    None => continue,
                }
            } else {
                self.note_in_mailboxes(key, &facts, recount, &stored.folded, &folded).await?;
                self.plan(&policy, stored, folded, false, now).await?
            };
            let customer = is_resolved.then(|| plan.customer.clone());
            if self.carry_out(key, &key.customer, plan, &facts, recount, &policy, now).await? {
                if let Some(customer) = customer {
                    self.recount_if_members_left(&customer).await?;
                }
                return Ok(Next::Done);
            }
        }
        Err(attempts.lost().into())
    }

    /// Advances a customer with new facts that are stored under `member`, another id of theirs.
    async fn advance_main(&self, key: &CustomerKey, member: &CustomerId, facts: &[Fact]) -> Result<Next, AdvanceError> {
        let who = facts.first().map_or(key.customer.as_str(), |fact| fact.id.as_str());
        let mut attempts = Attempts::at("customer", who);
        while attempts.next().await {
            let now = self.clock.now();
            let policy = self.store.policy(&key.shop, now).await?;
            let stored = self.store.customer(key).await?;
            if !stored.decided.standing.members.contains(member) {
                // Joined just now, or no more.
                let id = CustomerKey { shop: key.shop.clone(), customer: member.clone() };
                return Ok(Next::Main(id, MainWork::Recount));
            }
            let folded = self.store.fold(&stored, member, facts, false, &policy.calendar).await?;
            self.note_in_mailboxes(key, facts, false, &stored.folded, &folded).await?;
            let plan = self.plan(&policy, stored, folded, false, now).await?;
            if self.carry_out(key, member, plan, facts, false, &policy, now).await? {
                return Ok(Next::Done);
            }
        }
        Err(attempts.lost().into())
    }

    /// Decides about a customer as they are stored, with `folded` in place of what was folded before. `is_news` says that they have
    /// to be written in any case.
    pub(crate) async fn plan(
        &self,
        policy: &Policy,
        stored: Customer,
        folded: Folded,
        is_news: bool,
        now: Timestamp,
    ) -> Result<Plan, StoreError> {
        let is_news = is_news || folded != stored.folded;
        let customer = Customer { folded, ..stored };
        let decision = self.decide(policy, &customer, now).await?;
        Ok(Plan::new(customer, is_news, decision, now))
    }

    /// Writes what was decided, first elsewhere, then at the customer. `of` is the id under which the facts are stored. `false` if
    /// another writer was first.
    #[expect(clippy::too_many_arguments, reason = "all that one decision consists of")]
    async fn carry_out(
        &self,
        key: &CustomerKey,
        of: &CustomerId,
        mut plan: Plan,
        facts: &[Fact],
        recount: bool,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<bool, AdvanceError> {
        let facts_key = CustomerKey { shop: key.shop.clone(), customer: of.clone() };
        self.redeem_coupons(&facts_key, facts, recount, policy).await?;
        self.tell_referrer(key, &mut plan.decision).await?;
        let written = self.commit(key, &plan, now).await?;
        if written {
            self.enqueue(key, &plan, now).await?;
        }
        Ok(written)
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

    pub(crate) async fn enqueue(&self, key: &CustomerKey, plan: &Plan, now: Timestamp) -> Result<(), QueueError> {
        let ids = plan.messages_to_process(now);
        if ids.is_empty() {
            return Ok(());
        }
        let work: Vec<SendWork> = ids.into_iter().map(|id| SendWork::on(key, id)).collect();
        self.send_queue.put_all(&work).await
    }
}

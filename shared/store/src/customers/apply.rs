//! Applying facts: folding them into a customer, and, for facts that must take effect before the caller is answered, writing
//! the customer at once.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::guarded::Guarded;
use crate::table::keys::CustomerKey;
use jiff::Timestamp;
use rekindle_lifecycle::customer::{Customer, Folded};
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::time::Calendar;
use rekindle_platform::retry::{Attempts, LostRaces};

/// A fact is stored, but did not take effect at once.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The database failed.
    #[error("the customer could not be read or written")]
    Store(#[from] StoreError),
    /// Others kept writing the customer. The fact is stored and will take effect when it is folded.
    #[error(transparent)]
    Busy(#[from] LostRaces),
}

impl Store {
    /// Folds new facts of one of a customer's ids, `of`, into the customer. With `recount`, if a new fact is about an order that may be counted already, or if
    /// this version can count stored facts that an earlier one could not, the whole stored history is read and folded from
    /// nothing, that of all ids of the customer; otherwise nothing is read. Facts from before an erasure of the customer do not
    /// count.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn fold(
        &self,
        stored: &Customer,
        of: &CustomerId,
        new: &[Fact],
        recount: bool,
        calendar: &Calendar,
    ) -> Result<Folded, StoreError> {
        let counts = |fact: &Fact| stored.erased_at.is_none_or(|erased_at| erased_at < fact.at);
        if !recount && !stored.folded.can_count_more() {
            let mut folded = stored.folded.clone();
            let is_own = *of == stored.id;
            let mut apply = |fact| {
                if is_own { folded.apply(fact, calendar) } else { folded.apply_of_member(fact, calendar) }
            };
            if new.iter().filter(|fact| counts(fact)).all(|fact| apply(fact).is_ok()) {
                return Ok(folded);
            }
        }
        let mut own = self.facts_of(&CustomerKey::from(stored)).all().await?;
        let mut of_members = Vec::new();
        for member in &stored.decided.standing.members {
            let key = CustomerKey { shop: stored.shop.clone(), customer: member.clone() };
            of_members.extend(self.facts_of(&key).all().await?);
        }
        let same = if *of == stored.id { &mut own } else { &mut of_members };
        same.extend_from_slice(new);
        own.retain(counts);
        of_members.retain(counts);
        Ok(Folded::recount_joined(&own, &of_members, calendar))
    }

    /// Stores facts and folds them into the customer, whose main id may be another one, before it returns, so that a message claimed later is claimed with
    /// them known. What follows from them is decided soon after, by `advance`.
    ///
    /// # Errors
    /// The facts may be stored without having taken effect; calling again is harmless.
    pub async fn store_and_apply(&self, key: &CustomerKey, facts: &[Fact], now: Timestamp) -> Result<(), ApplyError> {
        let items: Vec<_> = facts.iter().map(|fact| (key.clone(), fact.clone())).collect();
        self.put_facts(&items).await?;
        let policy = self.policy(&key.shop, now).await?;
        let who = facts.first().map(|fact| fact.id.as_str()).unwrap_or_default();
        let mut attempts = Attempts::at("customer", who);
        while attempts.next().await {
            let mut customer = self.main_customer(key).await?;
            let folded = self.fold(&customer, &key.customer, facts, false, &policy.calendar).await?;
            if folded == customer.folded {
                return Ok(());
            }
            customer.folded = folded;
            customer.due_at = Some(customer.due_at.map_or(now, |due_at| due_at.min(now)));
            if self.commit(&customer, &[], &[], now).await? == Guarded::Written {
                return Ok(());
            }
        }
        Err(attempts.lost().into())
    }
}

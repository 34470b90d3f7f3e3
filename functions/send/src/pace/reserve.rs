//! Reserving the turn of a message.

use super::share::{NotNow, Share};
use super::{Arrival, CLAIM_LEAD, MAX_LATE_OWN, Turn};
use crate::limits::Limits;
use jiff::Timestamp;
use rekindle_lifecycle::sending_rate::MAX_WAIT_IN_HAND;
use rekindle_store::StoreError;
use rekindle_store::sending::rate::{Leased, Wanted};

/// The answer to a message that asks for a turn.
pub enum Reserved<'p> {
    /// It has one, and it is time to claim the message.
    Turn(Turn<'p>),
    /// There is none in this batch.
    NotNow(NotNow),
}

impl<'p> Arrival<'p> {
    /// Answers at once if this sender already knows that the message gets no turn in this batch, so that it need not be
    /// checked and rendered. Costs nothing, or what a retry time costs.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn known_too_late(&mut self, limits: &Limits) -> Result<Option<NotNow>, StoreError> {
        let (sender, until) = (self.pace.sender, self.pace.until);
        let now = sender.clock.precise_now();
        let next = sender.store.known_next_slot(&limits.account.of).unwrap_or(now);
        if next > until {
            return Ok(Some(NotNow::ProviderBusy(next)));
        }
        let Some(own) = &limits.own else { return Ok(None) };
        let recent = sender.store.known_recent_sends(&own.of);
        // The slots up to the shop's latest send are taken by its own messages.
        let from = recent.instants().last().copied().unwrap_or(now).max(next).max(now);
        if recent.next(from, own.rate()) <= from + MAX_WAIT_IN_HAND {
            return Ok(None);
        }
        match self.ask(limits, true).await? {
            Share::NotNow(not_now) => Ok(Some(not_now)),
            Share::Slot(_) | Share::Due(_) => Ok(None),
        }
    }

    /// Reserves the turn of a message and waits until it is time to claim the message. One lease serves all messages of the
    /// batch that ask. Without limits the turn is now.
    ///
    /// # Errors
    /// The database refused or did not answer. A slot may be lost.
    pub async fn reserve(&mut self, limits: Option<Limits>) -> Result<Reserved<'p>, StoreError> {
        let Some(limits) = limits else { return Ok(Reserved::Turn(Turn::free(self.pace))) };
        let slot = match self.ask(&limits, false).await? {
            Share::Slot(slot) => slot,
            Share::NotNow(not_now) => return Ok(Reserved::NotNow(not_now)),
            Share::Due(due) => match self.lease_at(&limits, due).await? {
                Ok(slot) => slot,
                Err(not_now) => return Ok(Reserved::NotNow(not_now)),
            },
        };
        self.pace.sender.clock.wait_until(slot - CLAIM_LEAD).await;
        Ok(Reserved::Turn(Turn::at(self.pace, limits, slot)))
    }

    /// Leases the slot at `due`, from which on the shop's own limit allows the message, or reserves a retry time if the slot
    /// is taken by then.
    async fn lease_at(&self, limits: &Limits, due: Timestamp) -> Result<Result<Timestamp, NotNow>, StoreError> {
        let (pace, sender) = (self.pace, self.pace.sender);
        sender.clock.wait_until(due - CLAIM_LEAD).await;
        let wanted = Wanted { count: 1, from: due, until: due + MAX_LATE_OWN, ..pace.wanted(&limits.account) };
        match (sender.store.lease_slots(&limits.account.of, wanted).await?, &limits.own) {
            (Leased::Slots(slots), _) => Ok(Ok(slots.first)),
            (Leased::Later(_), Some(own)) => {
                let retry_at = pace.retry_times(own, 1).await?.next();
                Ok(Err(NotNow::ShopBusy(retry_at.unwrap_or(due))))
            }
            (Leased::Later(later), None) => Ok(Err(NotNow::ProviderBusy(later))),
        }
    }
}

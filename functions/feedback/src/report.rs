//! Applying one report to its message.

use crate::Feedback;
use crate::ses_event::SesEvent;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::fact::{Event, Fact, Suppression, SuppressionCause, Traits};
use rekindle_lifecycle::message::ProviderReport;
use rekindle_store::{Guarded, StoreError};

/// How often a lost race is run again before the event goes back to the queue.
const ATTEMPTS: usize = 6;

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The message moved.
    Moved,
    /// It said nothing new.
    Known,
    /// There is no such message of this customer.
    NoSuchMessage,
}

/// Why a report could not be taken in now. It belongs back on the queue.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// The database failed.
    #[error("the message could not be read or written")]
    Store(#[from] StoreError),
    /// Others kept writing the message.
    #[error("others wrote the message {ATTEMPTS} times in a row")]
    Busy,
}

impl Feedback {
    /// Takes in one event.
    ///
    /// # Errors
    /// The event has to be delivered again.
    pub async fn report(&self, event: &SesEvent) -> Result<Taken, FeedbackError> {
        let taken = self.move_message(event).await?;
        if taken != Taken::NoSuchMessage
            && let Some(fact) = suppression(event)
        {
            self.store.put_facts(&[(event.customer.clone(), fact)]).await?;
        }
        Ok(taken)
    }

    /// Takes in the events of one message that were reported together, the highest first: what the others
    /// say of the message is then known without another look. Answers one result for each.
    pub(crate) async fn reports(&self, events: &[&SesEvent]) -> Vec<Result<Taken, FeedbackError>> {
        let mut results: Vec<Result<Taken, FeedbackError>> = Vec::with_capacity(events.len());
        for event in events {
            let known = matches!(results.first(), Some(Ok(Taken::Moved | Taken::Known)));
            let by_same_customer = events[0].customer == event.customer;
            results.push(if known && by_same_customer && suppression(event).is_none() {
                Ok(Taken::Known)
            } else {
                self.report(event).await
            });
        }
        results
    }

    async fn move_message(&self, event: &SesEvent) -> Result<Taken, FeedbackError> {
        for _ in 0..ATTEMPTS {
            let Some(message) = self.store.message(&event.customer, &event.message).await? else {
                return Ok(Taken::NoSuchMessage);
            };
            let Some(report) = event.report else { return Ok(Taken::Known) };
            let Some(moved) = message.reported(report, &event.provider_id, event.sent_at) else {
                return Ok(Taken::Known);
            };
            // Only what was still open concerns the customer: a delivery after the acceptance changes no
            // decision.
            let written = if message.state.is_open() {
                self.store.settle_message(&event.customer, &moved, None, self.clock.now()).await?
            } else {
                self.store.put_message(&event.customer, &moved).await?
            };
            if written == Guarded::Written {
                return Ok(Taken::Moved);
            }
        }
        Err(FeedbackError::Busy)
    }
}

/// The fact that the address is closed, if the event says so. Its identity is the provider's id of the
/// mail: the same report is the same fact.
fn suppression(event: &SesEvent) -> Option<Fact> {
    let cause = match event.report {
        Some(ProviderReport::Bounced) if event.permanent => SuppressionCause::PermanentBounce,
        Some(ProviderReport::Complained) => SuppressionCause::Complaint,
        _ => return None,
    };
    Some(Fact {
        at: event.at,
        id: event.provider_id.clone(),
        event: Event::Suppressed(Suppression { channel: Channel::Email, cause }),
        traits: Traits::default(),
    })
}

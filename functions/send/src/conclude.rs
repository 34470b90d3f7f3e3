//! What is written when an attempt is over, or when there will be none.

use crate::Sender;
use crate::limits::Limit;
use crate::message::{Progress, SendError};
use crate::pace::QUOTA_CHECK;
use jiff::Timestamp;
use rekindle_lifecycle::back_off::AFTER_TOO_FAST;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::message::{AttemptOutcome, Message};
use rekindle_lifecycle::reason::Reason;
use rekindle_store::{CustomerKey, Guarded};

impl Sender {
    /// Has all who send on a channel take note that the provider took no more.
    pub(crate) async fn slow_down(&self, account: &Limit, outcome: &AttemptOutcome) {
        let now = self.clock.now();
        let noted = match outcome {
            AttemptOutcome::TooFast { .. } => self.store.cut_sending_rate(&account.of, account.cap, now).await,
            AttemptOutcome::QuotaUsedUp { .. } => self.store.hold_sending(&account.of, now + QUOTA_CHECK).await,
            _ => Ok(()),
        };
        if let Err(error) = noted {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the rate could not be cut; the provider says so again"
            );
        }
    }

    /// Records the outcome of an attempt, whatever else goes on.
    pub(crate) async fn conclude(
        &self,
        key: &CustomerKey,
        claimed: &Message,
        customer: Customer,
        outcome: AttemptOutcome,
    ) -> Result<Progress, SendError> {
        let now = self.clock.now();
        let mut held = None;
        let not_now = match &outcome {
            AttemptOutcome::RejectedForNow { reason } => Some(reason.clone()),
            AttemptOutcome::TooFast { .. } => {
                held = Some(now + AFTER_TOO_FAST.full(claimed.attempts));
                None
            }
            AttemptOutcome::QuotaUsedUp { reason } => {
                tracing::error!(reason, "the day's quota is used up; messages wait");
                held = Some(now + QUOTA_CHECK);
                None
            }
            AttemptOutcome::RejectedForGood { reason } => {
                tracing::error!(
                    metric = "messages_refused",
                    value = 1,
                    reason,
                    "the provider refused the message for good"
                );
                None
            }
            AttemptOutcome::Ambiguous { reason } => {
                tracing::warn!(
                    metric = "messages_unknown",
                    value = 1,
                    reason,
                    "nobody knows whether the message was accepted"
                );
                None
            }
            AttemptOutcome::Accepted { .. } => None,
        };
        let settled = claimed.attempted(outcome, now);
        // If a provider event settled the message first, its word is newer than ours.
        self.store.settle_message(key, &settled, Some(customer), now).await?;
        match (not_now, held) {
            (Some(reason), _) => Err(SendError::NotNow(reason)),
            (None, Some(until)) => Ok(Progress::Held(until)),
            (None, None) => Ok(Progress::Done(settled.state)),
        }
    }

    /// Writes a message that ends without an attempt. Nothing if somebody else wrote it first.
    pub(crate) async fn record(
        &self,
        key: &CustomerKey,
        message: Message,
        customer: Customer,
        now: Timestamp,
    ) -> Result<Option<Progress>, SendError> {
        let reason = message.withdrawn.map_or("", Reason::name);
        tracing::info!(reason, "a message was withdrawn");
        let written = self.store.settle_message(key, &message, Some(customer), now).await?;
        Ok((written == Guarded::Written).then_some(Progress::Done(message.state)))
    }
}

//! Recording how a message ended: after an attempt, or without one.

use crate::Sender;
use crate::error::SendError;
use crate::pace::QUOTA_CHECK_INTERVAL;
use crate::progress::Progress;
use jiff::Timestamp;
use rekindle_lifecycle::back_off::AFTER_TOO_FAST;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::message::{AttemptOutcome, Message};
use rekindle_lifecycle::reason::Reason;
use rekindle_store::{CustomerKey, Guarded};

impl Sender {
    /// Records the outcome of an attempt.
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
                held = Some(now + QUOTA_CHECK_INTERVAL);
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
                    "it is not known whether the message was accepted"
                );
                None
            }
            AttemptOutcome::Accepted { .. } => None,
        };
        let settled = claimed.attempted(outcome, now);
        // If a provider event settled the message first, it knows more than this attempt, and its state stays.
        self.store.settle_message(key, &settled, Some(customer), now).await?;
        match (not_now, held) {
            (Some(reason), _) => Err(SendError::NotNow(reason)),
            (None, Some(until)) => Ok(Progress::HeldByProvider(until)),
            (None, None) => Ok(Progress::Done(settled.state)),
        }
    }

    /// Records a message that ends without an attempt. None if another writer was faster.
    pub(crate) async fn record(
        &self,
        key: &CustomerKey,
        message: Message,
        customer: Customer,
        now: Timestamp,
    ) -> Result<Option<Progress>, SendError> {
        let reason = message.withdrawn.as_ref().map_or("", Reason::code);
        tracing::info!(reason, "a message was withdrawn");
        let written = self.store.settle_message(key, &message, Some(customer), now).await?;
        Ok((written == Guarded::Written).then_some(Progress::Done(message.state)))
    }
}

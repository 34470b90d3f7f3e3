//! The canary: a mail to SES's mailbox simulator, whose events `feedback` recognises.

use crate::Sender;
use rekindle_lifecycle::message::AttemptOutcome;

/// The canary was not accepted. The schedule calls again.
#[derive(Debug, thiserror::Error)]
#[error("the canary was not accepted: {0}")]
pub struct CanaryError(String);

impl Sender {
    /// Sends one canary, if a sender address for it is set. Sending two does no harm.
    ///
    /// # Errors
    /// SES did not accept it, or it is not known whether it did.
    pub async fn canary(&self) -> Result<(), CanaryError> {
        let Some(from) = &self.canary_from else { return Ok(()) };
        match self.mailer.send_canary(from).await {
            AttemptOutcome::Accepted { .. } => Ok(()),
            AttemptOutcome::RejectedForNow { reason }
            | AttemptOutcome::RejectedForGood { reason }
            | AttemptOutcome::TooFast { reason }
            | AttemptOutcome::QuotaUsedUp { reason }
            | AttemptOutcome::Ambiguous { reason } => Err(CanaryError(reason)),
        }
    }
}

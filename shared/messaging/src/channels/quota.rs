//! How many mails SES allows the account.

use super::ses::Mailer;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// How many mails SES allows the account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SendQuota {
    /// Mails a second.
    pub per_second: f64,
    /// Whether all mails of the last 24 hours were sent.
    pub used_up: bool,
}

/// SES did not say what it allows.
#[derive(Debug, thiserror::Error)]
#[error("SES did not say what it allows ({code}); the role needs ses:GetAccount")]
pub struct QuotaError {
    code: String,
}

impl Mailer {
    /// Asks SES what it allows the account. SES answers about one such call a second over all callers: do not ask for each
    /// mail.
    ///
    /// # Errors
    /// SES did not answer, or refused to say.
    pub async fn quota(&self) -> Result<SendQuota, QuotaError> {
        let answer = self.client.get_account().send().await;
        let answer = answer.map_err(|error| QuotaError { code: error.code().unwrap_or("no answer").to_owned() })?;
        let quota = answer.send_quota().ok_or_else(|| QuotaError { code: "no quota in the answer".to_owned() })?;
        // A negative one says that there is none.
        let of_day = quota.max24_hour_send();
        Ok(SendQuota {
            per_second: quota.max_send_rate(),
            used_up: of_day >= 0.0 && quota.sent_last24_hours() >= of_day,
        })
    }
}

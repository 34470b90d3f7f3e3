//! Text messages through SNS: one attempt to hand a text over.

use super::outcome::{Dispatched, ProviderCodes, classify};
use super::tags;
use aws_sdk_sns::Client;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::types::MessageAttributeValue;
use rekindle_lifecycle::contact::PhoneNumber;
use rekindle_lifecycle::message::AttemptOutcome;
use std::fmt;

/// A text message on its way out. `Debug` shows neither the number nor the text.
#[derive(Clone, Copy)]
pub struct OutgoingSms<'a> {
    /// The recipient.
    pub to: &'a PhoneNumber,
    /// What it says.
    pub text: &'a str,
    /// Sent along as message attributes. Names and values of 1 to 256 characters of `A-Za-z0-9_-`.
    pub tags: &'a [(String, String)],
}

impl fmt::Debug for OutgoingSms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingSms").field("tags", &self.tags.len()).finish_non_exhaustive()
    }
}

/// The codes that SNS has of its own.
const SNS_CODES: ProviderCodes = ProviderCodes {
    not_now: &[],
    too_fast: &["KMSThrottling", "KMSThrottlingException", "Throttled", "ThrottledException"],
    quota_used_up: &[],
};

/// Sends text messages through SNS. It never repeats a request: SNS has no idempotency token for text messages.
#[derive(Debug, Clone)]
pub struct Texter {
    client: Client,
}

impl Texter {
    /// Sends with this client's region, credentials and timeouts; its retries are switched off here,
    /// whatever they were.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config) }
    }

    /// Makes at most one request; the outcome is sorted as for [`crate::Mailer::send`]. Sent as
    /// "promotional", the kind that honours the opt-outs that the account collects.
    pub async fn send(&self, sms: &OutgoingSms<'_>) -> AttemptOutcome {
        if let Some(problem) = problem(sms) {
            return AttemptOutcome::RejectedForGood { reason: problem };
        }
        let mut attributes = vec![("AWS.SNS.SMS.SMSType", "Promotional")];
        attributes.extend(sms.tags.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let mut request = self.client.publish().phone_number(sms.to.as_str()).message(sms.text);
        for (name, value) in attributes {
            match MessageAttributeValue::builder().data_type("String").string_value(value).build() {
                Ok(attribute) => request = request.message_attributes(name, attribute),
                Err(_) => return AttemptOutcome::RejectedForGood { reason: "an attribute is incomplete".to_owned() },
            }
        }
        let dispatched = Dispatched::default();
        match request.customize().interceptor(dispatched.clone()).send().await {
            Ok(answer) => match answer.message_id() {
                Some(id) => AttemptOutcome::Accepted { provider_id: id.to_owned() },
                None => AttemptOutcome::Ambiguous { reason: "the answer names no message id".to_owned() },
            },
            Err(error) => classify(&error, &dispatched, &SNS_CODES),
        }
    }
}

fn problem(sms: &OutgoingSms<'_>) -> Option<String> {
    if sms.text.trim().is_empty() {
        return Some("the text is empty".to_owned());
    }
    tags::first_bad(sms.tags)
}

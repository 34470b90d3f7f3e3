//! Canary mails to SES's mailbox simulator. Their events show that mails leave and that SES's events arrive, and up to which
//! instant they have arrived: the evidence on which unknown outcomes are resolved while no customer gets mail.

use super::outcome::{Dispatched, classify};
use super::ses::{Mailer, SES_CODES};
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageTag};
use rekindle_lifecycle::message::AttemptOutcome;

/// The tag by which the events of a canary are known.
pub const CANARY_TAG: &str = "canary";
/// SES's mailbox simulator accepts every mail, delivers it, and counts it against no quota or reputation.
const SIMULATOR: &str = "success@simulator.amazonses.com";

impl Mailer {
    /// Sends one canary from this address, whose identity must be verified, to SES's mailbox simulator. One attempt, as
    /// [`Mailer::send`]: the next canary comes anyway.
    pub async fn send_canary(&self, from: &str) -> AttemptOutcome {
        let text = |text: &str| Content::builder().data(text).charset("UTF-8").build();
        let parts = text("Canary").and_then(|subject| {
            let body =
                Body::builder().text(text("This mail shows that mails leave and that their events arrive.")?).build();
            let tag = MessageTag::builder().name(CANARY_TAG).value("1").build()?;
            Ok((Message::builder().subject(subject).body(body).build(), tag))
        });
        let Ok((message, tag)) = parts else {
            return AttemptOutcome::RejectedForGood { reason: "a part of the mail is incomplete".to_owned() };
        };
        let request = self
            .client
            .send_email()
            .from_email_address(from)
            .destination(Destination::builder().to_addresses(SIMULATOR).build())
            .content(EmailContent::builder().simple(message).build())
            .email_tags(tag)
            .set_configuration_set_name(self.configuration_set.clone());
        let dispatched = Dispatched::default();
        match request.customize().interceptor(dispatched.clone()).send().await {
            Ok(answer) => AttemptOutcome::Accepted { provider_id: answer.message_id.unwrap_or_default() },
            Err(error) => classify(&error, &dispatched, &SES_CODES),
        }
    }
}

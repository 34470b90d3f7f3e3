//! Applying one text to the customers who were texted under its number.

use crate::inbound_text::InboundText;
use crate::report::FeedbackError;
use crate::{Feedback, help_answer};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::{Address, PhoneNumber};
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, NpsAnswer, Suppression, SuppressionCause, Traits};
use rekindle_lifecycle::inbound_text::{Asked, Meaning};
use rekindle_lifecycle::mailbox::said_in;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_messaging::{Brand, Language, OutgoingSms, ReleaseError};
use rekindle_platform::spans;
use rekindle_store::CustomerKey;
use rekindle_store::sending::phone_numbers::{TextKind, TextedCustomer};
use rekindle_store::sending::suppressions::SuppressedAddress;
use rekindle_store::shop::settings::BRAND;
use rekindle_store::shop::text_tasks;

/// What a text did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEffect {
    /// Nothing: no customer was ever texted under this number.
    UnknownNumber,
    /// No more texts go to any customer under the number.
    Stopped,
    /// Texts go to the number again.
    Started,
    /// The customer wants texts again, but the provider does not allow that now.
    NotReopened,
    /// The customer confirmed that they want texts.
    Confirmed,
    /// Help was asked for and given.
    Helped,
    /// Help was asked for, but it was given recently.
    HelpedRecently,
    /// The NPS question was answered.
    Scored,
    /// A task was opened for a person to read it.
    Replied,
}

impl TextEffect {
    /// The name under which it is counted.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownNumber => "text_from_nobody_known",
            Self::Stopped => "text_stop",
            Self::Started => "text_start",
            Self::NotReopened => "text_not_reopened",
            Self::Confirmed => "text_confirmed",
            Self::Helped => "text_help",
            Self::HelpedRecently => "text_help_again",
            Self::Scored => "text_score",
            Self::Replied => "text_reply",
        }
    }
}

impl Feedback {
    /// Applies one text. The same text, by the provider's id, is the same facts every time.
    ///
    /// # Errors
    /// The text has to be delivered again.
    pub async fn text(&self, text: &InboundText) -> Result<TextEffect, FeedbackError> {
        let fingerprint = self.link_keys.phone_fingerprint(&text.from);
        let customers = self.store.customers_of_number(&fingerprint).await?;
        let latest = |kind: Option<TextKind>| {
            let texts = customers.iter().filter_map(|customer| {
                Some((&customer.customer, kind.map_or_else(|| customer.latest(), |kind| customer.text(kind))?))
            });
            texts.max_by_key(|(_, text)| text.at)
        };
        let Some((nearest, _)) = latest(None) else { return Ok(TextEffect::UnknownNumber) };
        spans::note_customer(&nearest.shop, &self.link_keys.customer_fingerprint(&nearest.shop, &nearest.customer));
        let at = self.store.first_received(&text.id, text.at).await?;
        let (confirmation, survey) = (latest(Some(TextKind::Confirmation)), latest(Some(TextKind::Survey)));
        let asked = Asked {
            confirmation: confirmation.map(|(_, question)| question.at),
            survey: survey.map(|(_, question)| question.at),
        };
        match Meaning::parse(&text.body, asked, at) {
            Meaning::Stop => {
                self.stop(&customers, text, at).await?;
                Ok(TextEffect::Stopped)
            }
            Meaning::Help => self.help(text, &fingerprint, nearest).await,
            Meaning::Confirm | Meaning::Start if !self.release(&text.from).await? => {
                self.reply(nearest, text, at).await?;
                Ok(TextEffect::NotReopened)
            }
            Meaning::Confirm if let Some((customer, _)) = confirmation => {
                self.unlist(customer, &text.from, at).await?;
                self.grant(customer, &text.from, &text.id, at, "reply to the confirmation").await?;
                Ok(TextEffect::Confirmed)
            }
            Meaning::Start => {
                self.start(&customers, nearest, text, at).await?;
                Ok(TextEffect::Started)
            }
            Meaning::Score(score) if let Some((customer, survey)) = survey => {
                let event = Event::NpsAnswer(NpsAnswer { score, comment: None, may_call: None });
                let fact = Fact { at, id: survey.message.to_string(), event, traits: Traits::default() };
                self.store.put_facts(&[(customer.clone(), fact)]).await?;
                Ok(TextEffect::Scored)
            }
            Meaning::Reply | Meaning::Confirm | Meaning::Score(_) => {
                self.reply(nearest, text, at).await?;
                Ok(TextEffect::Replied)
            }
        }
    }

    /// Closes the number for every customer under it, as the carrier does for the whole account. It has taken effect when this
    /// returns.
    async fn stop(&self, customers: &[TextedCustomer], text: &InboundText, at: Timestamp) -> Result<(), FeedbackError> {
        for customer in customers {
            self.close(&customer.customer, &text.from, &text.id, at).await?;
        }
        Ok(())
    }

    /// Closes a number for one customer, and puts it on their shop's suppression list, so that no other customer with it is
    /// texted.
    pub(crate) async fn close(
        &self,
        customer: &CustomerKey,
        number: &PhoneNumber,
        id: &str,
        at: Timestamp,
    ) -> Result<(), FeedbackError> {
        let now = self.clock.now();
        let cause = SuppressionCause::Stop;
        let event = Event::Suppressed(Suppression { channel: Channel::Sms, cause, address: None });
        let fact = Fact { at, id: id.to_owned(), event, traits: Traits::default() };
        self.say(customer, number, fact).await?;
        // A STOP that is delivered again after a START closes nothing.
        if self.store.main_customer(customer).await?.folded.suppressed(Channel::Sms, now) == Some(cause) {
            let entry = SuppressedAddress {
                channel: Channel::Sms,
                fingerprint: self.link_keys.phone_fingerprint(number),
                cause,
                at,
                until: None,
                address: Some(number.as_str().to_owned()),
                customer: Some(customer.customer.clone()),
                erased: false,
            };
            self.store.put_suppression(&customer.shop, &entry).await?;
        }
        Ok(())
    }

    /// Opens the number again: for the customer who was texted last, and for every customer for whom a STOP closed it and who
    /// has not refused in another way.
    async fn start(
        &self,
        customers: &[TextedCustomer],
        nearest: &CustomerKey,
        text: &InboundText,
        at: Timestamp,
    ) -> Result<(), FeedbackError> {
        for TextedCustomer { customer, .. } in customers {
            if customer == nearest || self.is_only_stopped(customer, at).await? {
                self.unlist(customer, &text.from, at).await?;
                self.grant(customer, &text.from, &text.id, at, "START by text").await?;
            }
        }
        Ok(())
    }

    /// Takes the number off the provider's list. Returns whether it is off: SNS does not do that more often than once in 30
    /// days, and until then nothing is stored as open that is not.
    async fn release(&self, number: &PhoneNumber) -> Result<bool, FeedbackError> {
        match self.provider_lists.release(&Address::Phone(number.clone())).await {
            Ok(()) => Ok(true),
            Err(error @ ReleaseError::TooSoon) => {
                tracing::warn!(error = %error, "a number whose owner wants texts again stays closed; a task tells the shop");
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a number off the shop's suppression list if an earlier STOP put it there. An entry with another cause stays.
    async fn unlist(&self, key: &CustomerKey, number: &PhoneNumber, at: Timestamp) -> Result<(), FeedbackError> {
        let (shop, fingerprint) = (&key.shop, self.link_keys.phone_fingerprint(number));
        let listed = self.store.suppression(shop, Channel::Sms, &fingerprint).await?;
        if listed.is_some_and(|listed| listed.cause == SuppressionCause::Stop && listed.at < at) {
            self.store.remove_suppression(shop, Channel::Sms, &fingerprint).await?;
        }
        Ok(())
    }

    async fn is_only_stopped(&self, key: &CustomerKey, at: Timestamp) -> Result<bool, FeedbackError> {
        let customer = self.store.main_customer(key).await?;
        let policy = self.store.policy(&key.shop, self.clock.now()).await?;
        Ok(customer.folded.permissions.is_only_stopped(&policy.consent, Channel::Sms, at))
    }

    /// Stores the customer's own yes to texts, which lifts their STOP.
    async fn grant(
        &self,
        key: &CustomerKey,
        number: &PhoneNumber,
        id: &str,
        at: Timestamp,
        source: &str,
    ) -> Result<(), FeedbackError> {
        let consent = ConsentEvent {
            channel: Channel::Sms,
            purpose: None,
            granted: true,
            source: source.to_owned(),
            text_version: None,
            own: true,
        };
        let fact = Fact { at, id: id.to_owned(), event: Event::Consent(consent), traits: Traits::default() };
        self.say(key, number, fact).await
    }

    /// Stores what a customer says by text. When it returns it holds for every message that is claimed later, to this customer
    /// or to another of the shop with the number.
    async fn say(&self, key: &CustomerKey, number: &PhoneNumber, fact: Fact) -> Result<(), FeedbackError> {
        let facts = [fact];
        self.store.store_and_apply(key, &facts, self.clock.now()).await?;
        let address = Address::Phone(number.clone());
        let said = said_in(&facts, Channel::Sms, &address);
        let mailbox = self.link_keys.mailbox_of(&key.shop, Channel::Sms, &address);
        Ok(self.store.note_in_mailbox(&mailbox, &said).await?)
    }

    /// Keeps what the customer wrote on their timeline, and opens a task with it for a person. It is no reaction: what it says
    /// is not known.
    async fn reply(&self, key: &CustomerKey, text: &InboundText, at: Timestamp) -> Result<(), FeedbackError> {
        let fact = text_tasks::fact_of(&text.id, &text.body, at);
        let task = text_tasks::task_of(key, &fact, &text.body);
        self.store.put_facts(&[(key.clone(), fact)]).await?;
        self.store.open_task(&task).await?;
        Ok(())
    }

    /// Answers whose texts these are and how to stop them, once a day: the answer is claimed before it is sent.
    async fn help(
        &self,
        text: &InboundText,
        fingerprint: &str,
        key: &CustomerKey,
    ) -> Result<TextEffect, FeedbackError> {
        let brand = self.store.get_setting(&key.shop, BRAND).await?;
        let Some(brand) = brand.and_then(|brand| serde_json::from_value::<Brand>(brand).ok()) else {
            tracing::error!(shop = key.shop.as_str(), "help cannot be answered: the shop has no valid brand");
            return Ok(TextEffect::HelpedRecently);
        };
        let customer = self.store.main_customer(key).await?;
        let language = customer.folded.profile.language.and_then(|said| Language::parse(&said.value).ok());
        let language = language.unwrap_or_else(|| brand.settings().default_language.clone());
        if !self.store.claim_help_answer(fingerprint, self.clock.now()).await? {
            return Ok(TextEffect::HelpedRecently);
        }
        self.answer(&text.from, &help_answer::text(brand.settings(), &language)).await;
        Ok(TextEffect::Helped)
    }

    async fn answer(&self, to: &PhoneNumber, text: &str) {
        let sms = OutgoingSms { to, text, tags: &[] };
        match self.texter.send(&sms).await {
            AttemptOutcome::Accepted { .. } => {}
            AttemptOutcome::RejectedForNow { reason }
            | AttemptOutcome::TooFast { reason }
            | AttemptOutcome::QuotaUsedUp { reason }
            | AttemptOutcome::RejectedForGood { reason }
            | AttemptOutcome::Ambiguous { reason } => {
                tracing::warn!(reason, "the answer to a question for help may not have gone out");
            }
        }
    }
}

//! Applying one text to the customers who were texted under its number.

use crate::inbound_text::InboundText;
use crate::report::FeedbackError;
use crate::{Feedback, help_answer};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::PhoneNumber;
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, NpsAnswer, Reaction, ReactionKind, Suppression, SuppressionCause, Traits,
};
use rekindle_lifecycle::id::run_digest;
use rekindle_lifecycle::inbound_text::{Asked, Meaning};
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_messaging::{Brand, Language, OutgoingSms};
use rekindle_platform::spans;
use rekindle_store::sending::phone_numbers::{Text, TextKind, TextedCustomer};
use rekindle_store::sending::suppressions::SuppressedAddress;
use rekindle_store::shop::settings::BRAND;
use rekindle_store::{CustomerKey, StoreError};

/// The longest text kept for the timeline, in characters; with its prefix it still fits the name of an event.
const MAX_KEPT_CHARS: usize = 120;

/// What a text did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEffect {
    /// Nothing: no customer was ever texted under this number.
    UnknownNumber,
    /// No more texts go to any customer under the number.
    Stopped,
    /// Texts go to the number again.
    Started,
    /// The customer confirmed that they want texts.
    Confirmed,
    /// Help was asked for and given.
    Helped,
    /// Help was asked for, but it was given recently.
    HelpedRecently,
    /// The NPS question was answered.
    Scored,
    /// It was kept for staff to read.
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
        let Some((nearest, last)) = latest(None) else { return Ok(TextEffect::UnknownNumber) };
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
            Meaning::Confirm if let Some((customer, _)) = confirmation => {
                self.unlist(customer, &text.from, at).await?;
                self.grant(customer, &text.id, at, "reply to the confirmation").await?;
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
                self.reply(nearest, last, text, at).await?;
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
        let event = Event::Suppressed(Suppression { channel: Channel::Sms, cause });
        let fact = Fact { at, id: id.to_owned(), event, traits: Traits::default() };
        self.store.store_and_apply(customer, &[fact], now).await?;
        // A STOP that is delivered again after a START closes nothing.
        let permissions = self.store.main_customer(customer).await?.folded.permissions;
        if permissions.suppressed(Channel::Sms, now) == Some(cause) {
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
                self.grant(customer, &text.id, at, "START by text").await?;
            }
        }
        // SNS keeps its own list, and takes a number off it once in 30 days.
        if self.sns.opt_in_phone_number().phone_number(text.from.as_str()).send().await.is_err() {
            tracing::warn!("a number that texted START stays on the opt-out list of SNS; texts to it will be refused");
        }
        Ok(())
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
    async fn grant(&self, key: &CustomerKey, id: &str, at: Timestamp, source: &str) -> Result<(), FeedbackError> {
        let consent = ConsentEvent {
            channel: Channel::Sms,
            purpose: None,
            granted: true,
            source: source.to_owned(),
            text_version: None,
            own: true,
        };
        let fact = Fact { at, id: id.to_owned(), event: Event::Consent(consent), traits: Traits::default() };
        Ok(self.store.store_and_apply(key, &[fact], self.clock.now()).await?)
    }

    /// Keeps what the customer wrote, as a reaction to the latest message they got.
    async fn reply(
        &self,
        key: &CustomerKey,
        last: &Text,
        text: &InboundText,
        at: Timestamp,
    ) -> Result<(), FeedbackError> {
        let message = match self.store.message(key, &last.message).await {
            Err(StoreError::Unreadable { .. }) => None,
            message => message?,
        };
        let run = message.map(|message| run_digest(&message.journey, &message.run));
        let reaction = Reaction { how: ReactionKind::Reply, message: Some(last.message.clone()), run, link: None };
        let written: String =
            text.body.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_KEPT_CHARS).collect();
        let facts = [Event::Reaction(reaction), Event::Other { name: format!("SMS: {written}") }].map(|event| {
            let fact = Fact { at, id: text.id.clone(), event, traits: Traits::default() };
            (key.clone(), fact)
        });
        Ok(self.store.put_facts(&facts).await?)
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

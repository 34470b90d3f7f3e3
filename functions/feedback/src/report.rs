//! Applying one report to its message and its customer.

use crate::Feedback;
use crate::delivery_report::{DeliveryReport, Link, ReportKind};
use rekindle_lifecycle::bounce::BounceMeaning;
use rekindle_lifecycle::clicks::{self, ReportedClick};
use rekindle_lifecycle::contact::Address;
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, Reaction, ReactionKind, SoftBounce, Suppression, SuppressionCause, Traits,
};
use rekindle_lifecycle::id::{run_digest, short_digest};
use rekindle_lifecycle::mailbox::said_in;
use rekindle_lifecycle::message::{Message, MessageState};
use rekindle_lifecycle::reputation::{Harm, MailOutcome};
use rekindle_messaging::{PublishError, ReleaseError};
use rekindle_platform::retry::{Attempts, LostRaces};
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::customers::apply::ApplyError;
use rekindle_store::sending::reputation::CountError;
use rekindle_store::sending::suppressions::SuppressedAddress;
use rekindle_store::{Guarded, StoreError};

/// Characters of the digest that distinguishes the links of one message.
const LINK_DIGEST_LEN: usize = 8;

/// What a report changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportEffect {
    /// The message moved.
    Moved,
    /// Nothing: the state of the message was known.
    Known,
    /// There is no such message of this customer.
    NoSuchMessage,
}

/// A report that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedReport {
    /// What it changed.
    pub effect: ReportEffect,
    /// It reports a click that is no reaction: a program's, or one that leads to unsubscribe.
    pub is_no_reaction: bool,
    /// What it says about the shop's reputation.
    pub outcome: Option<MailOutcome>,
}

/// Why a report or a text could not be processed now. It belongs back on the queue.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// The database failed.
    #[error("the message or the customer could not be read or written")]
    Store(#[from] StoreError),
    /// Other writers kept changing the message.
    #[error(transparent)]
    Busy(#[from] LostRaces),
    /// A fact is stored, but has not taken effect yet.
    #[error("what the customer said did not take effect yet")]
    Apply(#[from] ApplyError),
    /// A provider did not take a number off its list.
    #[error("the number is still on the provider's list")]
    Provider(#[from] ReleaseError),
    /// The outcome of the message is not counted.
    #[error("the outcomes of the shop's messages were not counted")]
    Count(#[from] CountError),
    /// The shop's sending is stopped, but that is not announced yet.
    #[error("it was not announced that the shop is stopped")]
    Publish(#[from] PublishError),
}

/// What a report did to its message.
enum MessageMove {
    Absent,
    Known(Message),
    Moved { from: MessageState, message: Message },
}

impl Feedback {
    /// Applies one report: moves its message, and stores what it says about the customer.
    ///
    /// # Errors
    /// The report has to be delivered again.
    pub async fn apply_report(&self, report: &DeliveryReport) -> Result<AppliedReport, FeedbackError> {
        let (effect, message, from) = match self.move_message(report).await? {
            MessageMove::Absent => {
                return Ok(AppliedReport { effect: ReportEffect::NoSuchMessage, is_no_reaction: false, outcome: None });
            }
            MessageMove::Known(message) => (ReportEffect::Known, message, None),
            MessageMove::Moved { from, message } => (ReportEffect::Moved, message, Some(from)),
        };
        if effect == ReportEffect::Moved && message.state == MessageState::Failed {
            let what = report.kind.name();
            tracing::error!(
                metric = "messages_refused",
                value = 1,
                what,
                "the provider gave a message up after it had accepted it; look at its content"
            );
        }
        let fact = self.fact(report, &message);
        let is_no_reaction = fact.is_none() && matches!(report.kind, ReportKind::Clicked { .. });
        if let Some(fact) = fact {
            if let Event::Suppressed(closed) = &fact.event {
                self.suppress_address(report, closed.cause).await?;
            }
            self.store.put_facts(&[(report.customer.clone(), fact.clone())]).await?;
            self.note_in_mailbox(report, &fact).await?;
        }
        Ok(AppliedReport { effect, is_no_reaction, outcome: outcome(report, &message, from) })
    }

    /// Notes what the report says at the mailbox that the message went to, so that it holds for every customer with it.
    async fn note_in_mailbox(&self, report: &DeliveryReport, fact: &Fact) -> Result<(), StoreError> {
        let Some(address) = &report.recipient else { return Ok(()) };
        let mailbox = self.link_keys.mailbox_of(&report.customer.shop, report.channel, address);
        self.store.note_in_mailbox(&mailbox, &said_in(std::slice::from_ref(fact), report.channel, address)).await
    }

    /// Puts the address that the message went to on the shop's suppression list, so that no other customer with it is
    /// written to.
    async fn suppress_address(&self, report: &DeliveryReport, cause: SuppressionCause) -> Result<(), StoreError> {
        let Some(address) = &report.recipient else { return Ok(()) };
        let entry = SuppressedAddress {
            channel: report.channel,
            fingerprint: self.link_keys.address_fingerprint(address),
            cause,
            at: report.at,
            until: None,
            address: Some(address.as_str().to_owned()),
            customer: Some(report.customer.customer.clone()),
            erased: false,
        };
        self.store.put_suppression(&report.customer.shop, &entry).await.map(|_| ())
    }

    /// Keeps a report of a type that this version does not know, for the platform team to review.
    pub(crate) async fn keep_unknown(
        &self,
        report: &DeliveryReport,
        field: &str,
        body: &str,
    ) -> Result<(), FeedbackError> {
        let reason = "is a type that this version does not know";
        let refused = Refused::new(self.clock.now(), field, reason, body);
        Ok(self.store.put_refused(&report.customer.shop, &[refused]).await?)
    }

    async fn move_message(&self, report: &DeliveryReport) -> Result<MessageMove, FeedbackError> {
        let mut attempts = Attempts::at("message", report.message.as_str());
        while attempts.next().await {
            let Some(message) = self.store.message(&report.customer, &report.message).await? else {
                return Ok(MessageMove::Absent);
            };
            let Some(state) = report.kind.state() else { return Ok(MessageMove::Known(message)) };
            let is_unclear =
                matches!(report.kind, ReportKind::Bounced { meaning: BounceMeaning::MayArriveUnlessDelivered, .. });
            if is_unclear && message.delivered_at.is_some() {
                return Ok(MessageMove::Known(message));
            }
            let Some(mut moved) = message.reported(state, &report.provider_id, report.sent_at) else {
                return Ok(MessageMove::Known(message));
            };
            if report.kind == ReportKind::Delivered {
                moved.delivered_at = Some(report.at);
            }
            // The customer is written only if the message was still open: a delivery after the acceptance changes no decision.
            let written = if message.state.is_open() {
                self.store.settle_message(&report.customer, &moved, None, self.clock.now()).await?
            } else {
                self.store.put_message(&report.customer, &moved).await?
            };
            if written == Guarded::Written {
                return Ok(MessageMove::Moved { from: message.state, message: moved });
            }
        }
        Err(attempts.lost().into())
    }

    /// What the report says about the customer, if it says anything. The fact's identity is the provider's id of the message
    /// and its time is the report's, so the same report is the same fact.
    fn fact(&self, report: &DeliveryReport, message: &Message) -> Option<Fact> {
        let channel = report.channel;
        let address = || report.recipient.as_ref().map(Address::digest);
        let suppressed = |cause| Some(Event::Suppressed(Suppression { channel, cause, address: address() }));
        let said = match &report.kind {
            ReportKind::Bounced { meaning, .. } => match meaning {
                BounceMeaning::NoSuchMailbox => suppressed(SuppressionCause::PermanentBounce),
                BounceMeaning::OnProviderList => suppressed(SuppressionCause::ProviderList),
                BounceMeaning::MayArriveUnlessDelivered if message.delivered_at.is_some() => None,
                BounceMeaning::MayArrive | BounceMeaning::MayArriveUnlessDelivered => {
                    Some(Event::SoftBounce(SoftBounce { channel, address: address() }))
                }
                BounceMeaning::Nothing => None,
            },
            ReportKind::Complained { .. } => suppressed(SuppressionCause::Complaint),
            ReportKind::Subscription { unsubscribed: true, list } => Some(Event::Consent(ConsentEvent {
                channel,
                purpose: None,
                granted: false,
                source: (*list).to_owned(),
                text_version: None,
                own: true,
            })),
            ReportKind::Clicked { link: Link(link), user_agent, is_marked } => {
                let is_interest = self.is_interest(report, link, user_agent.as_deref(), *is_marked, message);
                is_interest.then(|| {
                    Event::Reaction(Reaction {
                        how: ReactionKind::Click,
                        message: Some(message.id.clone()),
                        run: Some(run_digest(&message.journey, &message.run)),
                        link: Some(short_digest(&["link", link], LINK_DIGEST_LEN)),
                    })
                })
            }
            _ => None,
        };
        said.map(|said| Fact { at: report.at, id: report.provider_id.clone(), event: said, traits: Traits::default() })
    }

    /// Whether a click shows interest, as far as one report can show.
    fn is_interest(
        &self,
        report: &DeliveryReport,
        link: &str,
        user_agent: Option<&str>,
        is_marked: bool,
        message: &Message,
    ) -> bool {
        let of_ours = link.strip_prefix(self.links_base_url.as_str());
        let is_to_unsubscribe = of_ours.is_some_and(|path| path.starts_with("/u/") || path.starts_with("/p/"));
        let (at, sent_at) = (report.at, report.sent_at);
        clicks::is_interest(ReportedClick { at, sent_at, is_to_unsubscribe, user_agent, is_marked }, message)
    }
}

/// What a report says about the shop's reputation: the first outcome of a message, and every harm.
fn outcome(report: &DeliveryReport, message: &Message, moved_from: Option<MessageState>) -> Option<MailOutcome> {
    let is_outcome =
        |state| matches!(state, MessageState::Delivered | MessageState::Bounced | MessageState::Complained);
    let harm = match report.kind {
        ReportKind::Bounced { meaning: BounceMeaning::NoSuchMailbox | BounceMeaning::OnProviderList, tried: true } => {
            Some(Harm::Bounce)
        }
        ReportKind::Complained { tried: true } => Some(Harm::Complaint),
        _ => None,
    };
    let is_first = moved_from.is_some_and(|from| !is_outcome(from)) && is_outcome(message.state);
    (is_first || harm.is_some()).then(|| MailOutcome {
        message: message.id.clone(),
        sent_at: report.sent_at,
        at: report.at,
        is_first,
        moved: moved_from.is_some(),
        harm,
    })
}

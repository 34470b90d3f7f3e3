//! Applying one report to its message.

use crate::Feedback;
use crate::ses_event::{Link, SesEvent, SesEventKind};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::clicks::{self, ReportedClick};
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, Reaction, ReactionKind, SoftBounce, Suppression, SuppressionCause, Traits,
};
use rekindle_lifecycle::id::{run_digest, short_digest};
use rekindle_lifecycle::message::{Message, MessageState};
use rekindle_lifecycle::reputation::{Harm, MailOutcome};
use rekindle_messaging::PublishError;
use rekindle_platform::retry::{Attempts, LostRaces};
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::customers::apply::ApplyError;
use rekindle_store::sending::reputation::CountError;
use rekindle_store::sending::suppressions::SuppressedAddress;
use rekindle_store::{Guarded, StoreError};

/// Characters of the digest by which links of one mail are told apart.
const LINK_DIGEST_LEN: usize = 8;

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportEffect {
    /// The message moved.
    Moved,
    /// It said nothing new about the state of the message.
    Known,
    /// There is no such message of this customer.
    NoSuchMessage,
}

/// A report that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What became of it.
    pub taken: ReportEffect,
    /// A link was followed, but by a program, or to unsubscribe: no reaction.
    pub is_no_reaction: bool,
    /// What the shop's reputation has to know of it.
    pub outcome: Option<MailOutcome>,
}

/// Why a report or a text could not be taken in now. It belongs back on the queue.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// The database failed.
    #[error("the message or the customer could not be read or written")]
    Store(#[from] StoreError),
    /// Others kept writing the message.
    #[error(transparent)]
    Busy(#[from] LostRaces),
    /// A fact is stored, but has not taken effect yet.
    #[error("what the customer said did not take effect yet")]
    Apply(#[from] ApplyError),
    /// What became of the mail is not counted.
    #[error("what became of the shop's mails was not counted")]
    Count(#[from] CountError),
    /// The shop is stopped, but nobody was told.
    #[error("other systems were not told that the shop is stopped")]
    Publish(#[from] PublishError),
}

/// Where a message stands after a report.
enum MessageMove {
    Absent,
    Known(Message),
    Moved { from: MessageState, message: Message },
}

impl Feedback {
    /// Takes in one report.
    ///
    /// # Errors
    /// The event has to be delivered again.
    pub async fn report(&self, event: &SesEvent) -> Result<Report, FeedbackError> {
        let (taken, message, from) = match self.move_message(event).await? {
            MessageMove::Absent => {
                return Ok(Report { taken: ReportEffect::NoSuchMessage, is_no_reaction: false, outcome: None });
            }
            MessageMove::Known(message) => (ReportEffect::Known, message, None),
            MessageMove::Moved { from, message } => (ReportEffect::Moved, message, Some(from)),
        };
        if taken == ReportEffect::Moved && message.state == MessageState::Failed {
            let what = event.told.name();
            tracing::error!(
                metric = "messages_refused",
                value = 1,
                what,
                "SES gave a mail up after it had taken it over; look at its content"
            );
        }
        let fact = self.fact(event, &message);
        let is_no_reaction = fact.is_none() && matches!(event.told, SesEventKind::Clicked { .. });
        if let Some(fact) = fact {
            if let Event::Suppressed(closed) = &fact.event {
                self.list(event, closed.cause).await?;
            }
            self.store.put_facts(&[(event.customer.clone(), fact)]).await?;
        }
        Ok(Report { taken, is_no_reaction, outcome: outcome(event, &message, from) })
    }

    /// Puts the address that the mail went to on the shop's list, so that no other customer with it is written to.
    async fn list(&self, event: &SesEvent, cause: SuppressionCause) -> Result<(), StoreError> {
        let Some(address) = &event.recipient else { return Ok(()) };
        let entry = SuppressedAddress {
            channel: Channel::Email,
            fingerprint: self.link_keys.email_fingerprint(address),
            cause,
            at: event.at,
            until: None,
            address: Some(address.as_str().to_owned()),
            customer: Some(event.customer.customer.clone()),
            erased: false,
        };
        self.store.put_suppression(&event.customer.shop, &entry).await.map(|_| ())
    }

    /// Keeps an event of a type that this version does not know, for people to look at.
    pub(crate) async fn keep_unknown(&self, event: &SesEvent, body: &str) -> Result<(), FeedbackError> {
        let refused = Refused {
            received_at: self.clock.now(),
            field: "eventType".to_owned(),
            reason: "is a type that this version does not know".to_owned(),
            body: body.to_owned(),
        };
        Ok(self.store.put_refused(&event.customer.shop, &[refused]).await?)
    }

    /// Whether a report has to be looked at even though a higher one about its message was just taken in.
    pub(crate) fn says_more_than_its_state(event: &SesEvent) -> bool {
        !matches!(
            event.told,
            SesEventKind::Sent
                | SesEventKind::Delivered
                | SesEventKind::NotSpam
                | SesEventKind::Rejected
                | SesEventKind::RenderingFailed
                | SesEventKind::Opened
                | SesEventKind::Delayed
        )
    }

    async fn move_message(&self, event: &SesEvent) -> Result<MessageMove, FeedbackError> {
        let mut attempts = Attempts::at("message", event.message.as_str());
        while attempts.next().await {
            let Some(message) = self.store.message(&event.customer, &event.message).await? else {
                return Ok(MessageMove::Absent);
            };
            let Some(report) = event.told.report() else { return Ok(MessageMove::Known(message)) };
            let Some(mut moved) = message.reported(report, &event.provider_id, event.sent_at) else {
                return Ok(MessageMove::Known(message));
            };
            if event.told == SesEventKind::Delivered {
                moved.delivered_at = Some(event.at);
            }
            // Only what was still open concerns the customer: a delivery after the acceptance changes no
            // decision.
            let written = if message.state.is_open() {
                self.store.settle_message(&event.customer, &moved, None, self.clock.now()).await?
            } else {
                self.store.put_message(&event.customer, &moved).await?
            };
            if written == Guarded::Written {
                return Ok(MessageMove::Moved { from: message.state, message: moved });
            }
        }
        Err(attempts.lost().into())
    }

    /// What the report says about the customer, if it says anything. Its identity is the provider's id of the mail,
    /// and its time the event's: the same report is the same fact.
    fn fact(&self, event: &SesEvent, message: &Message) -> Option<Fact> {
        let channel = Channel::Email;
        let suppressed = |cause| Some(Event::Suppressed(Suppression { channel, cause }));
        let said = match &event.told {
            SesEventKind::Bounced { permanent: true, .. } => suppressed(SuppressionCause::PermanentBounce),
            SesEventKind::Bounced { permanent: false, .. } => Some(Event::SoftBounce(SoftBounce { channel })),
            SesEventKind::Complained { .. } => suppressed(SuppressionCause::Complaint),
            SesEventKind::Subscription { unsubscribed: true } => Some(Event::Consent(ConsentEvent {
                channel,
                purpose: None,
                granted: false,
                source: "the contact list of SES".to_owned(),
                text_version: None,
                own: true,
            })),
            SesEventKind::Clicked { link: Link(link) } => self.is_interest(event, link, message).then(|| {
                Event::Reaction(Reaction {
                    how: ReactionKind::Click,
                    message: Some(message.id.clone()),
                    run: Some(run_digest(&message.journey, &message.run)),
                    link: Some(short_digest(&["link", link], LINK_DIGEST_LEN)),
                })
            }),
            _ => None,
        };
        said.map(|said| Fact { at: event.at, id: event.provider_id.clone(), event: said, traits: Traits::default() })
    }

    /// Whether a click shows interest, as far as one report tells.
    fn is_interest(&self, event: &SesEvent, link: &str, message: &Message) -> bool {
        let of_ours = link.strip_prefix(self.links_base_url.as_str());
        let is_to_unsubscribe = of_ours.is_some_and(|path| path.starts_with("/u/") || path.starts_with("/p/"));
        clicks::is_interest(ReportedClick { at: event.at, sent_at: event.sent_at, is_to_unsubscribe }, message)
    }
}

/// What the shop's reputation has to know of a report: the first outcome of a mail, and every harm.
fn outcome(event: &SesEvent, message: &Message, moved_from: Option<MessageState>) -> Option<MailOutcome> {
    let is_outcome =
        |state| matches!(state, MessageState::Delivered | MessageState::Bounced | MessageState::Complained);
    let harm = match event.told {
        SesEventKind::Bounced { permanent: true, tried: true } => Some(Harm::Bounce),
        SesEventKind::Complained { tried: true } => Some(Harm::Complaint),
        _ => None,
    };
    let is_first = moved_from.is_some_and(|from| !is_outcome(from)) && is_outcome(message.state);
    (is_first || harm.is_some()).then(|| MailOutcome {
        message: message.id.clone(),
        sent_at: event.sent_at,
        at: event.at,
        is_first,
        moved: moved_from.is_some(),
        harm,
    })
}

//! A message and its state machine. Every transition is a pure function; the store makes it atomic.
//!
//! ```text
//!  CANCELLED ◀── QUEUED ──claim──▶ SENDING ──accepted──▶ ACCEPTED ──▶ DELIVERED | BOUNCED | COMPLAINED
//!                 ▲  ▲                │ │ └─rejected for good──▶ FAILED
//!                 │  └─rejected now───┘ └─timeout, 5xx, lease over──▶ UNKNOWN ──24 h──▶ UNCONFIRMED
//!                 └──────evidence that it was not accepted, once────────┘
//! ```

use crate::attempt::AttemptOutcome;
use crate::channel::{Channel, Purpose};
use crate::id::MessageId;
use crate::policy::{Condition, CouponOffer, Period};
use crate::reason::Reason;
use crate::stage::Stage;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a claim may take before its outcome counts as unknown. Longer than a provider call with
/// its time-out, so that only a crash lets it run out.
pub const LEASE: Period = Period::seconds(120);
/// How soon a queued message is looked at again in case its place in the queue was lost.
pub const QUEUED_CHECK: Period = Period::hours(1);
/// How long an unknown outcome waits before silence of the provider's event stream is evidence.
pub const EVIDENCE_AFTER: Period = Period::seconds(15 * 60);
/// How long the latest time of sending that events told of has to stand before it is evidence: events come in no order, and
/// what was sent before it and is behind it in their channel has come by then.
pub const EVIDENCE_STANDS: Period = Period::seconds(15 * 60);
/// How soon after its mail was sent an event comes that is evidence: one that comes later tells that others are late.
pub const PROMPT_EVENT: Period = Period::seconds(5 * 60);
/// How long an unknown outcome waits for evidence at all.
pub const UNCONFIRMED_AFTER: Period = Period::hours(24);

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// Waiting to be sent.
    Queued,
    /// Somebody holds a lease and is handing it to the provider.
    Sending,
    /// Nobody knows whether the provider took it over.
    Unknown,
    /// Withdrawn before it was sent.
    Cancelled,
    /// The provider refused it for good.
    Failed,
    /// It stayed unknown; it is never sent again.
    Unconfirmed,
    /// The provider took it over.
    Accepted,
    /// It arrived.
    Delivered,
    /// It came back.
    Bounced,
    /// The customer called it spam.
    Complained,
}

impl MessageState {
    /// Whether the engine still has to do something about it.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sending | Self::Unknown)
    }

    /// Whether the provider took it over, as far as known.
    #[must_use]
    pub fn was_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::Delivered | Self::Bounced | Self::Complained)
    }
}

/// One message to one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its derived identity.
    pub id: MessageId,
    /// The journey.
    pub journey: String,
    /// The run of the journey.
    pub run: String,
    /// The step of the journey.
    pub step: String,
    /// The channel it goes out on.
    pub channel: Channel,
    /// What the customer must have agreed to.
    pub purpose: Purpose,
    /// The template.
    pub template: String,
    /// The coupon it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<CouponOffer>,
    /// The code of that coupon, once it is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_code: Option<String>,
    /// When the run started: what its conditions look back to.
    pub run_started_at: Timestamp,
    /// Conditions under which it is withdrawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<Condition>,
    /// The stage the customer must still be in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub while_in: Option<Stage>,
    /// It is the question whether the customer wants messages on this channel at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_to_confirm: bool,
    /// It is about an order: without any that counts it is withdrawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub needs_order: bool,
    /// When the journey meant it to go out.
    pub planned_at: Timestamp,
    /// When it was created.
    pub created_at: Timestamp,
    /// After this it is no longer useful.
    pub not_after: Timestamp,
    /// Why it was created.
    pub because: String,

    /// Where it stands.
    pub state: MessageState,
    /// Counts its writes: every write names the revision it saw.
    pub revision: u64,
    /// Attempts to hand it to the provider.
    #[serde(default)]
    pub attempts: u32,
    /// Until when the present attempt may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
    /// Since when its outcome is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_since: Option<Timestamp>,
    /// It went back from unknown to queued once; it will not a second time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requeued: bool,
    /// The provider's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// When the provider took it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// When it arrived, where the provider said so before anything worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// Why it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Reason>,
    /// What the provider or the network said last, without address or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_yes(value: &bool) -> bool {
    *value
}

/// What the provider reported about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderReport {
    /// It took the message over.
    Accepted,
    /// It gave the message up before trying: a virus, a template that did not render.
    Rejected,
    /// The message arrived.
    Delivered,
    /// The message came back.
    Bounced,
    /// The customer called it spam.
    Complained,
}

/// What to do about a message, given its state and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// Nothing: it is settled.
    Settled,
    /// Claim it and hand it to the provider.
    Attempt,
    /// Somebody else is at it until then.
    Wait(Timestamp),
    /// Its lease ran out: mark it unknown.
    MarkUnknown,
    /// Evidence says that it was not accepted: put it back.
    Requeue,
    /// It stayed unknown for too long: give it up and raise the alarm.
    GiveUp,
}

impl Message {
    /// What to do about the message now. A mail is put back on evidence only, a text message never, a task at once:
    /// opening it is idempotent. `events_through` is the latest instant of sending for which
    /// the provider's event stream is known to have reported: evidence exists only for e-mail, because
    /// SNS reports no text messages.
    #[must_use]
    pub fn next_action(&self, now: Timestamp, events_through: Option<Timestamp>) -> NextAction {
        match self.state {
            MessageState::Queued => NextAction::Attempt,
            MessageState::Sending => match self.lease_until {
                Some(until) if now < until => NextAction::Wait(until),
                _ => NextAction::MarkUnknown,
            },
            // Opening a task again opens no second one: nothing has to be known of the first attempt.
            MessageState::Unknown if self.channel == Channel::Handoff => NextAction::Requeue,
            MessageState::Unknown => {
                let since = self.unknown_since.unwrap_or(self.created_at);
                let unheard = events_through.is_some_and(|through| through > since);
                let evidence_at = EVIDENCE_AFTER.after(since);
                let give_up_at = UNCONFIRMED_AFTER.after(since);
                let can_requeue = self.channel == Channel::Email && !self.requeued;
                if can_requeue && unheard && now >= evidence_at {
                    NextAction::Requeue
                } else if now >= give_up_at {
                    NextAction::GiveUp
                } else if can_requeue && now < evidence_at {
                    NextAction::Wait(evidence_at)
                } else if can_requeue {
                    NextAction::Wait(QUEUED_CHECK.after(now).min(give_up_at))
                } else {
                    NextAction::Wait(give_up_at)
                }
            }
            _ => NextAction::Settled,
        }
    }

    /// The message with a lease on its next attempt.
    #[must_use]
    pub fn claimed(&self, now: Timestamp) -> Self {
        Self {
            state: MessageState::Sending,
            attempts: self.attempts + 1,
            lease_until: Some(LEASE.after(now)),
            ..self.revised()
        }
    }

    /// The message after an attempt ended.
    #[must_use]
    pub fn attempted(&self, outcome: AttemptOutcome, now: Timestamp) -> Self {
        let next = Self { lease_until: None, ..self.revised() };
        match outcome {
            AttemptOutcome::Accepted { provider_id } => Self {
                state: MessageState::Accepted,
                provider_id: Some(provider_id),
                accepted_at: Some(now),
                note: None,
                ..next
            },
            AttemptOutcome::RejectedForNow { reason }
            | AttemptOutcome::TooFast { reason }
            | AttemptOutcome::QuotaUsedUp { reason } => {
                Self { state: MessageState::Queued, note: Some(reason), ..next }
            }
            AttemptOutcome::RejectedForGood { reason } => {
                Self { state: MessageState::Failed, withdrawn: Some(Reason::Rejected), note: Some(reason), ..next }
            }
            AttemptOutcome::Ambiguous { reason } => {
                Self { state: MessageState::Unknown, unknown_since: Some(now), note: Some(reason), ..next }
            }
        }
    }

    /// The message after its lease ran out: the attempt may have succeeded, so its outcome counts as
    /// unknown since the moment the lease ended.
    #[must_use]
    pub fn lease_over(&self, now: Timestamp) -> Self {
        Self {
            state: MessageState::Unknown,
            unknown_since: Some(self.lease_until.unwrap_or(now)),
            lease_until: None,
            note: Some("the attempt was cut off".to_owned()),
            ..self.revised()
        }
    }

    /// The message withdrawn before it was sent.
    #[must_use]
    pub fn cancelled(&self, reason: Reason) -> Self {
        Self { state: MessageState::Cancelled, withdrawn: Some(reason), ..self.revised() }
    }

    /// The message given up before any attempt, because its text could not be made.
    #[must_use]
    pub fn unrenderable(&self, note: String) -> Self {
        Self {
            state: MessageState::Failed,
            withdrawn: Some(Reason::RenderError),
            lease_until: None,
            note: Some(note),
            ..self.revised()
        }
    }

    /// The message put back after evidence that it was not accepted.
    #[must_use]
    pub fn requeue(&self) -> Self {
        Self { state: MessageState::Queued, requeued: true, unknown_since: None, ..self.revised() }
    }

    /// The message given up after its outcome stayed unknown.
    #[must_use]
    pub fn unconfirmed(&self) -> Self {
        Self { state: MessageState::Unconfirmed, ..self.revised() }
    }

    /// The message after a report of the provider, or nothing if the report says nothing new. A report
    /// settles the message from any state and only ever moves it upwards, so reports may come in any
    /// order and any number of times.
    #[must_use]
    pub fn reported(&self, report: ProviderReport, provider_id: &str, sent_at: Timestamp) -> Option<Self> {
        let state = match report {
            ProviderReport::Accepted => MessageState::Accepted,
            ProviderReport::Delivered => MessageState::Delivered,
            ProviderReport::Bounced => MessageState::Bounced,
            ProviderReport::Complained => MessageState::Complained,
            ProviderReport::Rejected => MessageState::Failed,
        };
        let upwards = match (self.state.was_accepted(), report) {
            (true, ProviderReport::Rejected) => self.state == MessageState::Accepted,
            (true, _) => state > self.state,
            (false, ProviderReport::Rejected) => self.state != MessageState::Failed,
            // A rejection that was reported stands against a late report of acceptance.
            (false, ProviderReport::Accepted) => self.state != MessageState::Failed,
            (false, _) => true,
        };
        upwards.then(|| Self {
            state,
            provider_id: self.provider_id.clone().or_else(|| Some(provider_id.to_owned())),
            accepted_at: self.accepted_at.or(Some(sent_at)),
            withdrawn: (report == ProviderReport::Rejected).then_some(Reason::Rejected),
            lease_until: None,
            unknown_since: None,
            ..self.revised()
        })
    }

    fn revised(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }
}

//! A message and its state machine. Every transition is a pure function; the store makes it atomic.
//!
//! ```text
//!  CANCELLED ◀── QUEUED ──claim──▶ SENDING ──accepted──▶ ACCEPTED ──▶ DELIVERED | BOUNCED | COMPLAINED
//!                 ▲  ▲                │ │ └─rejected for good──▶ FAILED
//!                 │  └─rejected now───┘ └─timeout, 5xx, lease over──▶ UNKNOWN ──24 h──▶ UNCONFIRMED
//!                 └──────evidence that it was not accepted, once────────┘
//! ```

use super::attempt::AttemptOutcome;
use super::requirement::Requirement;
use super::state::{MessageState, ProviderReport};
use crate::channel::{Channel, Purpose};
use crate::id::MessageId;
use crate::reason::Reason;
use crate::rules::{Condition, CouponOffer};
use crate::time::Period;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a claim may take before its outcome counts as unknown. Longer than a provider call with
/// its time-out, so that only a crash lets it run out.
pub const LEASE: Period = Period::seconds(120);

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
    /// What must hold when it is sent, because of what started its run.
    #[serde(flatten)]
    pub requirement: Requirement,
    /// When the journey meant it to go out.
    pub planned_at: Timestamp,
    /// When it was created.
    pub created_at: Timestamp,
    /// After this it is no longer useful.
    pub not_after: Timestamp,
    /// Why it was created.
    pub because: String,

    /// Its state.
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
    /// When it arrived, where the provider reported that before anything worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// Why it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Reason>,
    /// The latest answer of the provider or the network, without address or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Message {
    /// Whether it asks the customer to confirm that they want messages on this channel at all.
    #[must_use]
    pub fn asks_to_confirm(&self) -> bool {
        self.requirement == Requirement::Unconfirmed
    }

    /// Whether this version knows its channel, purpose, requirement and state.
    #[must_use]
    pub fn is_recognised(&self) -> bool {
        self.channel.is_recognised()
            && self.purpose.is_recognised()
            && self.unless.iter().all(Condition::is_recognised)
            && !matches!(self.requirement, Requirement::Unrecognised(_))
            && self.state.is_recognised()
    }

    /// Returns the message with a lease on its next attempt.
    #[must_use]
    pub fn claimed(&self, now: Timestamp) -> Self {
        Self {
            state: MessageState::Sending,
            attempts: self.attempts + 1,
            lease_until: Some(LEASE.after(now)),
            ..self.revised()
        }
    }

    /// Returns the message after an attempt ended.
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

    /// Returns the message after its lease ran out: the attempt may have succeeded, so its outcome counts as
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

    /// Returns the message withdrawn before it was sent.
    #[must_use]
    pub fn cancelled(&self, reason: Reason) -> Self {
        Self { state: MessageState::Cancelled, withdrawn: Some(reason), ..self.revised() }
    }

    /// Returns the message given up before any attempt, because its text could not be made.
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

    /// Returns the message put back after evidence that it was not accepted.
    #[must_use]
    pub fn requeue(&self) -> Self {
        Self { state: MessageState::Queued, requeued: true, unknown_since: None, ..self.revised() }
    }

    /// Returns the message given up after its outcome stayed unknown.
    #[must_use]
    pub fn unconfirmed(&self) -> Self {
        Self { state: MessageState::Unconfirmed, ..self.revised() }
    }

    /// Returns the message after a report of the provider, or nothing if the report changes nothing. A report
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
        if !self.state.is_recognised() {
            // Only the version that knows the state can tell whether the report is new.
            return None;
        }
        let upwards = match (self.state.was_accepted(), report) {
            (true, ProviderReport::Rejected) => self.state == MessageState::Accepted,
            (true, _) => state > self.state,
            (false, ProviderReport::Rejected) => self.state != MessageState::Failed,
            // A reported rejection holds against a late report of acceptance.
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

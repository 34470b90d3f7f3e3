//! What to do about a message, given its state and the time.

use super::message::Message;
use super::state::MessageState;
use crate::channel::UnknownOutcome;
use crate::reason::Reason;
use crate::time::Period;
use jiff::Timestamp;

/// How soon a queued message is checked in case its place in the queue was lost.
pub const QUEUED_CHECK: Period = Period::hours(1);

/// How long an outcome is unknown before the absence of provider events is evidence that the message was not accepted.
pub const EVIDENCE_AFTER: Period = Period::seconds(15 * 60);

/// How old the latest reported time of sending must be before it is evidence: events arrive in any order, and by then
/// those of messages that were sent earlier have arrived too.
pub const EVIDENCE_STANDS: Period = Period::seconds(15 * 60);

/// An event that arrives later than this after its mail was sent is no evidence, because others may be late as well.
pub const PROMPT_EVENT: Period = Period::seconds(5 * 60);

/// How soon a message with values of another version is checked again.
pub const UNRECOGNISED_CHECK: Period = Period::days(1);

/// How long an unknown outcome waits for evidence.
pub const UNCONFIRMED_AFTER: Period = Period::hours(24);

/// What to do about a message, given its state and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// Nothing: it is settled.
    Settled,
    /// Claim it and hand it to the provider.
    Attempt,
    /// Another worker holds the lease until then.
    Wait(Timestamp),
    /// Its lease ran out: mark it unknown.
    MarkUnknown,
    /// Evidence says that it was not accepted: put it back.
    Requeue,
    /// It stayed unknown for too long: give it up and raise the alarm.
    GiveUp,
    /// It will not be sent: withdraw it.
    Withdraw(Reason),
}

impl Message {
    /// Returns what to do about the message now. One whose outcome is unknown is put back as the row of its channel says
    /// ([`UnknownOutcome`]). `events_through` is the latest instant of sending for which the provider's event stream is known
    /// to have reported: the evidence that a message which it does not report was not accepted.
    ///
    /// A message with something of another version in it is never attempted and stays open for the version that knows it;
    /// only one that is queued is withdrawn once it is too late.
    #[must_use]
    pub fn next_action(&self, now: Timestamp, events_through: Option<Timestamp>) -> NextAction {
        if self.state.is_open() && !self.is_recognised() {
            let later = UNRECOGNISED_CHECK.after(now);
            return match self.state {
                MessageState::Queued if self.not_after <= now => NextAction::Withdraw(Reason::TooLate),
                MessageState::Queued => NextAction::Wait(later.min(self.not_after)),
                _ => NextAction::Wait(later),
            };
        }
        match self.state {
            MessageState::Queued => NextAction::Attempt,
            MessageState::Sending => match self.lease_until {
                Some(until) if now < until => NextAction::Wait(until),
                _ => NextAction::MarkUnknown,
            },
            MessageState::Unknown => {
                let retry = self.channel.row().unknown_outcome;
                if retry == UnknownOutcome::RetryAtOnce {
                    return NextAction::Requeue;
                }
                let since = self.unknown_since.unwrap_or(self.created_at);
                let without_event = events_through.is_some_and(|through| through > since);
                let evidence_at = EVIDENCE_AFTER.after(since);
                let give_up_at = UNCONFIRMED_AFTER.after(since);
                let can_requeue = retry == UnknownOutcome::RetryOnEvidence && !self.requeued;
                if can_requeue && without_event && now >= evidence_at {
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
}

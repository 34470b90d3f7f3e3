//! One decision in the making.

use super::decision::{Entry, ReferralNews};
use crate::customer::{Customer, Decided};
use crate::id::MessageId;
use crate::message::Message;
use crate::policy::Policy;
use crate::stage::{Assessment, Purchases};
use crate::triggers::Situation;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One decision in the making.
pub(super) struct Planner<'a> {
    pub(super) policy: &'a Policy,
    pub(super) customer: &'a Customer,
    pub(super) now: Timestamp,
    pub(super) purchases: Purchases,
    pub(super) assessment: Assessment,
    pub(super) stage_since: Option<Timestamp>,
    /// Copied only once something changes: most decisions change nothing.
    pub(super) decided: Cow<'a, Decided>,
    pub(super) messages: Vec<Message>,
    pub(super) rechecks: Vec<MessageId>,
    pub(super) entries: Vec<Entry>,
    pub(super) referral: Option<ReferralNews>,
    /// The earliest instant noted so far at which anything can change.
    pub(super) next: Option<Timestamp>,
    /// The first allowed instants that were found, by the instant asked about: all steps ask about the same few.
    pub(super) allowed_hours: BTreeMap<Timestamp, Timestamp>,
    /// What was looked at so far.
    pub(super) steps: usize,
    /// Whether something is left to the next decision.
    pub(super) is_cut: bool,
}

impl Planner<'_> {
    /// Returns what triggers may look at, the decision so far included.
    pub(super) fn situation(&self) -> Situation<'_> {
        Situation {
            customer: self.customer,
            decided: &self.decided,
            purchases: self.purchases,
            assessment: self.assessment,
            stage_since: self.stage_since,
            calendar: &self.policy.calendar,
            consent: &self.policy.consent,
            referral: &self.policy.referral,
            import: &self.policy.import,
            now: self.now,
        }
    }

    pub(super) fn has_moved(&self) -> bool {
        self.situation().has_moved()
    }

    /// Whether something happened recently enough to start a journey.
    pub(super) fn is_fresh(&self, at: Timestamp) -> bool {
        self.situation().is_fresh(at)
    }

    pub(super) fn note_next_change(&mut self, at: Timestamp) {
        if at > self.now {
            self.next = Some(self.next.map_or(at, |next| next.min(at)));
        }
    }

    pub(super) fn day(&self, at: Timestamp) -> jiff::civil::Date {
        self.policy.calendar.day(at)
    }
}

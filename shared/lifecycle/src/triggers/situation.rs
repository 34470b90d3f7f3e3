//! What a trigger may look at: a customer and the rules at one instant.

use crate::customer::{Customer, Decided};
use crate::rules::{ConsentRules, ImportRules, ReferralRules};
use crate::stage::{Assessment, Purchases, Stage};
use crate::time::{Calendar, seconds_between};
use jiff::Timestamp;
use jiff::civil::Date;

/// A customer and the rules at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The customer as stored, with the facts folded in.
    pub customer: &'a Customer,
    /// What was decided, this decision so far included.
    pub decided: &'a Decided,
    /// The purchases up to now.
    pub purchases: Purchases,
    /// The stage now.
    pub assessment: Assessment,
    /// Since when the customer is in that stage.
    pub stage_since: Option<Timestamp>,
    /// How days are counted.
    pub calendar: &'a Calendar,
    /// Which channels need the customer's own yes.
    pub consent: &'a ConsentRules,
    /// What earns a reward for a referral.
    pub referral: &'a ReferralRules,
    /// How old something may be that starts a run.
    pub import: &'a ImportRules,
    /// The instant.
    pub now: Timestamp,
}

impl Situation<'_> {
    /// Whether something happened recently enough to start a run.
    #[must_use]
    pub fn is_fresh(&self, at: Timestamp) -> bool {
        seconds_between(at, self.now) <= self.import.late_after.as_seconds()
    }

    /// Whether the customer's stage is another than the one stored.
    #[must_use]
    pub fn has_moved(&self) -> bool {
        self.stage() != self.customer.stage
    }

    /// Returns the stage to record. A customer in a stage of another version stays there: whether they left it, only that
    /// version can tell.
    #[must_use]
    pub fn stage(&self) -> Stage {
        if self.customer.stage.is_recognised() { self.assessment.stage } else { self.customer.stage }
    }

    /// Returns the day an instant falls on, in the shop's zone.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        self.calendar.day(at)
    }
}

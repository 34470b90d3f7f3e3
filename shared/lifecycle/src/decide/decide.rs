//! The one decision: given the rules, a customer and the time, what is the stage, which messages are to
//! be created now, why, and when can anything change next.
//!
//! The order of the checks: eligibility and consent, the journey's conditions, holdout and control
//! group, frequency cap, quiet hours; and priority when several steps want the same place.

use super::decision::{Decision, Entry};
use super::planner::Planner;
use crate::customer::{Customer, Decided, Uncounted};
use crate::id::fraction;
use crate::message::QUEUED_CHECK;
use crate::policy::{MAX_JOURNEYS, Policy};
use crate::stage::{Stage, assess, explain};
use crate::time::Period;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How many runs of a customer are kept, those of journeys that are no longer in the policy included.
const MAX_RUNS: usize = 2 * MAX_JOURNEYS;

/// Decides. Reads nothing but its arguments; deciding again at the same instant, with what was decided
/// recorded, decides nothing more, unless there was more to decide than one decision may take.
///
/// Whatever the policy, the decision fits into one transaction: see [`MAX_MESSAGES`](super::MAX_MESSAGES) and
/// [`MAX_ENTRIES`](super::MAX_ENTRIES).
#[must_use]
pub fn decide(policy: &Policy, customer: &Customer, now: Timestamp) -> Decision {
    let purchases = customer.folded.orders.purchases(&policy.calendar, now);
    let assessment = assess(&policy.stages, &policy.calendar, &purchases, customer.folded.reactions.latest(), now);
    // A customer in a stage of another version stays there: only that version can tell whether they left it.
    let stays = assessment.stage == customer.stage || !customer.stage.is_recognised();
    let mut planner = Planner {
        policy,
        customer,
        now,
        purchases,
        stage_since: if stays { customer.stage_since } else { assessment.since },
        assessment,
        decided: Cow::Borrowed(&customer.decided),
        messages: Vec::new(),
        rechecks: Vec::new(),
        entries: Vec::new(),
        referral: None,
        next: assessment.next_change,
        allowed_hours: BTreeMap::new(),
        steps: 0,
        is_cut: false,
    };
    planner.await_newer_version();
    planner.record_transition();
    planner.plan_activation();
    if planner.rewards_referrals() {
        planner.report_to_referrer();
    }
    planner.start_runs();
    loop {
        planner.end_runs();
        planner.take_steps();
        // A run that just took its last step may have blocked the next one.
        if planner.is_full() || !planner.start_runs() {
            break;
        }
    }
    planner.finish_activation();
    planner.check_open_messages();
    planner.conclude()
}

impl Planner<'_> {
    /// Checks a customer again soon if an item is stored that only another version of the engine can read.
    fn await_newer_version(&mut self) {
        if self.customer.folded.uncounted.is_some() || !self.customer.stage.is_recognised() {
            self.note_next_change(Uncounted::CHECK_INTERVAL.after(self.now));
        }
    }

    fn record_transition(&mut self) {
        if self.has_moved() {
            self.entries.push(Entry::Transition {
                from: self.customer.stage,
                to: self.assessment.stage,
                at: self.assessment.since.unwrap_or(self.now),
                because: explain(&self.policy.stages, &self.assessment),
            });
        }
    }

    /// A customer who comes with old orders only is kept out of journeys until an instant of their own
    /// within the activation window, so that an import never becomes a blast. A fresh order ends that.
    fn plan_activation(&mut self) {
        let Some(last_at) = self.purchases.last_at else { return };
        let fresh = self.is_fresh(last_at);
        if self.decided.activates_at.is_none() && self.customer.stage == Stage::Prospect && !fresh {
            let window = self.policy.import.activation_window.as_seconds();
            let share = fraction(&["activation", self.customer.shop.as_str(), self.customer.id.as_str()]);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                reason = "a share of at most 100 years in seconds"
            )]
            let wait = Period::seconds((window as f64 * share) as i64);
            self.decided.to_mut().activates_at = Some(wait.after(self.now));
        } else if self.decided.activates_at.is_some() && fresh {
            self.decided.to_mut().activates_at = None;
        }
        if let Some(at) = self.decided.activates_at {
            self.note_next_change(at);
        }
    }

    fn check_open_messages(&mut self) {
        let now = self.now;
        let is_due = |check_at: Option<Timestamp>| check_at.is_some_and(|at| at <= now);
        if self.decided.contacts.iter().any(|contact| is_due(contact.check_at)) {
            for contact in &mut self.decided.to_mut().contacts {
                if is_due(contact.check_at) {
                    contact.check_at = Some(QUEUED_CHECK.after(now));
                    self.rechecks.push(contact.message.clone());
                }
            }
        }
    }

    fn conclude(mut self) -> Decision {
        if self.decided.next_at != self.next {
            self.decided.to_mut().next_at = self.next;
        }
        if let Cow::Owned(decided) = &mut self.decided {
            let cap = &self.policy.frequency_cap;
            let counted = cap.window.max(cap.min_gap);
            decided.contacts.retain(|contact| contact.check_at.is_some() || counted.after(contact.at) > self.now);
            forget_removed_journeys(decided, self.policy);
        }
        let stage = self.situation().stage();
        let checks = self.decided.contacts.iter().filter_map(|contact| contact.check_at);
        Decision {
            stage,
            stage_since: self.stage_since,
            due_at: checks.chain(self.next).min(),
            decided: match self.decided {
                Cow::Owned(decided) => Some(decided),
                Cow::Borrowed(_) => None,
            },
            messages: self.messages,
            rechecks: self.rechecks,
            entries: self.entries,
            referral: self.referral,
            steps: self.steps,
        }
    }
}

/// Drops the oldest runs of journeys that are no longer in the policy once there are many: a shop may rename its journeys for
/// years, and a customer's record has a limit.
fn forget_removed_journeys(decided: &mut Decided, policy: &Policy) {
    let excess = decided.runs.len().saturating_sub(MAX_RUNS);
    if excess == 0 {
        return;
    }
    let removed = decided.runs.iter().filter(|(id, run)| run.ended && policy.journey(id).is_none());
    let mut removed: Vec<_> = removed.map(|(id, run)| (run.started_at, id.clone())).collect();
    removed.sort_unstable();
    for (_, id) in removed.into_iter().take(excess) {
        decided.runs.remove(&id);
    }
}

//! Starting and ending runs of journeys.

use super::decision::Entry;
use super::planner::Planner;
use crate::customer::{Arm, Draw, MAX_FRIENDS, Run, has_trials, millionths};
use crate::id::fraction;
use crate::policy::{Journey, Policy};
use crate::reason::Reason;
use crate::rules::Condition;
use crate::triggers::Start;
use jiff::Timestamp;

impl<'a> Planner<'a> {
    /// Starts the runs that triggers call for; whether there were any.
    pub(super) fn start_runs(&mut self) -> bool {
        let policy: &'a Policy = self.policy;
        let mut started = false;
        for journey in &policy.journeys {
            let friends = if journey.trigger.rewards_referrals() { MAX_FRIENDS } else { 0 };
            self.count(1 + friends);
            let found = journey.trigger.start(&self.situation(), self.decided.runs.get(&journey.id));
            if let Some(again_at) = found.again_at {
                self.note_next_change(again_at);
            }
            for judged in found.judged {
                if let Some(refusal) = judged.refusal {
                    self.refuse(&judged.code, refusal);
                }
                self.note_judged(&judged.friend, judged.refusal.is_none());
            }
            if let Some(start) = found.start.filter(|start| self.not_too_soon(journey, start.at)) {
                self.start(journey, start);
                started = true;
            }
        }
        started
    }

    /// Clears the activation time once it has passed: the triggers have considered it by then.
    pub(super) fn finish_activation(&mut self) {
        if !self.is_cut && self.decided.activates_at.is_some_and(|at| at <= self.now) {
            self.decided.to_mut().activates_at = None;
        }
    }

    fn not_too_soon(&self, journey: &Journey, at: Timestamp) -> bool {
        let last = self.decided.runs.get(&journey.id).and_then(|run| run.last_message_at);
        match (journey.at_most_every, last, journey.steps.first()) {
            (Some(every), Some(last), Some(first)) => first.delay.after(at) >= every.after(last),
            _ => true,
        }
    }

    fn start(&mut self, journey: &Journey, start: Start) {
        let customer = self.customer;
        let draw = |parts: &[&str]| {
            let who = [customer.shop.as_str(), customer.id.as_str()];
            fraction(&[parts, &who[..]].concat())
        };
        let left_out = if !journey.trigger.is_in_experiments() {
            None
        } else if draw(&["control"]) < self.policy.experiment.control_group {
            Some(Reason::ControlGroup)
        } else if draw(&["holdout", &journey.id]) < self.policy.experiment.holdout {
            Some(Reason::Holdout)
        } else {
            None
        };
        self.note_draws(journey, left_out, start.at);
        self.entries.push(match left_out {
            Some(reason) => Entry::NotSent { journey: journey.id.clone(), step: None, reason, because: None },
            None => Entry::RunStarted { journey: journey.id.clone(), run: start.id.clone(), because: start.because },
        });
        let runs = &mut self.decided.to_mut().runs;
        let last_message_at = runs.get(&journey.id).and_then(|run| run.last_message_at);
        runs.insert(
            journey.id.clone(),
            Run {
                id: start.id,
                started_at: start.at,
                done: Vec::new(),
                through: None,
                last_message_at,
                held_by: None,
                ended: left_out.is_some(),
            },
        );
    }

    /// Notes in which arms the customer is: of all journeys together, if there is a control group, and of this one. Whoever is in the control
    /// group is in no arm of a single journey.
    fn note_draws(&mut self, journey: &Journey, left_out: Option<Reason>, at: Timestamp) {
        let policy = self.policy;
        if !journey.trigger.is_in_experiments() || !has_trials(policy) {
            return;
        }
        let (day, today) = (self.day(at), self.day(self.now));
        let decided = self.decided.to_mut();
        decided.forget_old_draws(today);
        let mut note = |journey: Option<String>, share: f64, is_left_out: bool| {
            let arm = if is_left_out { Arm::Holdout } else { Arm::Treated };
            if share > 0.0 {
                decided.note_draw(Draw { day, journey, holdout_millionths: millionths(share), arm });
            }
        };
        let is_control = left_out == Some(Reason::ControlGroup);
        note(None, policy.experiment.control_group, is_control);
        if !is_control {
            note(Some(journey.id.clone()), policy.experiment.holdout, left_out.is_some());
        }
    }

    pub(super) fn end_runs(&mut self) {
        let live = self.decided.runs.values().filter(|run| !run.ended).count();
        self.count(live * self.policy.journeys.len());
        let over: Vec<(String, Reason)> = self
            .decided
            .runs
            .iter()
            .filter(|(_, run)| !run.ended)
            .filter_map(|(id, run)| Some((id.clone(), self.end_of(id, run)?)))
            .collect();
        for (id, reason) in over {
            let policy = self.policy;
            let Some(run) = self.decided.to_mut().runs.get_mut(&id) else { continue };
            let remaining = policy.journey(&id).into_iter().flat_map(|journey| journey.pending_steps(run));
            for step in remaining {
                let step = Some(step.id.clone());
                self.entries.push(Entry::NotSent { journey: id.clone(), step, reason, because: None });
            }
            self.entries.push(Entry::RunEnded { journey: id.clone(), run: run.id.clone(), reason });
            run.end();
            // At least one run ends, so that the next decision has less to do.
            if self.is_full() {
                return;
            }
        }
    }

    fn end_of(&self, id: &str, run: &Run) -> Option<Reason> {
        let Some(journey) = self.policy.journey(id) else { return Some(Reason::JourneyRemoved) };
        let folded = &self.customer.folded;
        let holds = |condition: &Condition| {
            folded.holds(*condition, (id, &run.id, run.started_at), &self.policy.calendar, self.now)
        };
        if let Some(condition) = journey.ends_when.iter().find(|condition| holds(condition)) {
            return Some(Reason::from(*condition));
        }
        journey.trigger.end(&self.situation(), run)
    }
}

//! Starting and ending runs of journeys.

use super::decision::Entry;
use super::planner::Planner;
use crate::channel::Channel;
use crate::customer::Run;
use crate::id::fraction;
use crate::nps::NpsGroup;
use crate::policy::{Journey, Policy};
use crate::reason::Reason;
use crate::rules::Condition;
use crate::stage::Stage;
use crate::triggers::Trigger;
use jiff::Timestamp;

/// A run that a trigger calls for.
struct Start {
    id: String,
    at: Timestamp,
    because: String,
}

impl<'a> Planner<'a> {
    /// Starts the runs that triggers call for; whether there were any.
    pub(super) fn start_runs(&mut self) -> bool {
        let policy: &'a Policy = self.policy;
        let mut started = false;
        for journey in &policy.journeys {
            let start = match journey.trigger {
                Trigger::FirstOrder => self.first_order(journey),
                Trigger::Order => self.order(journey),
                Trigger::Stage(stage) => self.stage_entered(journey, stage),
                Trigger::Nps(group) => self.answered(journey, group),
                Trigger::ReferralConverted => self.friend_ordered(journey),
                Trigger::Unconfirmed(channel) => self.unconfirmed(journey, channel),
            };
            if let Some(start) = start.filter(|start| self.not_too_soon(journey, start.at)) {
                self.start(journey, start);
                started = true;
            }
        }
        started
    }

    /// Whoever was to be activated by now has been considered.
    pub(super) fn finish_activation(&mut self) {
        if self.decided.activates_at.is_some_and(|at| at <= self.now) {
            self.decided.to_mut().activates_at = None;
        }
    }

    fn first_order(&self, journey: &Journey) -> Option<Start> {
        let at = self.purchases.first_at.filter(|at| self.is_fresh(*at))?;
        if self.decided.runs.contains_key(&journey.id) {
            return None;
        }
        Some(Start { id: "first".to_owned(), at, because: format!("first order on {}", self.day(at)) })
    }

    fn order(&self, journey: &Journey) -> Option<Start> {
        let order = self.customer.folded.orders.last_counted(self.now)?;
        let at = order.ordered_at();
        let run = self.decided.runs.get(&journey.id);
        let free = run.is_none_or(|run| run.ended && run.id != order.id.as_str());
        if !free || !self.is_fresh(at) {
            return None;
        }
        Some(Start { id: order.id.to_string(), at, because: format!("order on {}", self.day(at)) })
    }

    fn stage_entered(&self, journey: &Journey, stage: Stage) -> Option<Start> {
        let since = self.stage_since.filter(|_| self.assessment.stage == stage)?;
        let id = since.as_millisecond();
        if self.decided.runs.get(&journey.id).is_some_and(|run| run.id.parse() == Ok(id)) {
            return None;
        }
        let at = match self.decided.activates_at {
            Some(activates_at) if activates_at > self.now => return None,
            Some(activates_at) => activates_at,
            // Only entering a stage starts a run: a journey added to the policy later does not write to
            // everybody who has been there for months.
            None if !self.has_moved() => return None,
            None if self.is_fresh(since) => since,
            // The change was foreseen and the engine is late: not the customer's fault.
            None if self.customer.due_at.is_some_and(|due_at| due_at <= since) => self.now,
            None => return None,
        };
        Some(Start { id: id.to_string(), at, because: format!("{stage} since {}", self.day(since)) })
    }

    fn answered(&mut self, journey: &Journey, group: NpsGroup) -> Option<Start> {
        let said = self.customer.folded.nps.as_ref().filter(|said| self.is_fresh(said.at))?;
        if said.at > self.now {
            // A second answer within a millisecond is noted a millisecond later.
            self.note_next_change(said.at);
            return None;
        }
        let known = self.decided.runs.get(&journey.id).is_some_and(|run| run.id == said.value.survey);
        if known || NpsGroup::from_score(said.value.score) != group {
            return None;
        }
        let because = format!("answered {} on {}", said.value.score, self.day(said.at));
        Some(Start { id: said.value.survey.clone(), at: said.at, because })
    }

    fn friend_ordered(&mut self, journey: &Journey) -> Option<Start> {
        let (friend, ordered_at) = self.converted(journey)?;
        let because = format!("a friend's order of {} still counts", self.day(ordered_at));
        Some(Start { id: friend, at: self.now, because })
    }

    fn unconfirmed(&self, journey: &Journey, channel: Channel) -> Option<Start> {
        let folded = &self.customer.folded;
        let since = folded.permissions.unconfirmed_since(&self.policy.consent, channel)?;
        // One question is enough, however often the shop repeats the yes: whoever does not answer it says no.
        if self.decided.runs.contains_key(&journey.id) || !self.is_fresh(since) {
            return None;
        }
        let because = format!("the shop passed on a yes to {channel} on {}", self.day(since));
        Some(Start { id: "once".to_owned(), at: since, because })
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
        // The experiment is about journeys that the shop begins; whoever answers or brings a friend gets what follows.
        let experiment = matches!(journey.trigger, Trigger::FirstOrder | Trigger::Order | Trigger::Stage(_));
        let left_out = if !experiment {
            None
        } else if draw(&["control"]) < self.policy.experiment.control_group {
            Some(Reason::ControlGroup)
        } else if draw(&["holdout", &journey.id]) < self.policy.experiment.holdout {
            Some(Reason::Holdout)
        } else {
            None
        };
        self.entries.push(match left_out {
            Some(reason) => Entry::NotSent { journey: journey.id.clone(), step: None, reason },
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

    pub(super) fn end_runs(&mut self) {
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
                self.entries.push(Entry::NotSent { journey: id.clone(), step, reason });
            }
            self.entries.push(Entry::RunEnded { journey: id.clone(), run: run.id.clone(), reason });
            run.end();
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
        match journey.trigger {
            Trigger::Stage(stage) if self.assessment.stage != stage => Some(Reason::LeftStage),
            Trigger::FirstOrder | Trigger::Order if self.purchases.occasions == 0 => Some(Reason::OrderUndone),
            Trigger::Nps(group) => {
                let answer = folded.nps.as_ref().filter(|said| said.value.survey == run.id)?;
                (NpsGroup::from_score(answer.value.score) != group).then_some(Reason::AnswerChanged)
            }
            Trigger::Unconfirmed(channel)
                if folded.permissions.unconfirmed_since(&self.policy.consent, channel).is_none() =>
            {
                Some(Reason::Settled)
            }
            _ => None,
        }
    }
}

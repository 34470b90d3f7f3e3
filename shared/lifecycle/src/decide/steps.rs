//! Taking the steps whose time has come: skip, hold back, or create a message.

use super::decision::Entry;
use super::planner::Planner;
use super::{eligibility, frequency_cap};
use crate::channel::Channel;
use crate::customer::{Contact, Customer, Uncounted};
use crate::id::MessageId;
use crate::message::{Message, MessageState, QUEUED_CHECK, Requirement};
use crate::money::Money;
use crate::policy::{Journey, Policy, Step};
use crate::reason::Reason;
use jiff::Timestamp;

/// A step whose time has come and which nothing but the cap and the hour can hold back.
struct Candidate<'p> {
    journey: &'p Journey,
    step: &'p Step,
    channel: Channel,
    planned_at: Timestamp,
}

/// Why a step must not go out.
struct Obstacle {
    reason: Reason,
    /// Which condition is not met, where the reason does not say so.
    because: Option<String>,
}

impl From<Reason> for Obstacle {
    fn from(reason: Reason) -> Self {
        Self { reason, because: None }
    }
}

impl<'a> Planner<'a> {
    pub(super) fn take_steps(&mut self) {
        // Every round settles at least one step; a step that is created or skipped may make due the next
        // one of its run.
        loop {
            let mut candidates = self.due_candidates();
            candidates.sort_by_key(|candidate| (std::cmp::Reverse(candidate.journey.priority), candidate.planned_at));
            let mut created = 0;
            for candidate in candidates {
                if self.is_full() {
                    return;
                }
                created += usize::from(self.create_or_hold(&candidate));
            }
            if created == 0 {
                return;
            }
        }
    }

    /// The first pending step of each run, if its time has come; steps that must not go out at all are
    /// skipped on the way.
    fn due_candidates(&mut self) -> Vec<Candidate<'a>> {
        let policy: &'a Policy = self.policy;
        let mut candidates = Vec::new();
        for journey in &policy.journeys {
            while let Some((step, planned_at)) = self.pending(journey) {
                if self.is_full() {
                    return candidates;
                }
                if planned_at > self.now {
                    self.note_next_change(planned_at);
                    break;
                }
                self.count(step.unless.len() + step.only_if.len());
                match self.obstacle(journey, step, planned_at) {
                    Ok(channel) => {
                        candidates.push(Candidate { journey, step, channel, planned_at });
                        break;
                    }
                    Err(obstacle) => self.skip(journey, step, obstacle),
                }
            }
        }
        candidates
    }

    /// The first step that is still to come and its time, which is never as long as it waits for a task.
    fn pending(&mut self, journey: &'a Journey) -> Option<(&'a Step, Timestamp)> {
        self.count(1 + journey.steps.len());
        let run = self.decided.runs.get(&journey.id).filter(|run| !run.ended)?;
        if let Some(step) = journey.pending_steps(run).next() {
            let Some(task) = &step.after_closing else { return Some((step, step.delay.after(run.started_at))) };
            let opens_it = journey.steps.iter().find(|step| step.id == *task)?;
            let task = self.message_id(journey, &run.id, task, opens_it.channel);
            let closed_at = self.customer.folded.closed_tasks.get(&task);
            return closed_at.map(|closed_at| (step, step.delay.after(*closed_at)));
        }
        if let Some(run) = self.decided.to_mut().runs.get_mut(&journey.id) {
            run.end();
        }
        None
    }

    /// Returns the channel to use, or why the step must not go out.
    fn obstacle(&self, journey: &Journey, step: &Step, planned_at: Timestamp) -> Result<Channel, Obstacle> {
        let Some(run) = self.decided.runs.get(&journey.id) else { return Err(Reason::JourneyRemoved.into()) };
        let held_by = run.held_by;
        if self.now >= step.not_after.after(planned_at) {
            return Err(held_by.unwrap_or(Reason::TooLate).into());
        }
        let folded = &self.customer.folded;
        let this_run = (journey.id.as_str(), run.id.as_str(), run.started_at);
        let holds = |condition| folded.holds(condition, this_run, &self.policy.calendar, self.now);
        if let Some(condition) = step.unless.iter().find(|condition| holds(**condition)) {
            return Err(Reason::from(*condition).into());
        }
        let unmet = step.only_if.iter().find(|condition| !holds(**condition));
        let unmet = unmet.map(|condition| condition.unmet_sentence().to_owned());
        if let Some(because) = unmet.or_else(|| self.too_few_orders(step)) {
            return Err(Obstacle { reason: Reason::ConditionUnmet, because: Some(because) });
        }
        if self.lacks_permissions(step.channel) {
            // Whether the customer may be reached is not known: the step is held back until it is.
            return Ok(step.channel);
        }
        let asks = journey.trigger.requirement() == Requirement::Unconfirmed;
        let reach = |channel| {
            eligibility::reach(folded, self.policy, channel, journey.purpose, asks, self.now).map(|()| channel)
        };
        let reached = reach(step.channel);
        Ok(reached.or_else(|reason| step.fallback.and_then(|channel| reach(channel).ok()).ok_or(reason))?)
    }

    /// Returns which number the step asks for the customer has not come to.
    fn too_few_orders(&self, step: &Step) -> Option<String> {
        let (had, asked) = (self.purchases.occasions, step.only_if_orders);
        if had < asked {
            return Some(format!(
                "the step is for customers with {asked} or more days with an order; there were {had}"
            ));
        }
        let least = step.only_if_spent.as_ref()?.0;
        let minor = self.customer.folded.orders.value().get(&least.currency).copied().unwrap_or(0);
        let spent = Money { minor, ..least };
        (minor < least.minor).then(|| format!("the step is for customers who spent {least} or more; it was {spent}"))
    }

    fn skip(&mut self, journey: &Journey, step: &Step, obstacle: Obstacle) {
        let Obstacle { reason, because } = obstacle;
        self.entries.push(Entry::NotSent { journey: journey.id.clone(), step: Some(step.id.clone()), reason, because });
        let Some(run) = self.decided.to_mut().runs.get_mut(&journey.id) else { return };
        run.pass(&step.id, step.delay);
        // A step that was to follow a task that is not opened does not follow.
        let waits = |other: &&Step| other.after_closing.as_ref() == Some(&step.id);
        let waiting: Vec<&Step> = journey.pending_steps(run).filter(waits).collect();
        for step in waiting {
            run.pass(&step.id, step.delay);
            let (journey, step) = (journey.id.clone(), Some(step.id.clone()));
            self.entries.push(Entry::NotSent { journey, step, reason: Reason::NoTask, because: None });
        }
    }

    fn message_id(&self, journey: &Journey, run: &str, step: &str, channel: Channel) -> MessageId {
        let Customer { shop, id, .. } = self.customer;
        MessageId::derive(shop, id, &journey.id, run, step, channel.code())
    }

    /// Whether what the customer allowed on a channel may not be counted yet.
    fn lacks_permissions(&self, channel: Channel) -> bool {
        eligibility::lacks_permissions(&self.customer.folded, channel)
    }

    /// Creates the message if permissions, cap and hour allow it now; otherwise notes when to check again.
    fn create_or_hold(&mut self, candidate: &Candidate<'_>) -> bool {
        let channel = candidate.channel;
        if self.lacks_permissions(channel) {
            self.hold(candidate, Reason::PermissionUnread, Uncounted::CHECK_INTERVAL.after(self.now));
            return false;
        }
        self.count(self.decided.contacts.len());
        let under_cap = frequency_cap::free_at(&self.policy.frequency_cap, &self.decided.contacts, channel, self.now);
        let waking = self.allowed_hour(channel, under_cap.max(self.now));
        if waking > self.now {
            let reason = if under_cap > self.now { Reason::FrequencyCap } else { Reason::QuietHours };
            self.hold(candidate, reason, waking);
            return false;
        }
        self.create(candidate);
        true
    }

    /// The first instant, at or after `at`, at which the customer may be written to on a channel.
    fn allowed_hour(&mut self, channel: Channel, at: Timestamp) -> Timestamp {
        if !channel.row().heeds_quiet_hours {
            return at;
        }
        if let Some(known) = self.allowed_hours.get(&at) {
            return *known;
        }
        self.count(self.policy.candidate_zones.len());
        let found = eligibility::allowed_hour(self.policy, &self.customer.folded.profile, channel, at);
        self.allowed_hours.insert(at, found);
        found
    }

    /// Notes the reason that holds a step back, and to check again at `until` or when it is too late for the step.
    fn hold(&mut self, candidate: &Candidate<'_>, reason: Reason, until: Timestamp) {
        let Candidate { journey, step, planned_at, .. } = *candidate;
        self.note_next_change(until.min(step.not_after.after(planned_at)));
        if self.decided.runs.get(&journey.id).is_some_and(|run| run.held_by != Some(reason))
            && let Some(run) = self.decided.to_mut().runs.get_mut(&journey.id)
        {
            run.held_by = Some(reason);
        }
    }

    fn create(&mut self, candidate: &Candidate<'_>) {
        let Candidate { journey, step, channel, planned_at } = *candidate;
        let Some(run) = self.decided.runs.get(&journey.id) else { return };
        let (held_by, run_id, run_started_at) = (run.held_by, run.id.clone(), run.started_at);
        let id = self.message_id(journey, &run_id, &step.id, channel);
        let Some(run) = self.decided.to_mut().runs.get_mut(&journey.id) else { return };
        run.pass(&step.id, step.delay);
        run.last_message_at = Some(self.now);
        let because = self.because(journey, step, run_started_at, held_by);
        let contact =
            Contact { message: id.clone(), channel, at: self.now, check_at: Some(QUEUED_CHECK.after(self.now)) };
        self.decided.to_mut().contacts.push(contact);
        self.entries.push(Entry::Created {
            journey: journey.id.clone(),
            step: step.id.clone(),
            channel,
            message: id.clone(),
            because: because.clone(),
        });
        self.messages.push(Message {
            id,
            journey: journey.id.clone(),
            run: run_id,
            step: step.id.clone(),
            channel,
            purpose: journey.purpose,
            template: step.template.clone(),
            coupon: step.coupon.clone(),
            coupon_code: None,
            run_started_at,
            unless: step.unless.iter().chain(&journey.ends_when).copied().collect(),
            requirement: journey.trigger.requirement(),
            planned_at,
            created_at: self.now,
            not_after: step.not_after.after(planned_at),
            because,
            state: MessageState::Queued,
            revision: 1,
            attempts: 0,
            lease_until: None,
            unknown_since: None,
            requeued: false,
            provider_id: None,
            accepted_at: None,
            delivered_at: None,
            withdrawn: None,
            note: None,
        });
    }

    fn because(&self, journey: &Journey, step: &Step, started_at: Timestamp, held_by: Option<Reason>) -> String {
        let start = journey.trigger.sentence(self.day(started_at));
        if let Some(task) = &step.after_closing {
            return format!("the task {task:?} was closed, after {start}");
        }
        let after = if step.delay.as_seconds() == 0 { "upon".to_owned() } else { format!("{} after", step.delay) };
        match held_by {
            None => format!("{after} {start}"),
            Some(reason) => format!("{after} {start}; it had to wait because {}", reason.sentence()),
        }
    }
}

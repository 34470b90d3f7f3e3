//! A household in virtual time: the clock moves to the next instant at which a customer of it is due or something happens to one.

use crate::counts::{Planned, Weeks};
use crate::household::OneCustomer;
use crate::mailboxes::Mailboxes;
use crate::outcome::{Outcome, Sent};
use crate::person::{News, Person};
use crate::terms::Terms;
use jiff::Timestamp;
use rekindle_lifecycle::decide::{Entry, Plan, Verdict, decide, verdict};
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::mailbox::Fate;
use rekindle_lifecycle::message::{AttemptOutcome, Message, NextAction};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What happens to a customer at an instant. The sweep of an instant comes before its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Sweep,
    Facts,
}

/// A household that is played.
pub(crate) struct Play<'t> {
    terms: &'t Terms<'t>,
    weeks: &'t Weeks,
    people: Vec<Person>,
    mailboxes: Mailboxes,
    counts: &'t mut Planned,
    turns: BinaryHeap<Reverse<(Timestamp, Turn, usize)>>,
    /// What went out to each of the people.
    sent: Vec<Vec<Sent>>,
}

impl<'t> Play<'t> {
    /// The customers of a household before anything happened.
    pub(crate) fn new(
        terms: &'t Terms<'t>,
        weeks: &'t Weeks,
        customers: Vec<OneCustomer>,
        counts: &'t mut Planned,
    ) -> Self {
        let people: Vec<Person> = customers.into_iter().map(|one| Person::new(&terms.shop, one)).collect();
        let sent = vec![Vec::new(); people.len()];
        let mut play =
            Self { terms, weeks, people, mailboxes: Mailboxes::default(), counts, turns: BinaryHeap::new(), sent };
        (0..play.people.len()).for_each(|index| play.await_facts(index));
        play
    }

    /// Lets the time pass to its end. Returns what became of each customer.
    pub(crate) fn played_to_the_end(mut self) -> Vec<Outcome> {
        while let Some(Reverse((at, turn, index))) = self.turns.pop() {
            match turn {
                Turn::Facts => {
                    let news = self.people[index].fold(at, self.terms.span.until, &self.terms.policy.calendar);
                    self.advance(index, &news, at);
                    self.await_facts(index);
                }
                // The customer may be due at another time by now.
                Turn::Sweep if self.people[index].customer.due_at.is_some_and(|due_at| due_at <= at) => {
                    self.advance(index, &News::default(), at);
                }
                Turn::Sweep => {}
            }
        }
        self.outcomes()
    }

    fn await_facts(&mut self, index: usize) {
        let span = self.terms.span;
        if let Some(at) = self.people[index].next_fact_at().filter(|at| *at < span.until) {
            self.turns.push(Reverse((at.max(span.from), Turn::Facts, index)));
        }
    }

    /// Decides about a customer after what happened, if anything did, and processes the messages that are due, as `advance` and
    /// `send` do.
    fn advance(&mut self, index: usize, news: &News, now: Timestamp) {
        let policy = self.terms.policy;
        let person = &mut self.people[index];
        if !news.facts.is_empty() {
            self.mailboxes.note(&news.before, &person.customer.folded, &news.facts);
        }
        let mut decision = decide(policy, &person.customer, now);
        if decision.lacked_permission() {
            // They may have said otherwise about the same address under another id.
            let with = self.mailboxes.all_applied_to(&person.customer, now);
            if with != person.customer {
                decision = decide(policy, &with, now);
            }
        }
        for message in &decision.messages {
            let run = person.customer.decided.runs.get(&message.journey).filter(|run| run.id == message.run);
            if let Some(reason) = run.and_then(|run| run.held_by) {
                self.counts.count_delayed(reason);
            }
        }
        let plan = Plan::new(person.customer.clone(), news.changes, decision, now);
        let due: Vec<MessageId> = plan.messages_to_process(now).into_iter().cloned().collect();
        if plan.changes {
            self.write(index, plan, now);
        }
        for id in due {
            self.process(index, &id, now);
        }
        self.await_sweep(index, now);
    }

    /// Notes what was decided about a customer.
    fn write(&mut self, index: usize, plan: Plan, now: Timestamp) {
        let Plan { customer, decision, .. } = plan;
        let person = &mut self.people[index];
        let was = person.is_known().then_some(person.customer.stage);
        if was != Some(customer.stage) {
            self.counts.count_stage(was, customer.stage, self.weeks.after(now));
        }
        person.customer = customer;
        person.customer.version += 1;
        person.messages.extend(decision.messages.into_iter().map(|message| (message.id.clone(), message)));
        for entry in decision.entries {
            if let Entry::NotSent { reason, .. } = entry {
                self.counts.count_held_back(reason);
            }
        }
    }

    fn await_sweep(&mut self, index: usize, now: Timestamp) {
        if let Some(at) = self.people[index].next_sweep_at(now).filter(|at| *at <= self.terms.span.until) {
            self.turns.push(Reverse((at, Turn::Sweep, index)));
        }
    }

    /// Processes one message as `send` does; every provider accepts it at once.
    fn process(&mut self, index: usize, id: &MessageId, now: Timestamp) {
        let person = &self.people[index];
        let Some(message) = person.messages.get(id) else { return };
        match message.next_action(now, None) {
            NextAction::Settled => self.settle(index, message.clone(), now),
            NextAction::Attempt => match self.verdict(index, message, now) {
                Verdict::Later(until) => self.check_again(index, id, until),
                Verdict::Withdraw(reason) => {
                    let withdrawn = self.people[index].messages[id].cancelled(reason);
                    self.counts.count_held_back(reason);
                    self.settle(index, withdrawn, now);
                }
                Verdict::Send => self.send(index, id, now),
            },
            NextAction::Wait(until) => self.check_again(index, id, until),
            NextAction::Withdraw(reason) => {
                let withdrawn = message.cancelled(reason);
                self.counts.count_held_back(reason);
                self.settle(index, withdrawn, now);
            }
            // No attempt of a plan has an unknown outcome.
            NextAction::MarkUnknown | NextAction::Requeue | NextAction::GiveUp => {}
        }
    }

    /// Whether a message may go out, as the last check and the mailbox say.
    fn verdict(&self, index: usize, message: &Message, now: Timestamp) -> Verdict {
        let Terms { policy, .. } = *self.terms;
        let customer = &self.people[index].customer;
        let found = verdict(policy, customer, message, now);
        let asks_mailbox = match found {
            Verdict::Send => true,
            Verdict::Withdraw(reason) => reason.is_about_permission(),
            Verdict::Later(_) => false,
        };
        if !asks_mailbox || self.people.len() == 1 {
            return found;
        }
        verdict(policy, &self.mailboxes.applied_to(customer, message.channel, now), message, now)
    }

    /// Takes the place in the mailbox and hands the message over.
    fn send(&mut self, index: usize, id: &MessageId, now: Timestamp) {
        let policy = self.terms.policy;
        let person = &self.people[index];
        let message = &person.messages[id];
        let fate = |other: &MessageId| {
            self.people.iter().find_map(|person| person.messages.get(other)).and_then(Fate::of_message)
        };
        match self.mailboxes.take_place(policy, &person.customer, message, fate, now) {
            Verdict::Later(until) => return self.check_again(index, id, until),
            Verdict::Withdraw(reason) => {
                let withdrawn = message.cancelled(reason);
                self.counts.count_held_back(reason);
                return self.settle(index, withdrawn, now);
            }
            Verdict::Send => {}
        }
        let accepted = AttemptOutcome::Accepted { provider_id: String::new() };
        let sent = message.claimed(now).attempted(accepted, now);
        let parts = self.terms.text_parts.count(policy, &person.customer, &sent);
        self.counts.count_sent(&sent, policy.calendar.day(now), parts);
        self.sent[index].push(Sent { at: now, journey: sent.journey.clone(), step: sent.step.clone() });
        self.settle(index, sent, now);
    }

    fn settle(&mut self, index: usize, message: Message, now: Timestamp) {
        let person = &mut self.people[index];
        if person.customer.settle(&message, now) {
            person.customer.due_at = person.customer.needs_attention_at();
            person.customer.version += 1;
        }
        person.messages.insert(message.id.clone(), message);
    }

    fn check_again(&mut self, index: usize, id: &MessageId, until: Timestamp) {
        let customer = &mut self.people[index].customer;
        if customer.check_again(id, until) {
            customer.due_at = customer.needs_attention_at();
            customer.version += 1;
        }
    }

    fn outcomes(self) -> Vec<Outcome> {
        let Terms { policy, span, .. } = *self.terms;
        let mut outcomes = Vec::new();
        for (person, messages) in self.people.into_iter().zip(self.sent) {
            if !person.is_known() {
                continue;
            }
            let Person { customer, messages: all, .. } = person;
            let orders = customer.folded.orders.purchases(&policy.calendar, span.until).orders;
            self.counts.customers += 1;
            self.counts.orders += u64::from(orders);
            *self.counts.stages.entry(customer.stage.code().to_owned()).or_default() += 1;
            self.counts.waiting += all.values().filter(|message| message.state.is_open()).count() as u64;
            outcomes.push(Outcome { id: customer.id, stage: customer.stage, orders, messages });
        }
        outcomes
    }
}

//! What a plan counts.

use jiff::Timestamp;
use jiff::civil::Date;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::stage::Stage;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a policy does over a history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// Customers that the shop knows at the end.
    pub customers: u64,
    /// Their orders that count at the end.
    pub orders: u64,
    /// Customers by stage at the end.
    pub stages: BTreeMap<String, u64>,
    /// Customers by stage at the end of each week.
    pub weeks: Vec<Week>,
    /// Messages that went out, by journey and step. A task counts when it is opened.
    pub messages: BTreeMap<String, BTreeMap<String, u64>>,
    /// Messages that did not go out and will not, by reason; a run that did not start at all counts once.
    pub held_back: BTreeMap<String, u64>,
    /// Messages that went out later than their journey meant, by what they waited for last.
    pub delayed: BTreeMap<String, u64>,
    /// What went out on each day, in the shop's zone. A day on which nothing did is left out.
    pub days: Vec<Day>,
    /// Messages that were created and still wait at the end.
    pub waiting: u64,
    #[serde(skip)]
    by_day: BTreeMap<Date, Day>,
    /// Who came to a stage and who left it, by the week's end that shows it first.
    #[serde(skip)]
    moves: BTreeMap<(usize, Stage), i64>,
}

/// Customers by stage at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Week {
    /// The counts are those at the beginning of this day; of the last one, at the end of the plan.
    pub day: Date,
    /// Customers by stage.
    pub stages: BTreeMap<String, u64>,
}

/// What went out on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// Mails.
    pub emails: u64,
    /// Text messages.
    pub texts: u64,
    /// The parts in which these are sent and paid.
    pub text_parts: u64,
    /// Tasks for the shop's people.
    pub tasks: u64,
    /// All of them by journey and step.
    pub messages: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Planned {
    /// How many messages went out.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.messages.values().flat_map(BTreeMap::values).sum()
    }

    /// What went out in all: the sum of all days.
    #[must_use]
    pub fn in_all(&self) -> Day {
        let mut all = Day { messages: self.messages.clone(), ..Day::default() };
        for day in &self.days {
            all.emails += day.emails;
            all.texts += day.texts;
            all.text_parts += day.text_parts;
            all.tasks += day.tasks;
        }
        all
    }

    /// The first day with the most mails.
    #[must_use]
    pub fn peak(&self) -> Option<&Day> {
        self.days.iter().rev().max_by_key(|day| day.emails)
    }

    pub(crate) fn count_stage(&mut self, from: Option<Stage>, to: Stage, week: usize) {
        if let Some(from) = from {
            *self.moves.entry((week, from)).or_default() -= 1;
        }
        *self.moves.entry((week, to)).or_default() += 1;
    }

    pub(crate) fn count_sent(&mut self, message: &Message, day: Date, parts: u32) {
        let of_day = self.by_day.entry(day).or_insert_with(|| Day { day, ..Day::default() });
        match message.channel {
            Channel::Email => of_day.emails += 1,
            Channel::Sms => {
                of_day.texts += 1;
                of_day.text_parts += u64::from(parts);
            }
            Channel::Task => of_day.tasks += 1,
            Channel::Unrecognised(_) => {}
        }
        for messages in [&mut of_day.messages, &mut self.messages] {
            *messages.entry(message.journey.clone()).or_default().entry(message.step.clone()).or_default() += 1;
        }
    }

    pub(crate) fn count_held_back(&mut self, reason: Reason) {
        *self.held_back.entry(reason.code().to_owned()).or_default() += 1;
    }

    pub(crate) fn count_delayed(&mut self, reason: Reason) {
        *self.delayed.entry(reason.code().to_owned()).or_default() += 1;
    }

    /// Makes what is counted by instants into what is shown.
    pub(crate) fn finish(&mut self, weeks: &Weeks) {
        self.days = std::mem::take(&mut self.by_day).into_values().collect();
        let mut present: BTreeMap<Stage, i64> = BTreeMap::new();
        for (index, day) in weeks.days.iter().enumerate() {
            for ((_, stage), change) in self.moves.range((index, Stage::Prospect)..(index + 1, Stage::Prospect)) {
                *present.entry(*stage).or_default() += change;
            }
            let stages = present.iter().filter(|(_, count)| **count > 0);
            let stages = stages.map(|(stage, count)| (stage.code().to_owned(), count.unsigned_abs()));
            self.weeks.push(Week { day: *day, stages: stages.collect() });
        }
        self.moves.clear();
    }
}

/// When the customers by stage are counted: every seven days from the beginning, and at the end.
pub(crate) struct Weeks {
    days: Vec<Date>,
    instants: Vec<Timestamp>,
}

impl Weeks {
    /// Counts from the day after `from` on, and at `until`. `instant` is the beginning of a day, `last` the day that ends with
    /// `until`.
    pub(crate) fn new(from: Date, until: (Date, Timestamp), instant: impl Fn(Date) -> Option<Timestamp>) -> Self {
        let mut weeks = Self { days: Vec::new(), instants: Vec::new() };
        let week = jiff::Span::new().days(7);
        let mut day = from.checked_add(week).ok();
        while let Some((next, at)) = day.and_then(|day| Some((day, instant(day)?))).filter(|(_, at)| *at < until.1) {
            weeks.days.push(next);
            weeks.instants.push(at);
            day = next.checked_add(week).ok();
        }
        weeks.days.push(until.0);
        weeks.instants.push(until.1);
        weeks
    }

    /// The first count that shows what happened at an instant.
    pub(crate) fn after(&self, at: Timestamp) -> usize {
        let last = self.instants.len() - 1;
        self.instants[..last].partition_point(|instant| *instant <= at)
    }
}

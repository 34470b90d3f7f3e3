//! What another policy changes, as text: which messages, which stages, for whom.

use super::report::Report;
use super::words::{NOT_SIMULATED, change, count, day, dollars, of};
use crate::comparison::{Comparison, Difference};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What another policy changes over the same history.
#[derive(Debug, Clone)]
pub struct Change {
    /// The plans of the policy and of the other one.
    pub reports: [Report; 2],
    /// What differs, customer by customer.
    pub comparison: Comparison,
    /// How many customers are named.
    pub named: usize,
}

impl Change {
    /// What changes, for a terminal.
    #[must_use]
    pub fn to_text(&self) -> String {
        let [from, until] = self.reports[0].days.map(day);
        let customers = of(self.reports[0].planned.customers, "customer");
        let mut text = format!("What the other policy changes from {from} until {until}, for {customers}\n");
        let _ = writeln!(text, "\n  {:<34} {:>9} {:>9}", "messages sent", "before", "after");
        for (name, counts) in self.messages() {
            row(&mut text, &name, counts);
        }
        row(&mut text, "all", self.reports.each_ref().map(|report| report.planned.sent()));
        row(&mut text, "most mails on one day", self.peaks());
        row(&mut text, "parts of texts", self.text_parts());
        if let Some(first_days) = self.first_days() {
            row(&mut text, "messages on the first day", first_days);
        }
        let _ = writeln!(text, "\n  {:<34} {:>9} {:>9}", "not sent, with the reason", "before", "after");
        for (name, counts) in self.held_back() {
            row(&mut text, &name, counts);
        }
        let _ = writeln!(text, "\n  {:<34} {:>9} {:>9}", "customers at the end", "before", "after");
        for (name, counts) in self.stages() {
            row(&mut text, &name, counts);
        }
        for ((before, after), customers) in &self.comparison.moves {
            let _ = writeln!(text, "    {:<32} {:>9}", format!("{before} → {after}"), count(*customers));
        }
        let [before, after] = self.reports.each_ref().map(|report| dollars(report.cost.usd));
        let _ = writeln!(text, "\n  {:<34} {before:>9} {after:>9}", "cost, US dollars");
        self.whom_to_text(&mut text);
        let _ = write!(text, "\n{NOT_SIMULATED}");
        text
    }

    fn whom_to_text(&self, text: &mut String) {
        let Comparison { customers, customers_with_other_messages, .. } = &self.comparison;
        if *customers == 0 {
            let _ = writeln!(text, "\n  Nothing changes for any customer.");
            return;
        }
        let (messages, moved) = (of(*customers_with_other_messages, "customer"), count(self.comparison.moved()));
        let _ = writeln!(text, "\n  {messages} with other messages; {moved} in another stage at the end");
        for difference in self.comparison.first.iter().take(self.named) {
            let _ = writeln!(text, "    {}", sentence(difference));
        }
        let left_out = customers.saturating_sub(self.named.min(self.comparison.first.len()) as u64);
        if self.named > 0 && left_out > 0 {
            let _ = writeln!(text, "    … and {} (--customers N names more)", count(left_out));
        }
    }

    /// The messages of each step under both policies.
    pub(super) fn messages(&self) -> BTreeMap<String, [u64; 2]> {
        self.both(|report| {
            let journeys = report.planned.messages.iter();
            let steps = journeys.flat_map(|(journey, steps)| steps.iter().map(move |(step, n)| (journey, step, *n)));
            steps.map(|(journey, step, n)| (format!("{journey} · {step}"), n)).collect()
        })
    }

    /// What is not sent under both policies, by reason.
    pub(super) fn held_back(&self) -> BTreeMap<String, [u64; 2]> {
        let reasons = |report: &Report| report.planned.held_back.clone();
        let named = |(code, counts): (String, [u64; 2])| (super::words::reason(&code), counts);
        self.both(|report| reasons(report).into_iter().collect()).into_iter().map(named).collect()
    }

    /// The customers by stage at the end, under both policies, in the order of the stages.
    pub(super) fn stages(&self) -> Vec<(String, [u64; 2])> {
        let of_stage = |stage: &str| {
            self.reports.each_ref().map(|report| report.planned.stages.get(stage).copied().unwrap_or_default())
        };
        let stages = super::words::stages(of_stage("prospect") != [0, 0]);
        stages.iter().map(|stage| (stage.code().to_owned(), of_stage(stage.code()))).collect()
    }

    pub(super) fn peaks(&self) -> [u64; 2] {
        self.reports.each_ref().map(|report| report.planned.peak().map_or(0, |day| day.emails))
    }

    pub(super) fn text_parts(&self) -> [u64; 2] {
        self.reports.each_ref().map(|report| report.planned.in_all().text_parts)
    }

    pub(super) fn first_days(&self) -> Option<[u64; 2]> {
        let sent = |report: &Report| report.first_day().map(|day| day.emails + day.texts + day.tasks);
        Some([sent(&self.reports[0])?, sent(&self.reports[1])?])
    }

    fn both(&self, counts: impl Fn(&Report) -> Vec<(String, u64)>) -> BTreeMap<String, [u64; 2]> {
        let mut both: BTreeMap<String, [u64; 2]> = BTreeMap::new();
        for (column, report) in self.reports.iter().enumerate() {
            for (name, number) in counts(report) {
                both.entry(name).or_default()[column] += number;
            }
        }
        both
    }
}

/// What differs for one customer, in a line.
pub(super) fn sentence(difference: &Difference) -> String {
    let Difference { id, stages, messages } = difference;
    let mut parts = Vec::new();
    match stages {
        [Some(before), Some(after)] if before != after => parts.push(format!("{before} → {after}")),
        [Some(_), None] => parts.push("counted under another id".to_owned()),
        [None, Some(_)] => parts.push("counted under this id".to_owned()),
        _ => {}
    }
    for ((journey, step), counts) in messages {
        parts.push(format!("{} {journey} · {step}", change(*counts)));
    }
    format!("{id}: {}", parts.join(", "))
}

fn row(text: &mut String, what: &str, counts: [u64; 2]) {
    let [before, after] = counts.map(count);
    let row = format!("    {what:<32} {before:>9} {after:>9} {:>9}", change(counts));
    let _ = writeln!(text, "{}", row.trim_end());
}

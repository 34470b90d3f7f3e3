//! A plan as text.

use super::report::Report;
use super::words::{NOT_SIMULATED, count, day, dollars, of, reason, stages};
use crate::counts::{Planned, Week};
use jiff::civil::Date;
use rekindle_lifecycle::stage::Stage;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Most lines of the table of stages. If there are more weeks, some are left out.
const MAX_WEEKS: usize = 16;

impl Report {
    /// The plan as text, for a terminal.
    #[must_use]
    pub fn to_text(&self) -> String {
        let planned = &self.planned;
        let [from, until] = self.days.map(day);
        let (customers, orders) = (of(planned.customers, "customer"), of(planned.orders, "order"));
        let mut text = format!("From {from} until {until}: {customers}, {orders}\n");
        stages_by_week(&mut text, planned);
        messages(&mut text, planned);
        self.peak(&mut text);
        reasons(&mut text, "not sent, with the reason", &planned.held_back);
        reasons(&mut text, "sent later, after waiting for", &planned.delayed);
        if planned.waiting > 0 {
            line(&mut text, "created and still waiting", planned.waiting);
        }
        self.first_day_to_text(&mut text);
        self.cost_to_text(&mut text);
        let _ = write!(text, "\n{NOT_SIMULATED}");
        text
    }

    fn peak(&self, text: &mut String) {
        let Some(peak) = self.planned.peak().filter(|peak| peak.emails > 0) else { return };
        let _ = writeln!(text, "\n  Most mails on one day: {}, on {}.", count(peak.emails), day(peak.day));
        if let Some(quota) = self.daily_quota {
            let above = self.days_above_quota();
            let _ = match above.first() {
                None => writeln!(text, "  That is within the quota of {} a day.", of(quota, "mail")),
                Some(first) => {
                    let days = of(above.len() as u64, "day");
                    let first = day(first.day);
                    let quota = of(quota, "mail");
                    writeln!(text, "  The quota of {quota} a day is too small on {days}, first on {first}.")
                }
            };
        }
        let all = self.planned.in_all();
        if all.texts > 0 {
            let (texts, parts) = (of(all.texts, "text message"), of(all.text_parts, "part"));
            let _ = writeln!(text, "  {texts}, sent and paid in {parts}.");
        }
    }

    fn first_day_to_text(&self, text: &mut String) {
        let Some(first) = self.first_day() else { return };
        let sent = first.emails + first.texts + first.tasks;
        let _ = writeln!(text, "\n  On the first day, with the history before it already there");
        line(text, "messages", sent);
        for (journey, steps) in &first.messages {
            steps.iter().for_each(|(step, sent)| under(text, &format!("{journey} · {step}"), *sent));
        }
    }

    fn cost_to_text(&self, text: &mut String) {
        let cost = &self.cost;
        if cost.lines.is_empty() {
            return;
        }
        let (all, month) = (dollars(cost.usd), dollars(cost.usd_a_month));
        let _ = writeln!(text, "\n  Costs in US dollars: {all} in all, {month} a month on average, of which");
        let mut lines: Vec<_> = cost.lines.iter().collect();
        lines.sort_by(|one, other| other.usd.total_cmp(&one.usd));
        for line in lines.iter().filter(|line| line.usd >= 0.005) {
            let _ = writeln!(text, "    {:<34} {:>9}", line.what, dollars(line.usd));
        }
    }
}

fn stages_by_week(text: &mut String, planned: &Planned) {
    let any_prospect = planned.weeks.iter().any(|week| week.stages.contains_key(Stage::Prospect.code()));
    let stages = stages(any_prospect);
    let every = planned.weeks.len().div_ceil(MAX_WEEKS).max(1);
    let names: String = stages.iter().map(|stage| format!("{:>10}", stage.code())).collect();
    let _ = writeln!(text, "\n  {:<18}{names}", "customers on");
    let last = planned.weeks.len().saturating_sub(1);
    let shown = |(index, _): &(usize, &Week)| index % every == every - 1 || *index == last;
    for (_, week) in planned.weeks.iter().enumerate().filter(shown) {
        let counts = stages.iter().map(|stage| week.stages.get(stage.code()).copied().unwrap_or_default());
        let counts: String = counts.map(|number| format!("{:>10}", count(number))).collect();
        let _ = writeln!(text, "  {:<18}{counts}", day(week.day));
    }
    if every > 1 {
        let _ = writeln!(text, "  (one week in {every}; --json has all)");
    }
}

fn messages(text: &mut String, planned: &Planned) {
    let _ = writeln!(text, "\n  {:<34} {:>9} {:>9}  on", "messages sent", "in all", "at most");
    for (journey, steps) in &planned.messages {
        for (step, sent) in steps {
            let (most, on) = busiest(planned, journey, step);
            let name = format!("{journey} · {step}");
            let (sent, most) = (count(*sent), count(most));
            let _ = writeln!(text, "    {name:<32} {sent:>9} {most:>9}  {}", day(on));
        }
    }
    let _ = writeln!(text, "    {:<32} {:>9}", "all", count(planned.sent()));
}

/// How many messages of a step go out on the day with the most, and the first such day.
pub(super) fn busiest(planned: &Planned, journey: &str, step: &str) -> (u64, Date) {
    let of_day = |messages: &BTreeMap<String, BTreeMap<String, u64>>| messages.get(journey)?.get(step).copied();
    let days = planned.days.iter().map(|day| (of_day(&day.messages).unwrap_or_default(), day.day));
    days.rev().max_by_key(|(sent, _)| *sent).unwrap_or_default()
}

fn reasons(text: &mut String, title: &str, reasons: &BTreeMap<String, u64>) {
    if reasons.is_empty() {
        return;
    }
    text.push('\n');
    line(text, title, reasons.values().sum());
    reasons.iter().for_each(|(code, number)| under(text, &reason(code), *number));
}

fn line(text: &mut String, what: &str, number: u64) {
    let _ = writeln!(text, "  {what:<34} {:>9}", count(number));
}

fn under(text: &mut String, what: &str, number: u64) {
    let _ = writeln!(text, "    {what:<32} {:>9}", count(number));
}

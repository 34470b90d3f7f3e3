//! What another policy changes, as a comment for a pull request.

use super::change::{Change, sentence};
use super::words::{NOT_SIMULATED, change, count, day, dollars, of};
use std::fmt::Write;

/// By this line a workflow finds the comment that it wrote before.
const MARK: &str = "<!-- rekindle plan -->";

impl Change {
    /// What changes, as Markdown. Names no customer unless it is asked to.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let [from, until] = self.reports[0].days.map(day);
        let planned = &self.reports[0].planned;
        let (customers, orders) = (of(planned.customers, "customer"), of(planned.orders, "order"));
        let mut text = format!("{MARK}\n### What this policy changes\n\n");
        let _ = writeln!(text, "Over {orders} of {customers}, from {from} until {until}.\n");
        self.summary(&mut text);
        let rows: Vec<_> = self.messages().into_iter().filter(|(_, [before, after])| before != after).collect();
        table(&mut text, "Messages", &rows);
        let rows: Vec<_> = self.held_back().into_iter().filter(|(_, [before, after])| before != after).collect();
        table(&mut text, "Not sent, with the reason", &rows);
        let rows: Vec<_> = self.stages().into_iter().filter(|(_, [before, after])| before != after).collect();
        table(&mut text, "Customers at the end", &rows);
        self.whom(&mut text);
        let _ = write!(text, "{NOT_SIMULATED}");
        text
    }

    fn summary(&self, text: &mut String) {
        let sent = self.reports.each_ref().map(|report| report.planned.sent());
        let mut rows = vec![("messages sent", sent), ("most mails on one day", self.peaks())];
        if self.text_parts() != [0, 0] {
            rows.push(("parts of texts", self.text_parts()));
        }
        rows.extend(self.first_days().map(|first| ("messages on the first day", first)));
        text.push_str("| | before | after | |\n|---|--:|--:|--:|\n");
        for (what, counts) in rows {
            row(text, what, counts);
        }
        let [before, after] = self.reports.each_ref().map(|report| report.cost.usd);
        let (before, after, more) = (dollars(before), dollars(after), signed(after - before));
        let _ = writeln!(text, "| cost, US dollars | {before} | {after} | {more} |\n");
        let quota = self.reports[1].daily_quota.filter(|_| !self.reports[1].days_above_quota().is_empty());
        if let Some(quota) = quota {
            let days = of(self.reports[1].days_above_quota().len() as u64, "day");
            let _ = writeln!(text, "**More mails than the quota of {} a day on {days}.**\n", count(quota));
        }
    }

    fn whom(&self, text: &mut String) {
        let comparison = &self.comparison;
        if comparison.customers == 0 {
            text.push_str("Nothing changes for any customer.\n\n");
            return;
        }
        let messages = of(comparison.customers_with_other_messages, "customer");
        let _ = writeln!(text, "{messages} with other messages; {} in another stage.\n", count(comparison.moved()));
        if self.named > 0 {
            text.push_str("<details><summary>For whom</summary>\n\n");
            for difference in comparison.first.iter().take(self.named) {
                let _ = writeln!(text, "- {}", plain(&sentence(difference)));
            }
            text.push_str("\n</details>\n\n");
        }
    }
}

fn table(text: &mut String, title: &str, rows: &[(String, [u64; 2])]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "| {title} | before | after | |\n|---|--:|--:|--:|");
    rows.iter().for_each(|(what, counts)| row(text, &plain(what), *counts));
    text.push('\n');
}

fn row(text: &mut String, what: &str, counts: [u64; 2]) {
    let [before, after] = counts.map(count);
    let _ = writeln!(text, "| {what} | {before} | {after} | {} |", change(counts));
}

fn signed(amount: f64) -> String {
    let sum = dollars(amount.abs());
    if sum == "0.00" { String::new() } else { format!("{}{sum}", if amount < 0.0 { "−" } else { "+" }) }
}

/// A name that a shop or its customers chose, with nothing in it that Markdown or HTML reads.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    for character in name.chars() {
        match character {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '@' => plain.push_str("&#64;"),
            '#' => plain.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '|' | '!' | '~' => plain.extend(['\\', character]),
            control if control.is_control() => {}
            other => plain.push(other),
        }
    }
    plain
}

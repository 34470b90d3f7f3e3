//! What the demo shows while it runs, and at its end.

use super::output::note;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use rekindle_demo::simulated_customers::{Done, People};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::stage::Stage;
use rekindle_local_stack::{Loops, Overview, Running};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Time between two lines without a terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows the date, the stages and the messages as they change, on standard error: a bar on a terminal, a line now and then
/// elsewhere.
pub(super) struct Display {
    bar: ProgressBar,
    start: Timestamp,
    last_line: Option<Instant>,
    lines: bool,
}

impl Display {
    /// A display of the time from `start` to `end`.
    pub(super) fn new(start: Timestamp, end: Timestamp) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
        let hours = u64::try_from(end.duration_since(start).as_hours()).unwrap_or(0);
        let bar = ProgressBar::with_draw_target(Some(hours), target);
        let style = ProgressStyle::with_template("{prefix:.bold} {bar:24.cyan/black} {wide_msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar, start, last_line: None, lines: !terminal }
    }

    /// Shows the counts at an instant.
    pub(super) fn show(&mut self, now: Timestamp, running: &Running) {
        let hours = u64::try_from(now.duration_since(self.start).as_hours()).unwrap_or(0);
        let text = sentence(running);
        if self.lines && self.last_line.is_none_or(|last| last.elapsed() >= LINE_INTERVAL) {
            self.last_line = Some(Instant::now());
            note(format_args!("{}  {text}", now.strftime("%Y-%m-%d")));
        }
        self.bar.set_position(hours);
        self.bar.set_prefix(now.strftime("%-d %b %Y").to_string());
        self.bar.set_message(text);
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The counts in a sentence.
fn sentence(running: &Running) -> String {
    let stages = Stage::KNOWN.into_iter().filter(|stage| *stage != Stage::Prospect);
    let stages = stages.map(|stage| format!("{stage} {}", running.stages.get(&stage).copied().unwrap_or(0)));
    format!("{} · {} messages", stages.collect::<Vec<_>>().join(" · "), running.sent)
}

/// The summary at the end.
pub(super) fn summary(overview: &Overview, done: Option<(&Done, &People)>, until: Timestamp) -> String {
    let mut lines = vec![format!(
        "On {}: {} customers, {} orders",
        until.strftime("%-d %B %Y"),
        overview.customers,
        overview.orders
    )];
    let largest = overview.stages.values().max().copied().unwrap_or(1).max(1);
    lines.push(String::new());
    for stage in Stage::KNOWN {
        let count = overview.stages.get(stage.code()).copied().unwrap_or(0);
        if count > 0 || stage != Stage::Prospect {
            let bar = "█".repeat(usize::try_from(count * 32 / largest).unwrap_or(0));
            lines.push(format!("  {:<10} {count:>7}  {bar}", stage.code()));
        }
    }
    lines.push(String::new());
    lines.push(format!("  {:<32} {:>7}", "messages sent", overview.sent()));
    for (journey, steps) in &overview.messages {
        for (step, count) in steps {
            lines.push(format!("    {:<30} {count:>7}", format!("{journey} · {step}")));
        }
    }
    let held_back: u64 = overview.suppressed.values().sum();
    lines.push(format!("  {:<32} {held_back:>7}", "not sent, with the reason"));
    for (reason, count) in &overview.suppressed {
        lines.push(format!("    {:<30} {count:>7}", reason.replace('_', " ")));
    }
    for (state, count) in &overview.unsettled {
        lines.push(format!("  {:<32} {count:>7}", format!("messages {state}")));
    }
    if let Some((done, people)) = done {
        lines.push(String::new());
        lines.push(line("addresses that customers share", people.shared_addresses));
        lines.push(under("customers, each one of their own", people.sharing));
        lines.push(under("welcomes, one an address", people.welcomes_to_shared));
        lines.push(line("customers with a new address", people.moved));
        lines.push(under("still one customer", people.still_one));
        lines.extend(loops(&overview.loops));
        lines.push(line("links followed by programs", done.links_scanned));
        lines.push(under("recognised late, by their speed", overview.loops.clicks.programs));
        lines.push(line("acts of simulated customers", done.actions.values().sum::<u64>()));
        lines.extend(done.actions.iter().map(|(action, count)| under(action, *count)));
        if let Some(failure) = &done.first_failure {
            lines.push(format!("  {} pages failed, the first: {failure}", done.failures));
        }
    }
    lines.join("\n")
}

/// A line of the summary.
fn line(what: &str, count: impl std::fmt::Display) -> String {
    format!("  {what:<32} {count:>7}")
}

/// An indented line, part of the line above.
fn under(what: &str, count: impl std::fmt::Display) -> String {
    format!("    {what:<30} {count:>7}")
}

/// The lines about what customers did.
fn loops(loops: &Loops) -> Vec<String> {
    let nps = loops.nps;
    let mut lines = vec![line("answers to the NPS question", nps.answers())];
    for (group, count) in [("promoters", nps.promoters), ("passives", nps.passives), ("detractors", nps.detractors)] {
        lines.push(under(group, count));
    }
    if let Some(score) = nps.score() {
        let margin = nps.margin().map(|margin| format!(" ± {margin:.0}")).unwrap_or_default();
        lines.push(format!("  {:<32} {:>7}{margin}", "NPS", format!("{score:+.0}")));
    }
    let referrals = &loops.referrals;
    lines.push(line("friends who ordered", referrals.friends));
    lines.push(under("codes to pass on", referrals.codes));
    lines.push(under("visits with a code", referrals.visits));
    lines.push(under("rewards", referrals.rewards));
    lines.extend(referrals.refused.iter().map(|(why, count)| under(&format!("refused: {}", words(why)), *count)));
    lines.push(line("coupons issued", loops.coupons.issued));
    lines.push(under("redeemed", loops.coupons.redeemed));
    lines.push(line("tasks for people", loops.tasks.open + loops.tasks.closed));
    lines.push(under("closed", loops.tasks.closed));
    for (what, counts) in [("said yes themselves", &loops.confirmations), ("said no themselves", &loops.refusals)] {
        lines.push(line(what, counts.values().sum::<u64>()));
        lines.extend(counts.iter().map(|(channel, count)| under(word(channel), *count)));
    }
    let closed = loops.closed_channels.iter();
    let closed = closed.flat_map(|(channel, causes)| causes.iter().map(move |(cause, count)| (channel, cause, *count)));
    lines.push(line("channels closed", closed.clone().map(|(_, _, count)| count).sum::<u64>()));
    lines.extend(closed.map(|(channel, cause, count)| under(&format!("{}: {}", word(channel), words(cause)), count)));
    lines.push(line("links followed by people", loops.clicks.people));
    lines
}

/// The word for a channel, by its code.
fn word(channel: &str) -> &str {
    match Channel::parse(channel) {
        Some(known) => known.word(),
        None => channel,
    }
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

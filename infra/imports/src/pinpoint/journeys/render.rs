//! Writes the text of the policy.

use super::durations::period;
use super::journey::Journey;
use super::limits::Limits;
use super::names::{slug, unused};
use super::notes::Notes;
use super::walk::Step;
use rekindle_lifecycle::policy::DEFAULT_POLICY;
use std::collections::BTreeSet;
use std::fmt::Write;

const HEAD: &str = "\
# Made from Amazon Pinpoint by `rekindle import-pinpoint journeys`. Read it, then try it and store it:
#   rekindle shop set-policy FILE --dry-run
#   rekindle shop set-policy FILE
#
# General differences: conditions are checked when a step is sent and not at a split, and count for the whole run and not
# for one message; hours count where the customer lives, also if the zone is not known; every message is checked again
# just before it goes out, and withdrawn if it has become pointless.
";

/// The text of a policy, with the notes as comments.
pub(super) fn policy(limits: &Limits, journeys: &[Journey], with_defaults: bool, notes: &Notes) -> String {
    let mut text = HEAD.to_owned();
    comment(&mut text, "Not carried over, or not as it was:", notes.list().iter().map(ToString::to_string));
    comment(&mut text, "Templates to store first, with `rekindle shop set-template`:", templates(journeys).into_iter());
    settings(&mut text, limits, journeys);
    for journey in journeys {
        let own = written(journey);
        text.push('\n');
        if journey.in_force() {
            text.push_str(&own);
        } else {
            let _ = writeln!(text, "# Not in force: {}.", line(&journey.aside.join("; ")));
            for line in own.lines() {
                let _ = writeln!(text, "{}", format!("# {line}").trim_end());
            }
        }
    }
    if with_defaults {
        let journeys = DEFAULT_POLICY.find("\n[[journey]]").map(|at| &DEFAULT_POLICY[at..]).unwrap_or_default();
        let _ = write!(text, "\n# The journeys of the default policy.\n{journeys}");
    }
    text
}

fn comment(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.map(|own| format!("# - {}\n", line(&own))).collect();
    if !lines.is_empty() {
        let _ = write!(text, "#\n# {title}\n{}", lines.concat());
    }
}

/// A text on one line, so that it cannot end a comment.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The templates that journeys in force name.
fn templates(journeys: &[Journey]) -> BTreeSet<String> {
    let steps = journeys.iter().filter(|journey| journey.in_force()).flat_map(|journey| &journey.steps);
    let steps = steps.filter(|step| step.aside.is_none() && step.channel != "task");
    steps.map(|step| format!("{} ({}), in Pinpoint {:?}", template(step), step.channel, step.template)).collect()
}

fn template(step: &Step) -> String {
    slug(&step.template, "template")
}

fn settings(text: &mut String, limits: &Limits, journeys: &[Journey]) {
    if let Some(zone) = &limits.time_zone {
        let _ = write!(text, "\ntime_zone = \"{zone}\"\n");
    }
    if let Some((cap, days)) = limits.cap {
        let _ = write!(text, "\n[frequency_cap]\nwindow = \"{days}d\"\ntotal = {cap}\n");
        if limits.one_a_day {
            text.push_str("min_gap = \"24h\"\n");
        }
    }
    if let Some((from, to)) = limits.hours {
        let _ = write!(text, "\n[quiet_hours]\nfrom = {from}\nto = {to}\n");
    }
    let held_out = journeys.iter().filter(|journey| journey.in_force()).filter_map(|journey| journey.holdout).max();
    if let Some(percent) = held_out {
        let share = f64::from(u8::try_from(percent.clamp(0, 100)).unwrap_or_default()) / 100.0;
        let _ = write!(
            text,
            "\n# Of every journey: the largest share that a journey of Pinpoint held out.\n[experiment]\nholdout = {share:?}\n"
        );
    }
}

fn written(journey: &Journey) -> String {
    let trigger = journey.trigger.as_deref().unwrap_or("choose-one");
    let mut text = format!(
        "# In Pinpoint: {}\n[[journey]]\nid = \"{}\"\ntrigger = \"{trigger}\"\npurpose = \"marketing\"\npriority = 50\n",
        line(&journey.name),
        journey.id
    );
    if let Some(every) = journey.at_most_every {
        let _ = writeln!(text, "at_most_every = \"{}\"", period(every));
    }
    let mut steps: Vec<&Step> = journey.steps.iter().collect();
    steps.sort_by_key(|step| step.minutes);
    let mut ids: Vec<String> = Vec::new();
    let mut last = -1;
    for step in steps {
        let id = unused(&slug(&step.template, "step"), &ids);
        let mut own = String::new();
        // No two steps of a journey have the same time.
        let minutes = if step.aside.is_some() { step.minutes } else { step.minutes.max(last + 1) };
        let _ = write!(
            own,
            "\n[[journey.step]]\nid = \"{id}\"\ndelay = \"{}\"\nchannel = \"{}\"\ntemplate = \"{}\"\n",
            period(minutes),
            step.channel,
            template(step)
        );
        for (key, conditions) in [("only_if", &step.conditions.only_if), ("unless", &step.conditions.unless)] {
            if !conditions.is_empty() {
                let listed: Vec<String> = conditions.iter().map(|condition| format!("\"{condition}\"")).collect();
                let _ = writeln!(own, "{key} = [{}]", listed.join(", "));
            }
        }
        match &step.aside {
            None => {
                last = minutes;
                text.push_str(&own);
            }
            Some(reason) => {
                let _ = writeln!(text, "\n# Not in force: {}.", line(reason));
                for line in own.trim_start().lines() {
                    let _ = writeln!(text, "# {line}");
                }
            }
        }
        ids.push(id);
    }
    text
}

//! Journeys: what starts a run, which messages it consists of, and what ends it.

use super::error::PolicyError;
use super::names::{NAME, is_name};
use super::step::Step;
use crate::channel::Purpose;
use crate::code::known;
use crate::customer::Run;
use crate::rules::Condition;
use crate::time::Period;
use crate::triggers::Trigger;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A series of messages that something starts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// Its name in keys, tags and reports: lower-case letters, digits and hyphens.
    pub id: String,
    /// What starts a run.
    pub trigger: Trigger,
    /// What the customer must have agreed to.
    #[serde(deserialize_with = "known::deserialize")]
    pub purpose: Purpose,
    /// The higher goes first when several messages want the same place.
    pub priority: i32,
    /// A new run starts only this long after the last message of the journey.
    #[serde(default)]
    pub at_most_every: Option<Period>,
    /// What ends the whole run early.
    #[serde(default, deserialize_with = "known::list::deserialize")]
    pub ends_when: Vec<Condition>,
    /// The messages, each later than the one before.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

impl Journey {
    /// Returns the steps that are still to come in a run, in their order. A step that an edit of the journey puts
    /// before one that is done never comes.
    pub fn pending_steps<'j>(&'j self, run: &Run) -> impl Iterator<Item = &'j Step> {
        self.steps.iter().filter(move |step| {
            run.through.is_none_or(|through| step.delay.as_seconds() > through) && !run.done.contains(&step.id)
        })
    }
}

pub(super) fn check_journeys(journeys: &[Journey]) -> Result<(), PolicyError> {
    let mut seen = BTreeSet::new();
    for journey in journeys {
        let place = format!("journey {}", journey.id);
        let invalid = |place: &str, reason: String| Err(PolicyError::Invalid { place: place.to_owned(), reason });
        if !is_name(&journey.id) {
            return invalid(&place, format!("the id must be {NAME}"));
        }
        if !seen.insert(&journey.id) {
            return invalid(&place, "stands twice in the policy".to_owned());
        }
        if journey.steps.is_empty() {
            return invalid(&place, "has no step".to_owned());
        }
        let mut step_ids = BTreeSet::new();
        let mut before: Option<&Step> = None;
        for step in &journey.steps {
            let place = format!("journey {}, step {}", journey.id, step.id);
            if !is_name(&step.id) || !is_name(&step.template) {
                return invalid(&place, format!("id and template must be {NAME}"));
            }
            if !step_ids.insert(&step.id) {
                return invalid(&place, "stands twice in the journey".to_owned());
            }
            if let Some(before) = before.filter(|before| before.delay >= step.delay) {
                return invalid(&place, format!("its delay must be later than that of {}", before.id));
            }
            if step.not_after.as_seconds() == 0 {
                return invalid(&place, "not_after must be longer than nothing".to_owned());
            }
            if let Err(reason) = step.check(&journey.steps) {
                return invalid(&place, reason);
            }
            if let Some(channel) = journey.trigger.only_channel()
                && (step.channel != channel || step.fallback.is_some())
            {
                return invalid(&place, format!("may use the channel {channel} only, which its trigger is about"));
            }
            before = Some(step);
        }
    }
    Ok(())
}

//! Translates journeys, limits and quiet time into a policy.
//!
//! - [`Input`] collects answers of Pinpoint's API: journeys, settings of the application, campaigns;
//! - `journey` translates a journey: `walk` follows its activities and turns them into steps, `conditions` translates its
//!   splits;
//! - `limits` collects quiet time, caps and time zones;
//! - [`Notes`] lists everything that cannot be carried over;
//! - `render` writes the policy, with `names` for ids and `durations` for times;
//! - [`translate`] connects them. [`Policy::parse`] accepts its text.
//!
//! Nothing is dropped silently: a field that is neither carried over nor known to be bookkeeping becomes a note, even if this
//! program does not know it. Nothing is guessed that decides who gets a message: a journey whose start or branches cannot be
//! expressed here is written into the policy as a comment, with the reason.

mod conditions;
mod durations;
mod input;
mod journey;
mod limits;
mod names;
mod notes;
mod render;
mod walk;

pub use input::{Input, InputError};
pub use notes::{Note, Notes};

use rekindle_lifecycle::policy::{Policy, PolicyError};
use rekindle_lifecycle::triggers::Trigger;
use std::collections::BTreeMap;

/// The user's decisions.
#[derive(Debug, Default)]
pub struct Choices {
    /// Triggers of the policy, by the name of a journey in Pinpoint. Such a journey is carried over whatever its start and
    /// its state were.
    pub triggers: BTreeMap<String, String>,
    /// Whether to add the journeys of the default policy. A policy with journeys has only its own.
    pub keep_default_journeys: bool,
}

/// A policy made from Pinpoint's journeys.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// Its text, with the notes as comments.
    pub policy: String,
    /// Everything that could not be carried over.
    pub notes: Vec<Note>,
    /// Journeys that are in force in it.
    pub journeys: usize,
    /// Journeys that are comments in it.
    pub set_aside: usize,
}

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub enum TranslationError {
    /// A choice names an unknown journey.
    #[error("there is no journey {name:?}; there are: {known}")]
    NoJourney {
        /// The name given.
        name: String,
        /// The names of all journeys.
        known: String,
    },
    /// A choice names an unknown trigger.
    #[error("the trigger of {name:?}: {reason}")]
    NoTrigger {
        /// The journey.
        name: String,
        /// What is wrong with it, and what is allowed.
        reason: String,
    },
    /// The result is not a valid policy. This should not happen: please report it.
    #[error("the policy made of this is refused")]
    Refused(#[from] PolicyError),
}

/// Translates Pinpoint's journeys into a policy.
///
/// # Errors
/// A choice names an unknown journey or trigger.
pub fn translate(input: &Input, choices: &Choices) -> Result<Translation, TranslationError> {
    let journey_names: Vec<&str> = input.journeys.iter().map(names::name).collect();
    for (name, trigger) in &choices.triggers {
        if !journey_names.contains(&name.as_str()) {
            let known = journey_names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
            return Err(TranslationError::NoJourney { name: name.clone(), known });
        }
        if let Err(reason) = Trigger::parse(trigger) {
            return Err(TranslationError::NoTrigger { name: name.clone(), reason });
        }
    }
    let mut notes = input.notes.clone();
    let limits = limits::collect(input, &mut notes);
    // A policy with two journeys of the same id is invalid.
    let defaults = if choices.keep_default_journeys { Policy::built_in().journeys.as_slice() } else { &[] };
    let mut taken: Vec<String> = defaults.iter().map(|journey| journey.id.clone()).collect();
    let mut journeys: Vec<journey::Journey> = Vec::new();
    for (name, value) in journey_names.iter().zip(&input.journeys) {
        let trigger = choices.triggers.get(*name).map(String::as_str);
        let journey = journey::translate(value, trigger, &taken, &mut notes);
        taken.push(journey.id.clone());
        journeys.push(journey);
    }
    let in_force = journeys.iter().filter(|journey| journey.in_force()).count();
    if in_force > 0 && !choices.keep_default_journeys {
        notes.add(
            "journeys",
            "a policy with journeys has only these: those of the default policy (welcome, nps, reengage …) \
                               no longer run; --keep-default-journeys keeps them",
        );
    }
    let policy = render::policy(&limits, &journeys, choices.keep_default_journeys && in_force > 0, &notes);
    Policy::parse(&policy)?;
    Ok(Translation { policy, notes: notes.into_list(), journeys: in_force, set_aside: journeys.len() - in_force })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A journey that starts with a purchase.
    fn journey(name: &str, activities: &Value) -> Value {
        let event = json!({ "EventFilter": { "Dimensions": { "EventType": { "Values": ["purchase"] } } } });
        json!({
            "Name": name, "State": "ACTIVE", "StartActivity": "a", "Activities": activities,
            "StartCondition": { "EventStartCondition": event },
        })
    }

    fn mail(template: &str, next: &str) -> Value {
        json!({ "EMAIL": { "TemplateName": template, "NextActivity": next } })
    }

    fn translated(journeys: &[Value], keep_default_journeys: bool) -> Translation {
        let mut input = Input::default();
        for journey in journeys {
            input.add(journey.clone()).expect("a journey");
        }
        translate(&input, &Choices { keep_default_journeys, ..Choices::default() }).expect("a policy")
    }

    fn has(translation: &Translation, what: &str) {
        assert!(translation.notes.iter().any(|note| note.what.contains(what)), "{what}: {:?}", translation.notes);
    }

    #[test]
    fn parts_that_a_policy_cannot_express_are_notes_and_the_rest_is_a_policy() {
        let wait = |time: &str| json!({ "Wait": { "NextActivity": "b", "WaitTime": { "WaitFor": time } } });
        for (activities, note) in [
            (json!({ "a": mail("x", "b"), "b": mail("y", "a") }), "runs in a circle"),
            (json!({ "a": mail("x", "nowhere") }), "is not there"),
            (json!({ "a": mail("x", "b"), "b": { "TELEPATHY": {} } }), "is of an unknown kind"),
            (json!({ "a": wait("P99999D"), "b": mail("x", "") }), "no duration here"),
            (json!({ "a": wait("soon"), "b": mail("x", "") }), "no duration here"),
            (
                json!({ "a": { "Holdout": { "Percentage": 500, "NextActivity": "b" } }, "b": mail("??", "") }),
                "default policy",
            ),
            (json!({ "a": mail("x", ""), "lost": mail("y", "") }), "lost is not carried over: no way leads to it"),
            (json!({}), "activity a: is not there"),
        ] {
            let translation = translated(&[journey("Odd\nname = \"x\"", &activities)], false);
            let all: String = translation.notes.iter().map(|note| format!("{note}\n")).collect();
            assert!(all.contains(note), "{note}: {all}");
        }
    }

    #[test]
    fn paths_that_join_again_lead_to_one_message() {
        let clicked = json!({ "Conditions": [{ "EventCondition": { "Dimensions": { "EventType": { "Values": ["_email.click"] } } } }] });
        let activities = json!({
            "a": { "ConditionalSplit": { "Condition": clicked, "TrueActivity": "b", "FalseActivity": "c" } },
            "b": mail("b", "d"), "c": mail("c", "d"), "d": mail("d", ""),
        });
        let translation = translated(&[journey("Meeting", &activities)], false);
        let policy = Policy::parse(&translation.policy).expect("a policy");
        let steps = &policy.journeys[0].steps;
        let found: Vec<_> = steps.iter().map(|step| (&*step.id, step.only_if.len(), step.unless.len())).collect();
        assert_eq!(found, [("b", 1, 0), ("c", 0, 1), ("d", 0, 0)]);
    }

    #[test]
    fn no_two_journeys_have_one_id_not_even_with_those_of_the_default_policy() {
        let welcome = journey("Welcome", &json!({ "a": mail("x", "") }));
        let ids = |keep| -> Vec<String> {
            let policy = translated(&[welcome.clone(), welcome.clone()], keep).policy;
            Policy::parse(&policy).expect("a policy").journeys.into_iter().map(|journey| journey.id).take(2).collect()
        };
        assert_eq!(
            (ids(false), ids(true)),
            (vec!["welcome".into(), "welcome-2".into()], vec!["welcome-2".into(), "welcome-3".into()])
        );
    }

    #[test]
    fn an_unknown_field_is_a_note() {
        let mut odd = journey("Odd", &json!({ "a": mail("x", "") }));
        odd["Telepathy"] = json!({ "Enabled": true });
        odd["Limits"] = json!({ "Telepathy": 7, "TimeframeCap": { "Cap": 3, "Days": 9_000_000_000_i64 } });
        let translation = translated(&[odd], false);
        has(&translation, "Telepathy is not carried over: {\"Enabled\":true}");
        has(&translation, "Telepathy is not carried over: 7");
        has(&translation, "TimeframeCap of 3 messages in 9000000000 days is not carried over");
        // A field without a value is not a note.
        let quiet = journey("Quiet", &json!({ "a": mail("x", "") }));
        assert_eq!(translated(&[quiet], true).notes, []);
    }
}

//! Journeys, limits and quiet time as a policy.
//!
//! The cast:
//! - [`Input`] collects what Pinpoint's API answered: journeys, settings of the application, campaigns;
//! - `walk` follows a journey's activities and makes steps of them, `conditions` reads its splits;
//! - `limits` reads quiet time, caps and time zones;
//! - [`Notes`] lists whatever has no place here;
//! - [`translate`] makes the text of the policy, which [`Policy::parse`] accepts.
//!
//! Nothing is dropped in silence: a field that is neither carried over nor mere bookkeeping becomes a note, also one that
//! nobody has thought of. Nothing is guessed that decides who gets a message: a journey whose start or whose branches
//! cannot be expressed here stands in the policy as a comment, with the reason.

mod conditions;
mod input;
mod journey;
mod limits;
mod notes;
mod render;
mod walk;

pub use input::{Input, InputError};
pub use notes::{Note, Notes};

use rekindle_lifecycle::policy::{Policy, PolicyError};
use rekindle_lifecycle::triggers::Trigger;
use std::collections::BTreeMap;

/// What the user decides.
#[derive(Debug, Default)]
pub struct Choices {
    /// What starts a journey, by its name in Pinpoint, in the words of the policy. Such a journey is carried over whatever
    /// its start and its state were.
    pub triggers: BTreeMap<String, String>,
    /// Whether the journeys of the default policy are to stay: a policy with journeys has only those.
    pub keep_default_journeys: bool,
}

/// A policy made from Pinpoint's journeys.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// Its text, with all notes as comments.
    pub policy: String,
    /// What could not be carried over.
    pub notes: Vec<Note>,
    /// Journeys that are in force in it.
    pub journeys: usize,
    /// Journeys that stand in it as comments.
    pub set_aside: usize,
}

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub enum TranslationError {
    /// A choice is about a journey that is not there.
    #[error("there is no journey {name:?}; there are: {known}")]
    NoJourney {
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A choice is no trigger.
    #[error("the trigger of {name:?}: {reason}")]
    NoTrigger {
        /// The journey.
        name: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// What came of it is no policy. This should not happen: please report it.
    #[error("the policy made of this is refused")]
    Refused(#[from] PolicyError),
}

/// Makes a policy.
///
/// # Errors
/// A choice is about a journey that is not there, or names no trigger.
pub fn translate(input: &Input, choices: &Choices) -> Result<Translation, TranslationError> {
    let names: Vec<&str> = input.journeys.iter().map(journey::name).collect();
    for (name, trigger) in &choices.triggers {
        if !names.contains(&name.as_str()) {
            let known = names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
            return Err(TranslationError::NoJourney { name: name.clone(), known });
        }
        if let Err(reason) = Trigger::parse(trigger) {
            return Err(TranslationError::NoTrigger { name: name.clone(), reason });
        }
    }
    let mut notes = input.notes.clone();
    let limits = limits::read(input, &mut notes);
    // Of two journeys of one id the policy would take neither.
    let defaults = if choices.keep_default_journeys { Policy::built_in().journeys.as_slice() } else { &[] };
    let mut taken: Vec<String> = defaults.iter().map(|journey| journey.id.clone()).collect();
    let mut journeys: Vec<journey::Journey> = Vec::new();
    for (name, value) in names.iter().zip(&input.journeys) {
        let trigger = choices.triggers.get(*name).map(String::as_str);
        let journey = journey::read(value, trigger, &taken, &mut notes);
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
    fn journeys_that_no_policy_could_hold_are_told_and_what_is_left_is_a_policy() {
        let wait = |time: &str| json!({ "Wait": { "NextActivity": "b", "WaitTime": { "WaitFor": time } } });
        for (activities, told) in [
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
            assert!(all.contains(told), "{told}: {all}");
        }
    }

    #[test]
    fn ways_that_meet_again_lead_to_one_message() {
        let clicked = json!({ "Conditions": [{ "EventCondition": { "Dimensions": { "EventType": { "Values": ["_email.click"] } } } }] });
        let activities = json!({
            "a": { "ConditionalSplit": { "Condition": clicked, "TrueActivity": "b", "FalseActivity": "c" } },
            "b": mail("b", "d"), "c": mail("c", "d"), "d": mail("d", ""),
        });
        let translation = translated(&[journey("Meeting", &activities)], false);
        let policy = Policy::parse(&translation.policy).expect("a policy");
        let steps = &policy.journeys[0].steps;
        let told: Vec<_> = steps.iter().map(|step| (&*step.id, step.only_if.len(), step.unless.len())).collect();
        assert_eq!(told, [("b", 1, 0), ("c", 0, 1), ("d", 0, 0)]);
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
    fn a_field_that_nobody_thought_of_is_a_note() {
        let mut odd = journey("Odd", &json!({ "a": mail("x", "") }));
        odd["Telepathy"] = json!({ "Enabled": true });
        odd["Limits"] = json!({ "Telepathy": 7, "TimeframeCap": { "Cap": 3, "Days": 9_000_000_000_i64 } });
        let translation = translated(&[odd], false);
        has(&translation, "Telepathy is not carried over: {\"Enabled\":true}");
        has(&translation, "Telepathy is not carried over: 7");
        has(&translation, "TimeframeCap of 3 messages in 9000000000 days is not carried over");
        // What says nothing is no note.
        let quiet = journey("Quiet", &json!({ "a": mail("x", "") }));
        assert_eq!(translated(&[quiet], true).notes, []);
    }
}

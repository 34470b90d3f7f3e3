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

use rekindle_lifecycle::policy::{Policy, PolicyError, Trigger};
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
        if let Err(reason) = Trigger::try_from(trigger.clone()) {
            return Err(TranslationError::NoTrigger { name: name.clone(), reason });
        }
    }
    let mut notes = input.notes.clone();
    let limits = limits::read(input, &mut notes);
    let mut journeys = Vec::new();
    for (index, value) in input.journeys.iter().enumerate() {
        let trigger = choices.triggers.get(names[index]).map(String::as_str);
        let taken: Vec<String> = journeys.iter().map(|journey: &journey::Journey| journey.id.clone()).collect();
        journeys.push(journey::read(value, trigger, &taken, &mut notes));
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

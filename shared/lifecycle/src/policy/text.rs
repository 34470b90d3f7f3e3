//! Reading a policy from its text: the shop's own values over the default ones, with every mistake reported at its line in
//! the shop's own text.

use super::error::PolicyError;
use super::file::PolicyFile;
use super::limits::check_text;
use super::policy::Policy;
use crate::rules::channel_table::is_given_by_code;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// The text of the default policy, with its documentation.
pub const DEFAULT_POLICY: &str = include_str!("../../policy.toml");

/// Returns the policy of a shop's text.
pub(super) fn parse(own: &str) -> Result<Policy, PolicyError> {
    check_text(own)?;
    let file: PolicyFile = read(own)?;
    file.check_limits().map_err(|error| located(own, error))?;
    file.try_into().map_err(|error| located(own, error))
}

/// Reads `own` over the default policy: what it leaves out has its default, table by table.
fn read<T: DeserializeOwned>(own: &str) -> Result<T, PolicyError> {
    let mut whole = DeTable::parse(own).map_err(|error| malformed(own, error))?;
    let default = DeTable::parse(DEFAULT_POLICY).map_err(|error| malformed(DEFAULT_POLICY, error))?;
    complete(whole.get_mut(), default.into_inner());
    T::deserialize(Deserializer::from(whole)).map_err(|error| malformed(own, error))
}

/// What `own` sets, as JSON.
pub(super) fn values(own: &str) -> Result<serde_json::Value, PolicyError> {
    toml::from_str(own).map_err(|error| malformed(own, error))
}

/// The same mistake with the line of its place, where the place is in the shop's own text.
fn located(own: &str, error: PolicyError) -> PolicyError {
    match error {
        PolicyError::Invalid { place, reason } => {
            PolicyError::Invalid { reason: with_line(own, &place, reason), place }
        }
        PolicyError::BeyondLimit { place, reason } => {
            PolicyError::BeyondLimit { reason: with_line(own, &place, reason), place }
        }
        PolicyError::Malformed(_) => error,
    }
}

fn with_line(own: &str, place: &str, reason: String) -> String {
    let table = DeTable::parse(own).ok();
    let span = table.as_ref().and_then(|table| match place.strip_prefix("journey ") {
        Some(names) => journey_span(table.get_ref(), names),
        None => path_span(table.get_ref(), place),
    });
    match span {
        Some(span) => format!("{reason} (line {})", line(own, span.start)),
        None => reason,
    }
}

/// Puts in what is missing. Values keep the places they have in their own text.
fn complete<'text>(own: &mut DeTable<'text>, default: DeTable<'text>) {
    for (key, below) in default {
        if is_given_by_code(key.get_ref(), |code| own.contains_key(code)) {
            continue;
        }
        match own.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut) {
            None => {
                own.insert(key, below);
            }
            Some(DeValue::Table(above)) => {
                if let DeValue::Table(below) = below.into_inner() {
                    complete(above, below);
                }
            }
            Some(_) => {}
        }
    }
}

/// `id` or `id, step id`. Of several of one name the last is meant: it is the one too many.
fn journey_span(own: &DeTable<'_>, names: &str) -> Option<Range<usize>> {
    let (journey, step) = names.split_once(", step ").map_or((names, None), |(journey, step)| (journey, Some(step)));
    let journey = named(own, "journey", journey)?;
    let step = step.and_then(|step| named(journey.get_ref().as_table()?, "step", step));
    Some(step.unwrap_or(journey).span())
}

fn named<'t, 'text>(table: &'t DeTable<'text>, list: &str, id: &str) -> Option<&'t Spanned<DeValue<'text>>> {
    let listed = table.get(list)?.get_ref().as_array()?;
    let is_named = |value: &&Spanned<DeValue<'_>>| {
        value.get_ref().get("id").and_then(|own_id| own_id.get_ref().as_str()).is_some_and(|own_id| own_id == id)
    };
    listed.iter().rfind(is_named)
}

/// The place of a dotted path, or of as much of it as the text has.
fn path_span(own: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let mut table = own;
    let mut found = None;
    for part in path.split('.') {
        let Some(value) = table.get(part) else { break };
        found = Some(value.span());
        let Some(inner) = value.get_ref().as_table() else { break };
        table = inner;
    }
    found
}

fn line(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

fn malformed(text: &str, mut error: toml::de::Error) -> PolicyError {
    if error.span().is_some_and(|span| span.end <= text.len()) {
        error.set_input(Some(text));
    }
    PolicyError::Malformed(error.to_string().trim_end().to_owned())
}

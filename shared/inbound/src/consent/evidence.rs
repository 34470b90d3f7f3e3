//! What is said beside an answer: where it was given, when, and how.

use crate::fields::clean;
use jiff::Timestamp;
use rekindle_lifecycle::facts::OptInLevel;
use serde_json::{Map, Value};

/// Maximum length of the text of a source, in characters.
const MAX_SOURCE_LEN: usize = 100;
/// Maximum length of a wording, in characters; a longer one is cut.
const MAX_WORDING_LEN: usize = 400;

/// Where, when and how an answer was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    pub(super) source: Option<String>,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) level: Option<OptInLevel>,
    pub(super) wording: Option<String>,
}

impl Evidence {
    /// What the fields of an object say. What is missing is taken from `outer`.
    pub(super) fn from_object(object: &Map<String, Value>, outer: &Self) -> Self {
        let mut found = outer.clone();
        for (name, value) in object {
            let name = super::answer::folded(name);
            let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
            let text = |max| value.as_str().and_then(|text| clean(text, max));
            if ends(&[
                "updatedat",
                "optinat",
                "timestamp",
                "consentedat",
                "subscribedat",
                "collectedat",
                "date",
                "changedat",
            ]) {
                found.answered_at = instant(value).or(found.answered_at);
            } else if ends(&["level"]) {
                found.level = value.as_str().and_then(level).or(found.level);
            } else if ends(&["source", "collectedfrom", "collectionmethod"]) {
                found.source = text(MAX_SOURCE_LEN).or(found.source);
            } else if ends(&["text", "wording", "textversion", "wordingversion", "disclosure"]) {
                found.wording = text(MAX_WORDING_LEN).or(found.wording);
            }
        }
        found
    }

    /// What fields beside a field say whose names begin with its name: `accepts_marketing_updated_at`, and of the same
    /// subject, `marketing_opt_in_level`.
    pub(super) fn beside(object: &Map<String, Value>, field: &str) -> Self {
        let own = super::answer::folded(field);
        let rest = own.trim_start_matches("accepts");
        let beside = object.iter().filter(|(name, _)| {
            let name = super::answer::folded(name);
            name != own && (name.starts_with(&own) || (rest.len() > 3 && name.starts_with(rest)))
        });
        Self::from_object(&beside.map(|(name, value)| (name.clone(), value.clone())).collect(), &Self::default())
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            // Some write the offset without a colon.
            text.parse()
                .ok()
                .or_else(|| jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%z", text).ok()?.to_timestamp().ok())
        }
        Value::Number(number) => {
            let seconds = number.as_i64()?;
            // Milliseconds have three digits more.
            if seconds > 100_000_000_000 {
                Timestamp::from_millisecond(seconds)
            } else {
                Timestamp::from_second(seconds)
            }
            .ok()
        }
        _ => None,
    }
}

fn level(text: &str) -> Option<OptInLevel> {
    let text = super::answer::folded(text);
    if text.starts_with("double") || text.starts_with("confirmed") {
        Some(OptInLevel::Double)
    } else {
        text.starts_with("single").then_some(OptInLevel::Single)
    }
}

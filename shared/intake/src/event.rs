//! One event as it was sent.

use rekindle_inbound::{Parsed, Rejection, Whose};
use serde_json::Value;
use std::borrow::Cow;

/// Stands for characters that could not be read.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// One event as it was sent.
#[derive(Debug)]
pub enum SentEvent {
    /// It is JSON.
    Json(Value),
    /// It is JSON after characters of it were replaced by U+FFFD, so that some of its texts may not be what was meant.
    Repaired(Value),
    /// It is not JSON; the other events may be.
    Broken {
        /// What was sent.
        text: String,
        /// Why it is not JSON.
        rejection: Rejection,
    },
}

impl SentEvent {
    /// The event.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn value(&self) -> Result<&Value, Rejection> {
        match self {
            Self::Json(value) | Self::Repaired(value) => Ok(value),
            Self::Broken { rejection, .. } => Err(rejection.clone()),
        }
    }

    /// The event as text, whether or not it is JSON.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Json(value) | Self::Repaired(value) => Cow::Owned(value.to_string()),
            Self::Broken { text, .. } => Cow::Borrowed(text),
        }
    }

    /// What was read of the event, if that can be used although characters of it were replaced.
    pub(crate) fn check(&self, parsed: Parsed) -> Result<Parsed, Rejection> {
        if matches!(self, Self::Repaired(_)) { without_damage(parsed) } else { Ok(parsed) }
    }
}

/// An event of which characters were replaced, with a warning. If one of them belongs to an id, it would be another's event.
fn without_damage(mut parsed: Parsed) -> Result<Parsed, Rejection> {
    let reason = "has characters that are not UTF-8, or half of one";
    let is_damaged = |id: &str| id.contains(REPLACEMENT);
    let whose = match &parsed.whose {
        Whose::Id(id) => is_damaged(id.as_str()),
        Whose::Guest(address) => is_damaged(address.as_str()),
    };
    let order = parsed.fact.order_id().is_some_and(|order| is_damaged(order.as_str()));
    if whose || order || is_damaged(&parsed.fact.id) {
        return Err(Rejection::new("", format!("{reason}, in an id")));
    }
    parsed.warnings.push(Rejection::new("", format!("{reason}; they were replaced by {REPLACEMENT}")));
    Ok(parsed)
}

//! What becomes of a delivery, step by step.

use crate::reading::FieldError;
use serde_json::Value as Json;

/// What one application of a rule becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Tried {
    /// An event.
    Event {
        /// The rule.
        rule: String,
        /// The event.
        event: Json,
        /// Fields whose expressions failed, with the reason. They are left out.
        warnings: Vec<FieldError>,
    },
    /// Nothing, because the rule says so.
    Dropped {
        /// The rule.
        rule: String,
        /// Its reason.
        because: String,
    },
    /// Nothing, because an expression failed that the event needs.
    Failed {
        /// The rule.
        rule: String,
        /// The field and the reason.
        error: FieldError,
    },
}

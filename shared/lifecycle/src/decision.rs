//! What a decision consists of, each part with its reason.

use crate::channel::Channel;
use crate::customer::Decided;
use crate::id::MessageId;
use crate::message::Message;
use crate::reason::Reason;
use crate::stage::Stage;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What [`crate::decide`] answers: what to write, and when to look again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The stage.
    pub stage: Stage,
    /// Since when.
    pub stage_since: Option<Timestamp>,
    /// The record of decisions as it is after this one, or nothing if it stays as it is.
    pub decided: Option<Decided>,
    /// Messages to create now.
    pub messages: Vec<Message>,
    /// Open messages whose check is due: look what became of them.
    pub rechecks: Vec<MessageId>,
    /// What happened and what did not, for the customer's timeline.
    pub entries: Vec<Entry>,
    /// The next instant at which anything can change.
    pub due_at: Option<Timestamp>,
}

/// One line of a customer's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// The customer moved to another stage.
    Transition {
        /// From.
        from: Stage,
        /// To.
        to: Stage,
        /// When the rule began to hold.
        at: Timestamp,
        /// The comparison that told it, with its values.
        because: String,
    },
    /// A run of a journey started.
    RunStarted {
        /// The journey.
        journey: String,
        /// The run.
        run: String,
        /// What started it.
        because: String,
    },
    /// A message was created.
    Created {
        /// The journey.
        journey: String,
        /// The step.
        step: String,
        /// The channel.
        channel: Channel,
        /// The message.
        message: MessageId,
        /// Why, and why now.
        because: String,
    },
    /// A message was not sent, and will not be.
    NotSent {
        /// The journey.
        journey: String,
        /// The step; absent if the whole run is meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
        /// Why.
        reason: Reason,
    },
    /// A run of a journey ended before its last step.
    RunEnded {
        /// The journey.
        journey: String,
        /// The run.
        run: String,
        /// Why.
        reason: Reason,
    },
}

//! Facts about what a customer does and answers, and about tasks.

use crate::id::MessageId;
use serde::{Deserialize, Serialize};

/// The customer reacted to the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// How.
    pub how: ReactionKind,
    /// The message reacted to, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The run of that message (see [`run_digest`](crate::id::run_digest)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// A digest of the link that was followed, at most 8 characters: programs follow all links of a mail at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

crate::stored_codes! {
    /// How a customer reacted.
    pub enum ReactionKind {
        /// Followed a link of a message.
        Click = "click",
        /// Came to the shop's site or application.
        Visit = "visit",
        /// Wrote back.
        Reply = "reply",
    }
}

/// An answer to "how likely are you to recommend us?".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NpsAnswer {
    /// 0 to 10.
    pub score: u8,
    /// The main reason, in the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether the shop may call, where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_call: Option<bool>,
}

/// One of the shop's people closed a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskClosed {
    /// The task: the message that opened it.
    pub task: MessageId,
    /// The outcome, in the words of the person who closed the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

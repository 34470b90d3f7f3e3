//! A task for the shop's people, as it is kept.

use jiff::Timestamp;
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use serde::{Deserialize, Serialize};

/// A task about a customer. `Debug` shows nothing of the customer but their id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The message that asks for it.
    pub id: MessageId,
    /// The shop.
    pub shop: ShopId,
    /// The customer it is about.
    pub customer: CustomerId,
    /// The journey.
    pub journey: String,
    /// The step of the journey.
    pub step: String,
    /// What it is about, in a line.
    pub title: String,
    /// When it was opened: the same at every repetition.
    pub created_at: Timestamp,
    /// Why.
    pub because: String,
    /// The answer to the NPS question that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nps: Option<TaskNps>,
    /// What to know about the customer before calling them, in lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<String>,
    /// The notes, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<TaskNote>,
    /// How it ended; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closing>,
}

/// An answer to the NPS question.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskNps {
    /// 0 to 10.
    pub score: u8,
    /// The main reason, in the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether the customer agreed to a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_call: Option<bool>,
}

/// A note.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskNote {
    /// When.
    pub at: Timestamp,
    /// The author.
    pub by: String,
    /// What.
    pub text: String,
}

/// How a task ended.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// The person who closed it.
    pub by: String,
    /// The outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let closed = self.closed.is_some();
        write!(f, "Task({} of {}, {}/{}, closed: {closed})", self.id, self.customer, self.journey, self.step)
    }
}

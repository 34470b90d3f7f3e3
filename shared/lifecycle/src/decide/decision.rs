//! What a decision consists of, each part with its reason.

use crate::channel::Channel;
use crate::customer::Decided;
use crate::facts::Referred;
use crate::id::{MessageId, OrderId};
use crate::message::Message;
use crate::reason::Reason;
use crate::referral::Refusal;
use crate::stage::Stage;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What [`decide`](super::decide()) returns: what to write, and when the next decision is due.
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
    /// Open messages whose check is due: their state is to be read.
    pub rechecks: Vec<MessageId>,
    /// What happened and what did not, for the customer's timeline.
    pub entries: Vec<Entry>,
    /// What to report to the referrer whose code this customer came with.
    pub referral: Option<ReferralNews>,
    /// The next instant at which anything can change.
    pub due_at: Option<Timestamp>,
}

impl Decision {
    /// Whether a message was not created because of what the customer allowed or refused.
    #[must_use]
    pub fn lacked_permission(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry, Entry::NotSent { reason, .. } if reason.is_about_permission()))
    }
}

/// What to report to a referrer about a friend's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralNews {
    /// The order.
    pub order: OrderId,
    /// The report.
    pub referred: Referred,
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
        /// The comparison that it follows from, with its values.
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
        /// Which condition was not met, in a sentence with its values, where the reason alone does not say so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<String>,
    },
    /// A friend's order earns the customer no reward, or the customer's own order earns their referrer none.
    ReferralRefused {
        /// The code.
        code: String,
        /// Why.
        refusal: Refusal,
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
    /// Something that another version of the engine decided and this one cannot read: kept and shown as it is stored.
    #[serde(untagged)]
    Unrecognised(Value),
}

impl Entry {
    /// The kinds of entries that this version knows, as their JSON names them. They never change.
    pub const KINDS: &'static [&'static str] =
        &["transition", "run_started", "created", "not_sent", "referral_refused", "run_ended"];
}

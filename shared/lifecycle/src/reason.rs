//! Why a message was not sent, or not yet.

use crate::rules::Condition;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a message was not sent, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Left out of this journey so that its effect can be measured.
    Holdout,
    /// Left out of everything for the same purpose.
    ControlGroup,
    /// The customer has no address on the channel.
    NoAddress,
    /// The customer did not agree, or took it back.
    NoConsent,
    /// The customer asked for silence for a while.
    Paused,
    /// The channel is closed: a hard bounce, a complaint, a STOP.
    Suppressed,
    /// Too many messages lately.
    FrequencyCap,
    /// The hour, where the customer lives.
    QuietHours,
    /// Its time has passed: it would no longer be useful.
    TooLate,
    /// The customer ordered.
    Ordered,
    /// The customer reacted.
    Reacted,
    /// The customer left the stage the journey is about.
    LeftStage,
    /// The order that started the journey does not count any more.
    OrderUndone,
    /// The journey is no longer in the policy.
    JourneyRemoved,
    /// The text could not be made.
    RenderError,
    /// The provider refused it for good.
    Rejected,
    /// The customer clicked, in this run.
    Clicked,
    /// The customer wrote back.
    Replied,
    /// The customer answered the NPS question.
    Answered,
    /// What the step is meant for has not happened.
    ConditionUnmet,
    /// The customer is unhappy: nothing is offered to them for a while.
    Detractor,
    /// The task that the step was to follow was never opened.
    NoTask,
    /// The customer gave another answer in the same survey.
    AnswerChanged,
    /// The customer confirmed, or took back what was to be confirmed.
    Settled,
    /// The customer has not confirmed that they want this.
    Unconfirmed,
    /// The customer asked for everything about them to be erased.
    Erased,
}

impl Reason {
    /// Its name in items and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Holdout => "holdout",
            Self::ControlGroup => "control_group",
            Self::NoAddress => "no_address",
            Self::NoConsent => "no_consent",
            Self::Paused => "paused",
            Self::Suppressed => "suppressed",
            Self::FrequencyCap => "frequency_cap",
            Self::QuietHours => "quiet_hours",
            Self::TooLate => "too_late",
            Self::Ordered => "ordered",
            Self::Reacted => "reacted",
            Self::LeftStage => "left_stage",
            Self::OrderUndone => "order_undone",
            Self::JourneyRemoved => "journey_removed",
            Self::RenderError => "render_error",
            Self::Rejected => "rejected",
            Self::Clicked => "clicked",
            Self::Replied => "replied",
            Self::Answered => "answered",
            Self::ConditionUnmet => "condition_unmet",
            Self::Detractor => "detractor",
            Self::NoTask => "no_task",
            Self::AnswerChanged => "answer_changed",
            Self::Settled => "settled",
            Self::Unconfirmed => "unconfirmed",
            Self::Erased => "erased",
        }
    }

    /// A sentence for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Holdout => "this customer is in the journey's holdout, left out to measure its effect",
            Self::ControlGroup => "this customer is in the control group, which gets no journeys",
            Self::NoAddress => "the customer has no address on this channel",
            Self::NoConsent => "the customer has not agreed to this, or took it back",
            Self::Paused => "the customer asked for silence for a while",
            Self::Suppressed => "the channel is closed after a bounce, a complaint or a stop",
            Self::FrequencyCap => "the customer had as many messages lately as the frequency cap allows",
            Self::QuietHours => "it is outside the hours in which this customer may be written to",
            Self::TooLate => "it could not go out while it was still useful",
            Self::Ordered => "the customer ordered in the meantime",
            Self::Reacted => "the customer reacted in the meantime",
            Self::LeftStage => "the customer left the stage this journey is about",
            Self::OrderUndone => "the order that started the journey was cancelled or refunded",
            Self::JourneyRemoved => "the policy no longer has this journey or step",
            Self::RenderError => "the template could not be filled",
            Self::Rejected => "the provider refused the message",
            Self::Clicked => "the customer followed a link in the meantime",
            Self::Replied => "the customer wrote back in the meantime",
            Self::Answered => "the customer answered the question in the meantime",
            Self::ConditionUnmet => "what this step is meant for has not happened",
            Self::Detractor => "the customer said lately that they are unhappy with the shop",
            Self::NoTask => "the task that this message was to follow was never opened",
            Self::AnswerChanged => "the customer gave another answer in the same survey",
            Self::Settled => "the customer confirmed it, or it is no longer asked for",
            Self::Unconfirmed => "the customer has not confirmed yet that they want this",
            Self::Erased => "everything about the customer was erased",
        }
    }
}

impl From<Condition> for Reason {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Ordered => Self::Ordered,
            Condition::Reacted => Self::Reacted,
            Condition::Clicked => Self::Clicked,
            Condition::Replied => Self::Replied,
            Condition::Answered => Self::Answered,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_reason_is_stored_and_shown_by_one_name_and_told_to_people_in_a_sentence_of_its_own() {
        use Reason::*;
        let all = [
            Holdout,
            ControlGroup,
            NoAddress,
            NoConsent,
            Paused,
            Suppressed,
            FrequencyCap,
            QuietHours,
            TooLate,
            Ordered,
            Reacted,
            LeftStage,
            OrderUndone,
            JourneyRemoved,
            RenderError,
            Rejected,
            Clicked,
            Replied,
            Answered,
            ConditionUnmet,
            Detractor,
            NoTask,
            AnswerChanged,
            Settled,
            Unconfirmed,
            Erased,
        ];
        for reason in all {
            let stored = serde_json::to_value(reason).expect("a reason can be stored");
            assert_eq!(stored, reason.name());
            assert_eq!(reason.to_string(), reason.name());
        }
        let sentences: BTreeSet<&str> = all.iter().map(|reason| reason.sentence()).collect();
        assert_eq!(sentences.len(), all.len());
        assert!(sentences.iter().all(|sentence| sentence.contains(' ')), "{sentences:?}");
    }

    #[test]
    fn a_condition_that_came_true_is_the_reason() {
        for (condition, reason) in [
            (Condition::Ordered, Reason::Ordered),
            (Condition::Reacted, Reason::Reacted),
            (Condition::Clicked, Reason::Clicked),
            (Condition::Replied, Reason::Replied),
            (Condition::Answered, Reason::Answered),
        ] {
            assert_eq!(Reason::from(condition), reason);
        }
    }
}

//! Why a message was not sent, or not yet.

use crate::rules::Condition;

crate::stored_codes! {
    /// Why a message was not sent, or not yet.
    pub enum Reason {
        /// Left out of this journey so that its effect can be measured.
        Holdout = "holdout",
        /// Left out of everything for the same purpose.
        ControlGroup = "control_group",
        /// The customer has no address on the channel.
        NoAddress = "no_address",
        /// The customer did not agree, or took it back.
        NoConsent = "no_consent",
        /// The customer asked for no messages for a while.
        Paused = "paused",
        /// The channel is closed: a hard bounce, a complaint, a STOP.
        Suppressed = "suppressed",
        /// Too many messages lately.
        FrequencyCap = "frequency_cap",
        /// The hour, where the customer lives.
        QuietHours = "quiet_hours",
        /// Its time has passed: it would no longer be useful.
        TooLate = "too_late",
        /// The customer ordered.
        Ordered = "ordered",
        /// The customer reacted.
        Reacted = "reacted",
        /// The customer left the stage the journey is about.
        LeftStage = "left_stage",
        /// The order that started the journey does not count any more.
        OrderUndone = "order_undone",
        /// The journey is no longer in the policy.
        JourneyRemoved = "journey_removed",
        /// The text could not be made.
        RenderError = "render_error",
        /// The provider refused it for good.
        Rejected = "rejected",
        /// The customer clicked, in this run.
        Clicked = "clicked",
        /// The customer wrote back.
        Replied = "replied",
        /// The customer answered the NPS question.
        Answered = "answered",
        /// What the step is meant for has not happened.
        ConditionUnmet = "condition_unmet",
        /// The customer is unhappy: nothing is offered to them for a while.
        Detractor = "detractor",
        /// The task that the step was to follow was never opened.
        NoTask = "no_task",
        /// The customer gave another answer in the same survey.
        AnswerChanged = "answer_changed",
        /// The customer confirmed, or took back what was to be confirmed.
        Settled = "settled",
        /// The customer has not confirmed that they want this.
        Unconfirmed = "unconfirmed",
        /// The customer asked for everything about them to be erased.
        Erased = "erased",
        /// What the customer allowed or refused is stored in a form that this version cannot read.
        PermissionUnread = "permission_unread",
        /// The same address or number got this step for another customer.
        SameMailbox = "same_mailbox",
        /// The id turned out to belong to a customer with another main id, under which it is decided now.
        Joined = "joined",
        /// Several people stand behind the id.
        SharedId = "shared_id",
    }
}

impl Reason {
    /// Whether it follows from what a person allowed or refused, which may have been said under another id of theirs.
    #[must_use]
    pub fn is_about_permission(&self) -> bool {
        matches!(self, Self::NoConsent | Self::Unconfirmed | Self::Suppressed | Self::Paused)
    }

    /// A sentence for readers.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::Holdout => "this customer is in the journey's holdout, left out to measure its effect",
            Self::ControlGroup => "this customer is in the control group, which gets no journeys",
            Self::NoAddress => "the customer has no address on this channel",
            Self::NoConsent => "the customer has not agreed to this, or took it back",
            Self::Paused => "the customer asked for no messages for a while",
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
            Self::PermissionUnread => {
                "something that the customer allowed or refused was stored by a newer version and is not counted yet"
            }
            Self::SameMailbox => "the same address or number got this under another customer id",
            Self::Joined => "this id was joined with another one, under which the customer is written to now",
            Self::SharedId => "several people stand behind this id",
            Self::Unrecognised(_) => "another version of the engine gave a reason that this one does not know",
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
            // A condition of another version never holds here; its code is kept if it is ever asked for.
            Condition::Unrecognised(code) => Self::Unrecognised(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_reason_is_stored_and_shown_by_one_name_and_has_a_sentence_of_its_own_for_readers() {
        let all = Reason::KNOWN;
        for reason in all {
            let stored = serde_json::to_value(reason).expect("a reason can be stored");
            assert_eq!(stored, reason.code());
            assert_eq!(reason.to_string(), reason.code());
        }
        let sentences: BTreeSet<&str> = all.iter().map(Reason::sentence).collect();
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

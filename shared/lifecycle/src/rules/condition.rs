//! Conditions of a run that end it or skip a step.

crate::stored_codes! {
    /// Something that happened since the run started.
    pub enum Condition {
        /// The customer ordered on a later day than the one the run started on (split orders are one
        /// purchase).
        Ordered = "ordered",
        /// The customer followed a link of this run, came to the shop, or wrote back. An open is no reaction.
        Reacted = "reacted",
        /// The customer followed a link of this run.
        Clicked = "clicked",
        /// The customer wrote back.
        Replied = "replied",
        /// The customer answered the NPS question.
        Answered = "answered",
    }
}

impl Condition {
    /// Returns what has not happened, in a sentence for readers.
    #[must_use]
    pub fn unmet_sentence(self) -> &'static str {
        match self {
            Self::Ordered => "the customer has not ordered again on a later day than the run began",
            Self::Reacted => "the customer has neither followed a link of this run, come to the shop, nor written back",
            Self::Clicked => "the customer has not followed a link of this run",
            Self::Replied => "the customer has not written back since the run began",
            Self::Answered => "the customer has not answered the NPS question since the run began",
            Self::Unrecognised(_) => "the step has a condition of another version of the engine",
        }
    }
}

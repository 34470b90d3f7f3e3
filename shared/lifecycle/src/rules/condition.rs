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

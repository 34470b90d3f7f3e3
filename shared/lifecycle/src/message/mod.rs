//! Messages: what is to be sent, how an attempt to send it ends, and what to do next.

mod attempt;
mod message;
mod next_action;
mod requirement;
mod state;

pub use attempt::AttemptOutcome;
pub use message::{LEASE, Message};
pub use next_action::{
    EVIDENCE_AFTER, EVIDENCE_STANDS, NextAction, PROMPT_EVENT, QUEUED_CHECK, UNCONFIRMED_AFTER, UNRECOGNISED_CHECK,
};
pub use requirement::Requirement;
pub use state::{MessageState, ProviderReport};

//! `feedback`: takes in what the provider reports about messages (SES events, by SNS and SQS). A report
//! settles its message from any state, and is the evidence by which unknown outcomes are resolved.
//!
//! The cast:
//! - [`handle`] takes a batch from the `feedback` queue;
//! - [`ses_event`] reads an event in any envelope;
//! - [`Feedback::report`] applies one report to its message.
//!
//! What is guaranteed:
//! - reports may come in any order and any number of times: a message only moves upwards;
//! - the shop and the customer of a report are those of our own record of the message, which must exist:
//!   tags only say where to look;
//! - a hard bounce or a complaint is stored as a fact before the report counts as taken in.

mod report;
pub mod ses_event;
mod trigger;

pub use report::{FeedbackError, Taken};
pub use trigger::handle;

use rekindle_platform::Clock;
use rekindle_store::Store;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Feedback {
    /// The tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
}

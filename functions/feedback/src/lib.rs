//! `feedback`: processes providers' reports about messages, and customers' texts. A report settles its
//! message from any state, and is the evidence by which unknown outcomes are resolved.
//!
//! The parts:
//! - [`handle`] takes a batch from the `feedback` queue, or the schedule's call to mirror SNS's opt-outs;
//! - [`incoming`] opens the envelope: a report of SES, which `ses_event` reads, or a text, which [`inbound_text`] reads;
//! - [`delivery_report`] is the form of a report that is the same for all providers;
//! - [`Feedback::apply_report`] applies one report to its message and its customer;
//! - [`Feedback::text`] applies one text to the customers who were texted under its number; what it means is a rule of the core;
//! - `sending_health` counts the outcomes of a shop's messages and stops the shop when too many are harmful;
//! - [`Feedback::mirror_opt_outs`] closes the numbers that SNS sends no texts to.
//!
//! What is guaranteed:
//! - reports may come in any order and any number of times: a message only moves upwards;
//! - the shop and the customer of a report are those of our own record of the message, which must exist: tags only say
//!   where to look. Those of a text are the customers who were texted under its number;
//! - what a report or a text says is stored as a fact before it counts as processed, and it is the same fact every time;
//! - a STOP has taken effect by then: no text that is claimed later goes out;
//! - a report of a type that this version does not know is kept and counted; what cannot be read at all goes to the dead
//!   letters.

mod batch;
pub mod delivery_report;
mod help_answer;
pub mod inbound_text;
pub mod incoming;
mod mirror;
mod report;
mod sending_health;
mod ses_event;
mod text;
mod trigger;
mod unreadable;
mod wiring;

pub use batch::{Batch, Counts};
pub use mirror::{MirrorError, Mirrored};
pub use report::{AppliedReport, FeedbackError, ReportEffect};
pub use text::TextEffect;
pub use trigger::{TriggerError, handle, handle_any};
pub use unreadable::Unreadable;
pub use wiring::wire;

use rekindle_messaging::{EventBus, KeyRing, ProviderLists, Texter};
use rekindle_platform::Clock;
use rekindle_store::Store;
use std::sync::Arc;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Feedback {
    /// The tables.
    pub store: Store,
    /// Answers the question for help.
    pub texter: Texter,
    /// Lists opted-out numbers.
    pub sns: aws_sdk_sns::Client,
    /// The lists of providers, off which a number is taken whose owner wants texts again.
    pub provider_lists: ProviderLists,
    /// Where it is announced that a shop's sending was stopped.
    pub events: EventBus,
    /// Makes the fingerprints of numbers.
    pub link_keys: Arc<KeyRing>,
    /// Where the customers' pages are, without a slash at the end.
    pub links_base_url: String,
    /// The time.
    pub clock: Clock,
}

//! `send`: claims a message, renders it, hands it to SES or SNS once, and records the outcome. It
//! also resolves what an earlier attempt left behind.
//!
//! The parts:
//! - [`handle`] takes a batch from the `send` queue;
//! - [`Sender::process_message`] takes one message as far as possible now;
//! - [`shop_context::ShopContexts`] holds each shop's brand, templates and limits, and whether its sending is stopped;
//! - [`pace`] gives each message its turn, so that all senders together send as fast as the provider accepts;
//! - [`limits`] says how fast that is, for the account and for the shop;
//! - [`offer`] finds or makes what exists only once: a coupon, a referral code;
//! - [`content`] makes the context that templates are filled from, with signed links;
//! - `providers` renders a message and hands it over: one file each for mails, text messages and tasks;
//! - [`Sender::canary`] sends a mail to SES's simulator, to see that mails leave and events come.
//!
//! What is guaranteed:
//! - before the claim it checks what is stored of the customer, folded or not: a refusal, a bounce or an
//!   order that was acknowledged before that check prevents it;
//! - a message is claimed only while the customer is exactly as they were at that check;
//! - one claim makes one attempt: the SDK does not repeat it, and an expired lease never does either;
//! - what certainly was not accepted goes back to the queue; what may have been becomes UNKNOWN and waits
//!   for evidence.

mod batch;
mod canary;
mod conclude;
pub mod content;
mod error;
pub mod limits;
mod mailbox;
mod message;
pub mod offer;
pub mod pace;
mod progress;
mod providers;
mod recheck;
pub mod shop_context;
mod trigger;
mod wiring;

pub use canary::CanaryError;
pub use error::SendError;
pub use progress::Progress;
pub use trigger::{TriggerError, handle, handle_any};
pub use wiring::wire;

use rekindle_messaging::{EventBus, KeyRing, Mailer, Texter};
use rekindle_platform::{Clock, WorkQueue};
use rekindle_store::Store;
use std::sync::Arc;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The tables.
    pub store: Store,
    /// Hands mail to SES.
    pub mailer: Mailer,
    /// Hands texts to SNS.
    pub texter: Texter,
    /// The verified address that canaries come from, if any are to be sent.
    pub canary_from: Option<String>,
    /// Where tasks are announced.
    pub events: EventBus,
    /// Brands, templates and limits of the shops.
    pub shops: shop_context::ShopContexts,
    /// Seals the links.
    pub link_keys: Arc<KeyRing>,
    /// Where the customers' pages are, without a slash at the end.
    pub links_base_url: String,
    /// The queue of this function, for messages that the provider does not accept in time.
    pub send_queue: WorkQueue,
    /// How many messages may be sent a second, even if the providers allow more.
    pub rate_caps: limits::RateCaps,
    /// The time.
    pub clock: Clock,
}

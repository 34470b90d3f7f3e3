//! `advance`: load a customer, fold new facts in, decide, commit. The only function that decides.
//!
//! - [`handle`] takes a batch from the stream of the `activity` table (new facts) or from the `advance`
//!   queue (customers that are due);
//! - [`Advance::advance_customer`] is the one verb, for one customer;
//! - what it creates goes to the `send` queue, as the keys of messages.
//!
//! What is guaranteed:
//! - running twice, or beside itself, changes nothing the second time: the commit names the version that
//!   was read, and a lost race reads and decides again;
//! - a stream record whose customer cannot be advanced never blocks its neighbours: the customer goes to
//!   the `advance` queue, with the wish to be counted again from all facts;
//! - stopping between the commit and the queue loses nothing: every later advance puts fresh open
//!   messages on the queue again, and the customer's `due_at` is never later than their check.

mod customer;
mod erased;
mod identity;
mod mailboxes;
mod members;
mod shared_ids;
mod side_effects;
mod trigger;
mod wiring;

pub use customer::AdvanceError;
pub use trigger::handle;
pub use wiring::wire;

use rekindle_messaging::KeyRing;
use rekindle_platform::{Clock, WorkQueue};
use rekindle_store::Store;
use std::sync::Arc;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Advance {
    /// The tables.
    pub store: Store,
    /// The queue of messages to send.
    pub send_queue: WorkQueue,
    /// The queue of customers to advance, for those that a stream batch could not.
    pub advance_queue: WorkQueue,
    /// Makes the fingerprints under which erased customers are marked.
    pub link_keys: Arc<KeyRing>,
    /// The time.
    pub clock: Clock,
}

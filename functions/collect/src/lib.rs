//! `collect`: the second and last reader of the stream of `activity`. It learns from new facts what a shop sells.
//!
//! [`handle`] takes a batch of the stream and applies what its orders and visits show of products.
//!
//! What is guaranteed:
//! - it runs beside `advance`, with a place of its own in the stream: however far it falls behind, no message waits for it;
//! - a batch that is read twice, or stops half-way and comes again, changes nothing the second time;
//! - a gap loses nothing for good: what was not seen is learned from the next event that shows it;
//! - what is known already is not written, and for an hour not even read again.

mod learned;
mod trigger;
mod wiring;

pub use learned::Learned;
pub use trigger::{TriggerError, handle};
pub use wiring::wire;

use rekindle_platform::Clock;
use rekindle_store::Store;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Collect {
    /// The tables.
    pub store: Store,
    /// What this process learned lately.
    pub learned: Learned,
    /// The time.
    pub clock: Clock,
}

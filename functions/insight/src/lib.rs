//! `insight`: learns from the shops' histories, in one pass a day over all customers.
//!
//! A schedule starts a few workers every hour. The first of a day begins a pass; all of them take what is left of it, one part after
//! another: first segments of the table of customers (`segment`), of which each gives the days with an order of each shop's customers
//! (`piece`); then shops, of which each gets its reports from these (`shop`). `pass` hands out the parts.
//!
//! What is guaranteed:
//! - a worker may stop anywhere, run twice or beside others: what counts is what was handed in, and that is handed in once;
//! - the reports of a day are those of the last day that was complete when the pass began, in the shop's zone, and the same however
//!   the customers were divided;
//! - memory does not grow with the number of customers or shops;
//! - nothing is decided here, and nothing of a customer is changed. Who should have been looked at and was not is put on the queue of
//!   `advance`, as is who was counted by a version that did not keep the days.

mod lifts;
mod pass;
mod piece;
mod segment;
mod shop;
mod wiring;

pub use shop::LEARNED;
pub use wiring::wire;

use rekindle_platform::{Clock, QueueError, WorkQueue};
use rekindle_store::{Store, StoreError};
use serde::Serialize;
use std::time::Duration;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Insight {
    /// The tables.
    pub store: Store,
    /// The queue of customers to advance.
    pub advance_queue: WorkQueue,
    /// The time.
    pub clock: Clock,
    /// How much is done at once.
    pub limits: Limits,
}

/// How much a worker does at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// After this long it begins nothing more, and hands in what it has. It always does one page, or one shop.
    pub invocation: Duration,
    /// Customers that are read at once; a page has at most 1 MB all the same.
    pub customers_per_page: u16,
    /// Bytes of days that it holds before it stores them.
    pub held_bytes: usize,
    /// Customers whom a worker has counted again of a segment, because their days are not known: after an upgrade these may be many, and what
    /// happens now must not wait for them. The others come the next day.
    pub recounts: usize,
    /// Customers whom a segment should have.
    pub customers_per_segment: u64,
}

impl Default for Limits {
    /// Twelve of the fifteen minutes that a function has, 64 MB, and segments that one worker reads in some minutes.
    fn default() -> Self {
        Self {
            invocation: Duration::from_secs(12 * 60),
            customers_per_page: 2_000,
            held_bytes: 64 * 1024 * 1024,
            recounts: 20_000,
            customers_per_segment: 250_000,
        }
    }
}

/// What a worker did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Worked {
    /// Customers read.
    pub customers: u64,
    /// Shops whose reports were stored.
    pub shops: u64,
    /// Customers put on the queue of `advance`, because nobody would have looked at them, or their days are not known.
    pub advanced: u64,
    /// Whether the day's pass is finished.
    pub finished: bool,
}

/// Why a worker stopped. The next one goes on.
#[derive(Debug, thiserror::Error)]
pub enum InsightError {
    /// A table did not answer, or holds something that cannot be read.
    #[error("the tables cannot be read or written")]
    Store(#[from] StoreError),
    /// Customers could not be put on the queue.
    #[error("customers could not be put on the queue")]
    Queue(#[from] QueueError),
}

/// Works on the day's pass until it is finished, nothing is left to take, or the time is over.
///
/// # Errors
/// The tables or the queue did not answer.
pub async fn handle(insight: &Insight) -> Result<Worked, InsightError> {
    let worked = insight.work().await?;
    let Worked { customers, shops, advanced, finished } = worked;
    if customers + shops + advanced > 0 {
        tracing::info!(customers, shops, advanced, finished, "learned from the shops' histories");
    }
    Ok(worked)
}

#[cfg(test)]
mod tests;

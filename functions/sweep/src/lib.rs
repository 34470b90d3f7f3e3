//! `sweep`: finds the customers that are due and puts them on the `advance` queue. It decides nothing, so
//! running twice, or concurrently, only makes `advance` process a customer twice.
//!
//! Its cost follows the customers that are due: an empty shard costs half a read unit.

mod wiring;

pub use wiring::wire;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use rekindle_platform::{Clock, QueueError, WorkQueue, spans};
use rekindle_store::work::AdvanceWork;
use rekindle_store::{Store, StoreError, keys};
use serde::Serialize;
use tracing::Instrument;

/// Customers that one page of a shard holds.
const PAGE_LENGTH: u16 = 250;
/// Shards read at the same time.
const CONCURRENCY: usize = 4;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The tables.
    pub store: Store,
    /// The queue of customers to advance.
    pub advance_queue: WorkQueue,
    /// The time.
    pub clock: Clock,
    /// Most customers that one run takes from one shard, so that it ends within its time. The next run takes
    /// the others.
    pub limit_per_shard: usize,
}

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Customers found due and put on the queue.
    pub due: usize,
    /// How long the most overdue of them had waited, in seconds.
    pub lag_seconds: i64,
    /// Shards in which the limit left customers for the next run.
    pub unfinished_shards: usize,
}

/// Why a sweep stopped. What it found before is on the queue; the next run finds the rest.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The due index could not be read.
    #[error("the due index could not be read")]
    Store(#[from] StoreError),
    /// The customers could not be put on the queue.
    #[error("customers could not be put on the queue")]
    Queue(#[from] QueueError),
}

/// Reads every shard of the due index once.
///
/// # Errors
/// A shard could not be read or its customers not be put on the queue.
pub async fn handle(sweep: &Sweep) -> Result<Swept, SweepError> {
    handle_shards(sweep, keys::due_shards()).await
}

/// Reads these shards of the due index once: for a caller that knows the others to be empty.
///
/// # Errors
/// A shard could not be read or its customers not be put on the queue.
pub async fn handle_shards(sweep: &Sweep, shards: impl IntoIterator<Item = String>) -> Result<Swept, SweepError> {
    let now = sweep.clock.now();
    let swept = stream::iter(shards)
        .map(|shard| async move { sweep_shard(sweep, &shard, now).await })
        .buffer_unordered(CONCURRENCY)
        .try_fold(Swept::default(), |sum, one| async move { Ok(sum.and(&one)) })
        .await?;
    if swept.unfinished_shards > 0 {
        tracing::warn!(shards = swept.unfinished_shards, "more customers are due than one sweep takes");
    }
    tracing::info!(metric = "sweep_lag_seconds", value = swept.lag_seconds, due = swept.due, "swept");
    Ok(swept)
}

async fn sweep_shard(sweep: &Sweep, shard: &str, now: Timestamp) -> Result<Swept, SweepError> {
    let mut swept = Swept::default();
    let mut cursor = None;
    let mut pages = 0;
    loop {
        pages += 1;
        let one_page = async {
            let page = sweep.store.due(shard, now, PAGE_LENGTH, cursor.take()).await?;
            let work: Vec<AdvanceWork> = page.customers.iter().map(AdvanceWork::on).collect();
            tracing::debug!(customers = work.len(), "customers are due");
            sweep.advance_queue.put_all(&work).await?;
            Ok::<_, SweepError>(page)
        };
        let page = one_page.instrument(spans::sweep_page(shard, pages)).await?;
        swept.due += page.customers.len();
        swept.lag_seconds = swept.lag_seconds.max(page.oldest.map_or(0, |oldest| now.duration_since(oldest).as_secs()));
        cursor = page.more;
        if cursor.is_none() {
            return Ok(swept);
        }
        if swept.due >= sweep.limit_per_shard {
            swept.unfinished_shards = 1;
            return Ok(swept);
        }
    }
}

impl Swept {
    fn and(self, other: &Self) -> Self {
        Self {
            due: self.due + other.due,
            lag_seconds: self.lag_seconds.max(other.lag_seconds),
            unfinished_shards: self.unfinished_shards + other.unfinished_shards,
        }
    }
}

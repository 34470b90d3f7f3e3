//! Counts customers again from their facts, when stored facts may not have been processed or were processed wrongly: after an
//! outage of the stream, or after a faulty version.

use futures::StreamExt;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::{QueueError, WorkQueue};
use rekindle_store::work::AdvanceWork;
use rekindle_store::{CustomerKey, Store, StoreError};
use std::num::NonZeroU32;
use std::time::Duration;

/// Customers that one call puts on the queue.
const BATCH_SIZE: usize = 10;

/// Whose facts to count again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Those of all customers of all shops.
    All,
    /// Those of all customers of a shop.
    Shop(ShopId),
    /// Those of one customer.
    Customer(CustomerKey),
}

/// Puts customers on the queue `advance`, to be counted again.
///
/// Safe while the deployment works: counting again folds all stored facts, changes nothing if they were folded before, and
/// commits only if no one else changed the customer meanwhile. It may be interrupted, and be run again from the beginning.
/// Facts older than 48 hours start no journey, so no messages about the past are sent.
#[derive(Debug)]
pub struct Rebuild<'a> {
    /// The tables.
    pub store: &'a Store,
    /// The queue; without it customers are only counted.
    pub queue: Option<&'a WorkQueue>,
    /// The most customers a second, on average.
    pub rate: NonZeroU32,
}

/// Why a run stopped. Run it again for the remaining customers.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The table of facts cannot be read.
    #[error("the customers could not be read to the end; run it again")]
    Store(#[from] StoreError),
    /// The queue cannot be written.
    #[error("the queue did not take all customers; run it again")]
    Queue(#[from] QueueError),
}

impl Rebuild<'_> {
    /// Puts the customers on the queue, and returns their number. Calls `watch` with the number so far after each call.
    ///
    /// # Errors
    /// Some customers may be missing from the queue.
    pub async fn run(&self, whose: &Whose, mut watch: impl FnMut(u64)) -> Result<u64, RebuildError> {
        let shop = match whose {
            Whose::All => None,
            Whose::Shop(shop) => Some(shop),
            Whose::Customer(key) => {
                self.put(std::slice::from_ref(key)).await?;
                return Ok(1);
            }
        };
        let mut count = 0;
        let mut pages = self.store.customers_with_facts(shop);
        while let Some(page) = pages.next().await {
            for some in page?.chunks(BATCH_SIZE) {
                self.put(some).await?;
                count += some.len() as u64;
                watch(count);
                if self.queue.is_some() {
                    let share = u32::try_from(some.len()).unwrap_or(u32::MAX);
                    tokio::time::sleep(Duration::from_secs(1) * share / self.rate.get()).await;
                }
            }
        }
        Ok(count)
    }

    async fn put(&self, customers: &[CustomerKey]) -> Result<(), QueueError> {
        let Some(queue) = self.queue else { return Ok(()) };
        let work: Vec<_> = customers.iter().map(|key| AdvanceWork { recount: true, ..AdvanceWork::on(key) }).collect();
        queue.put_all(&work).await
    }
}

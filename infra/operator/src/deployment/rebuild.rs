//! Counting customers again from their facts, when it is not certain that everything stored was also looked at: after an
//! outage of the stream, or after a version that folded wrongly.

use futures::StreamExt;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::{QueueError, WorkQueue};
use rekindle_store::work::AdvanceWork;
use rekindle_store::{CustomerKey, Store, StoreError};
use std::num::NonZeroU32;
use std::time::Duration;

/// Customers that are put on the queue by one call.
const AT_ONCE: usize = 10;

/// Whose facts are counted again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's, in every shop.
    All,
    /// Those of a shop.
    Shop(ShopId),
    /// One customer's.
    Customer(CustomerKey),
}

/// Puts customers on the queue `advance` with the wish to be counted again.
///
/// Safe while the deployment works: counting again folds all stored facts and changes nothing if they were folded
/// before, and its commit names the version it saw. It may stop anywhere and be run again from the beginning. Facts of
/// more than 48 hours start no journey, so it writes to nobody about the past.
#[derive(Debug)]
pub struct Rebuild<'a> {
    /// The tables.
    pub store: &'a Store,
    /// Where customers are put; without it they are only counted.
    pub queue: Option<&'a WorkQueue>,
    /// Most customers a second, on average.
    pub rate: NonZeroU32,
}

/// The rest has to be done by running it again.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The table of facts.
    #[error("the customers could not be read to the end; run it again")]
    Store(#[from] StoreError),
    /// The queue.
    #[error("the queue did not take all customers; run it again")]
    Queue(#[from] QueueError),
}

impl Rebuild<'_> {
    /// Goes through the customers and tells after each call how many there were so far; answers with how many there are.
    ///
    /// # Errors
    /// Some customers may be missing from the queue.
    pub async fn run(&self, whose: &Whose, mut told: impl FnMut(u64)) -> Result<u64, RebuildError> {
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
            for some in page?.chunks(AT_ONCE) {
                self.put(some).await?;
                count += some.len() as u64;
                told(count);
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

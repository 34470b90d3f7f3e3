//! Finds deliveries that wait for long: their message on the queue was lost, or they could not be read yet.

use crate::Hooks;
use jiff::SignedDuration;
use rekindle_platform::QueueError;
use rekindle_store::webhooks::unread::Unread;
use rekindle_store::work::DeliveryWork;
use rekindle_store::{StoreError, keys};

/// The time between two sweeps, and how long a delivery waits before the first one that finds it.
pub(crate) const SWEEP_INTERVAL: SignedDuration = SignedDuration::from_mins(15);

/// Why a sweep did not get to its end. The next one begins anew.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The list cannot be read.
    #[error("the list of deliveries that wait cannot be read")]
    Store(#[from] StoreError),
    /// The queue takes nothing.
    #[error("deliveries cannot be put on the queue")]
    Queue(#[from] QueueError),
}

/// Puts deliveries that wait on the queue again, and returns how many. Each is put there after 15 minutes, 30 minutes, an hour, two and so
/// on, so one that cannot be read costs little, and is tried until it expires.
///
/// # Errors
/// Some are not on the queue.
pub async fn sweep(hooks: &Hooks) -> Result<usize, SweepError> {
    let now = hooks.clock.now();
    let mut found = 0;
    let mut oldest = None;
    for shard in keys::unread_shards() {
        let waiting = hooks.store.unread_before(&shard, now - SWEEP_INTERVAL).await?;
        oldest = oldest.max(waiting.first().map(|first| now.duration_since(first.received_at)));
        let due = waiting.iter().filter(|unread| is_due(now.duration_since(unread.received_at)));
        let work: Vec<DeliveryWork> = due.map(work_of).collect();
        hooks.queue.put_all(&work).await?;
        found += work.len();
    }
    let oldest_minutes = oldest.map_or(0, |age| age.as_mins());
    tracing::info!(
        metric = "oldest_delivery_minutes",
        value = oldest_minutes,
        found,
        "deliveries that wait were looked for"
    );
    Ok(found)
}

/// Whether it is 1, 2, 4, 8, … sweeps since a delivery came.
fn is_due(age: SignedDuration) -> bool {
    u64::try_from(age.as_secs() / SWEEP_INTERVAL.as_secs()).is_ok_and(u64::is_power_of_two)
}

fn work_of(unread: &Unread) -> DeliveryWork {
    DeliveryWork {
        shop: unread.key.shop.to_string(),
        delivery: unread.key.digest.clone(),
        waiting_since: Some(unread.received_at),
        again: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_tried_less_and_less_often() {
        let tried = (0..=400).filter(|sweeps| is_due(SWEEP_INTERVAL * *sweeps + SignedDuration::from_secs(7)));
        assert_eq!(tried.collect::<Vec<i32>>(), [1, 2, 4, 8, 16, 32, 64, 128, 256]);
    }
}

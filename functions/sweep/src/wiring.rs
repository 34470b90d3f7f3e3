//! The function as Lambda runs it.

use crate::Sweep;
use rekindle_platform::{Clock, Platform, SettingError, WorkQueue};
use rekindle_store::{Store, Tables};

/// Customers that one run takes from a shard: 40,000 in all, well within the minute that a run has.
const LIMIT_PER_SHARD: usize = 5_000;

impl Sweep {
    /// What the environment says.
    ///
    /// # Errors
    /// A variable is missing or malformed.
    pub fn from_platform(platform: &Platform) -> Result<Self, SettingError> {
        let Platform { environment, clients } = platform;
        Ok(Self {
            store: Store::new(clients.dynamodb(), Tables::from_environment(environment)?),
            advance_queue: WorkQueue::new(clients.sqs(), environment.queue_advance_url()?),
            clock: Clock::system(),
            limit_per_shard: LIMIT_PER_SHARD,
        })
    }
}

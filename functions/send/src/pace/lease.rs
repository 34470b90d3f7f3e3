//! Leases of slots, at the rate that the provider reports.

use super::{CLAIM_LEAD, Pace};
use crate::limits::Limit;
use crate::providers;
use jiff::{SignedDuration, Timestamp};
use rekindle_platform::queue::MAX_DELAY_SECONDS;
use rekindle_store::StoreError;
use rekindle_store::sending::rate::{Leased, SendingLimit, Wanted};

/// How long no message goes out after the provider said that the day's quota is used up.
pub(crate) const QUOTA_CHECK_INTERVAL: SignedDuration = SignedDuration::from_mins(15);
/// The shortest time after which a message returns that waits for its shop's own limit.
const MIN_RETRY_DELAY: SignedDuration = SignedDuration::from_secs(1);

impl Pace<'_> {
    /// One slot under a limit, from now on, as long as the batch waits.
    pub(super) fn wanted(&self, limit: &Limit) -> Wanted {
        let now = self.sender.clock.precise_now();
        Wanted { count: 1, from: now + CLAIM_LEAD, until: self.until, cap: limit.cap, now }
    }

    /// Leases up to `count` consecutive slots, none of them before `from`.
    pub(super) async fn lease(&self, limit: &Limit, count: u32, from: Timestamp) -> Result<Leased, StoreError> {
        let wanted = self.wanted(limit);
        if limit.of.is_told_by_provider() {
            self.learn_quota(&limit.of, wanted.now).await?;
        }
        self.sender.store.lease_slots(&limit.of, Wanted { count, from: from.max(wanted.from), ..wanted }).await
    }

    /// Reserves `count` retry times under a shop's own limit, as far ahead as the queue can delay a message; messages beyond
    /// that all get the last one.
    pub(super) async fn retry_times(
        &self,
        limit: &Limit,
        count: u32,
    ) -> Result<impl Iterator<Item = Timestamp> + use<>, StoreError> {
        let now = self.sender.clock.precise_now();
        let until = now + SignedDuration::from_secs(MAX_DELAY_SECONDS.into());
        let wanted = Wanted { count, from: now + MIN_RETRY_DELAY, until, cap: limit.cap, now };
        let (times, last) = match self.sender.store.reserve_retry_times(&limit.of, wanted).await? {
            Leased::Slots(times) => (times.each().collect(), until),
            Leased::Later(last) => (Vec::new(), last),
        };
        Ok(times.into_iter().chain(std::iter::repeat(last)))
    }

    /// Asks the provider what it allows, if it is this sender's turn to ask.
    async fn learn_quota(&self, limit: &SendingLimit, now: Timestamp) -> Result<(), StoreError> {
        let store = &self.sender.store;
        if !store.should_ask_rate(limit, now).await? {
            return Ok(());
        }
        match providers::quota(self.sender, limit.channel).await {
            None => {}
            Some(Ok(quota)) => {
                store.note_allowed_rate(limit, quota.per_second, now).await?;
                if quota.used_up {
                    tracing::warn!("all mails that SES takes in 24 hours were sent; the others wait");
                    store.hold_sending(limit, now + QUOTA_CHECK_INTERVAL).await?;
                }
            }
            Some(Err(error)) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "mails go out at the rate that was known, or at one a second"
            ),
        }
        Ok(())
    }
}

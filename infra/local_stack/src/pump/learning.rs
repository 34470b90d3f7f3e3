//! The schedule of `insight`.

use super::Pump;
use insight::InsightError;
use jiff::{SignedDuration, Timestamp};

/// Time between two looks whether the day's pass over the histories is finished.
const LEARN_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

impl Pump {
    /// Learns from the shops' histories, unless that is done for this day. In real time it comes by itself; in virtual time, where every
    /// day would take a pass, only when it is called.
    ///
    /// # Errors
    /// The tables cannot be read or written.
    pub async fn learn(&self) -> Result<(), InsightError> {
        insight::handle(&self.stack.handlers.insight).await.map(drop)
    }

    /// Learns if the last time is an hour ago.
    pub(super) async fn learn_hourly(&mut self, now: Timestamp) {
        if self.learned_at.is_some_and(|last| now.duration_since(last).abs() < LEARN_INTERVAL) {
            return;
        }
        self.learned_at = Some(now);
        if let Err(error) = self.learn().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the histories are learned from later");
        }
    }
}

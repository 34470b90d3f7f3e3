//! The turn of one message: its slot, and the hand-over at it.

use super::lease::QUOTA_CHECK_INTERVAL;
use super::{CLAIM_LEAD, Pace};
use crate::limits::Limits;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_store::StoreError;
use rekindle_store::sending::rate::Leased;

/// How late after its slot a message may still be handed over.
const MAX_LATE: SignedDuration = SignedDuration::from_millis(10);

/// The turn of one message.
#[must_use = "a slot that is not used is lost"]
pub struct Turn<'p> {
    pace: &'p Pace<'p>,
    /// None where no provider limits the channel.
    slot: Option<(Limits, Timestamp)>,
}

impl<'p> Turn<'p> {
    /// A turn at any time.
    pub(super) fn free(pace: &'p Pace<'p>) -> Self {
        Self { pace, slot: None }
    }

    /// The turn at a leased slot.
    pub(super) fn at(pace: &'p Pace<'p>, limits: Limits, slot: Timestamp) -> Self {
        Self { pace, slot: Some((limits, slot)) }
    }

    /// Runs `attempt` at the slot, and slows all senders down if the provider says that it was too fast. Where no slot can be
    /// had in time any more, nothing is attempted and the outcome says so.
    pub async fn hand_over(self, attempt: impl Future<Output = AttemptOutcome>) -> AttemptOutcome {
        let Self { pace, slot } = self;
        let Some((limits, slot)) = slot else { return attempt.await };
        match wait_for_slot(pace, &limits, slot).await {
            Ok(true) => {
                let outcome = attempt.await;
                slow_down(pace, &limits, &outcome).await;
                outcome
            }
            Ok(false) => AttemptOutcome::TooFast { reason: "its turn had passed when it was claimed".to_owned() },
            Err(error) => AttemptOutcome::RejectedForNow { reason: error.to_string() },
        }
    }
}

/// Waits for the slot. A message that misses it because its claim took long gets another one: messages that were held up
/// together must not be handed over together. Answers whether there was a slot in time.
async fn wait_for_slot(pace: &Pace<'_>, limits: &Limits, mut slot: Timestamp) -> Result<bool, StoreError> {
    let clock = &pace.sender.clock;
    let mut lead = CLAIM_LEAD;
    loop {
        clock.wait_until(slot).await;
        let now = clock.precise_now();
        if now.duration_since(slot) <= MAX_LATE {
            return Ok(true);
        }
        if limits.own.is_some() {
            return Ok(false);
        }
        lead *= 2;
        match pace.lease(&limits.account, 1, now + lead).await? {
            Leased::Slots(slots) => slot = slots.first,
            Leased::Later(_) => return Ok(false),
        }
    }
}

/// Makes all senders of the channel slow down or wait if the provider accepted no more.
async fn slow_down(pace: &Pace<'_>, limits: &Limits, outcome: &AttemptOutcome) {
    let (store, account, now) = (&pace.sender.store, &limits.account, pace.sender.clock.now());
    let noted = match outcome {
        AttemptOutcome::TooFast { .. } => store.cut_sending_rate(&account.of, account.cap, now).await,
        AttemptOutcome::QuotaUsedUp { .. } => store.hold_sending(&account.of, now + QUOTA_CHECK_INTERVAL).await,
        _ => Ok(()),
    };
    if let Err(error) = noted {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the rate could not be cut; the provider says so again"
        );
    }
}

//! Stopping a shop whose messages come back or are called spam too often, before the provider stops the whole account.

use crate::Feedback;
use crate::report::FeedbackError;
use rekindle_lifecycle::id::{ShopId, short_digest};
use rekindle_lifecycle::reputation::{Harm, MailOutcome};
use rekindle_messaging::CloudEvent;
use rekindle_store::sending::pause::{PauseCause, SendingPaused};
use serde_json::json;

/// The type of the event that announces it.
const SENDING_PAUSED: &str = "rekindle.sending.paused";

impl Feedback {
    /// Counts the outcomes of a shop's messages, and stops the shop's sending if too many of the latest ones were harmful. If
    /// this is cut off, the next report of a harm, or the same one again, does it.
    pub(crate) async fn judge(&self, shop: &ShopId, outcomes: &[MailOutcome]) -> Result<(), FeedbackError> {
        let now = self.clock.now();
        let reputation = self.store.count_outcomes(shop, outcomes, now).await?;
        let mails = reputation.mails();
        let why = match reputation.too_many() {
            None => return Ok(()),
            Some(Harm::Bounce) => PauseCause::Bounces { count: reputation.bounces(), mails },
            Some(Harm::Complaint) => PauseCause::Complaints { count: reputation.complaints(), mails },
        };
        let pause = self.store.pause_sending(shop, &why, now).await?;
        if pause.announced {
            return Ok(());
        }
        tracing::error!(
            metric = "shops_stopped",
            value = 1,
            shop = shop.as_str(),
            why = %pause.why,
            "the shop's sending is stopped until it is resumed"
        );
        match self.events.publish(&event(shop, &pause)).await {
            Ok(()) => Ok(self.store.note_pause_announced(shop, &pause).await?),
            Err(error) if error.is_passing() => Err(error.into()),
            Err(error) => {
                // Delivering the report again would not help, and the shop is stopped.
                tracing::error!(error = %error, "it was not announced that the shop is stopped");
                Ok(())
            }
        }
    }
}

/// The event that announces a pause. The same pause is always the same event.
fn event(shop: &ShopId, pause: &SendingPaused) -> CloudEvent {
    let id = short_digest(&[SENDING_PAUSED, shop.as_str(), &pause.at.to_string()], 26);
    let data = json!({ "shop": shop, "paused_at": pause.at, "reason": pause.why.to_string(), "figures": pause.why });
    CloudEvent::of_shop(shop, SENDING_PAUSED, id, pause.at, data).about(shop.as_str())
}

//! Whether the shop sends, and how fast at most. Sending is paused by the shop's own bounces and complaints or by hand, and
//! resumed by hand.

use jiff::Timestamp;
use rekindle_admin_api::Problem;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::Store;
use rekindle_store::sending::limits::{SENDING_LIMITS, SendingLimits};
use rekindle_store::sending::pause::PauseCause;
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of a change.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    paused: bool,
    /// The reason, for people who read it later.
    #[serde(default)]
    note: String,
    /// How fast the shop sends at most. Without it the stored limits stay.
    limits: Option<SendingLimits>,
}

/// Whether the shop sends, and if not, since when and why; and its limits.
pub(crate) async fn get(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    let pause = store.sending_paused(shop).await?;
    let limits = store.sending_limits(shop).await?;
    Ok(json!({ "paused": pause.is_some(), "pause": pause, "limits": limits }))
}

/// Pauses or resumes the shop's sending. Functions follow within a minute.
pub(crate) async fn put(store: &Store, shop: &ShopId, text: &str, now: Timestamp) -> Result<Value, Problem> {
    let change: Change = serde_json::from_str(text).map_err(|error| Problem::refused(error.to_string()))?;
    if let Some(limits) = change.limits {
        if let Some(name) = limits.first_invalid() {
            return Err(Problem::refused(format!("limits.{name} must be above 0 and at most 100000 a second")));
        }
        store.put_setting(shop, SENDING_LIMITS, &json!(limits)).await?;
    }
    if change.paused {
        store.pause_sending(shop, &PauseCause::ByHand { note: change.note }, now).await?;
    } else {
        store.resume_sending(shop, now).await.map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "sending could not be resumed");
            Problem::unavailable()
        })?;
    }
    get(store, shop).await
}

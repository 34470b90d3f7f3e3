//! Whether the shop sends, and how fast at most. Sending is paused by hand or by the engine, because of the shop's bounces and
//! complaints, and resumed by hand: what the engine stopped, only after some days, or by the operator of the stack.

use jiff::Timestamp;
use rekindle_admin_api::Problem;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::Store;
use rekindle_store::sending::limits::{SENDING_LIMITS, SendingLimits};
use rekindle_store::sending::pause::{LiftedBy, PauseCause, Resumed, SendingPaused};
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
    let from = pause.as_ref().and_then(SendingPaused::shop_may_lift_from);
    Ok(json!({ "paused": pause.is_some(), "pause": pause, "may_resume_from": from, "limits": limits }))
}

/// Pauses or resumes the shop's sending. Functions follow within a minute.
pub(crate) async fn put(store: &Store, shop: &ShopId, text: &str, now: Timestamp) -> Result<Value, Problem> {
    let change: Change = serde_json::from_str(text).map_err(|error| Problem::refused(error.to_string()))?;
    if let Some(name) = change.limits.as_ref().and_then(SendingLimits::first_invalid) {
        return Err(Problem::refused(format!("limits.{name} must be above 0 and at most 100000 a second")));
    }
    if change.paused {
        store.pause_sending(shop, &PauseCause::ByHand { note: change.note }, now).await?;
    } else {
        resume(store, shop, now).await?;
    }
    if let Some(limits) = change.limits {
        store.put_setting(shop, SENDING_LIMITS, &json!(limits)).await?;
    }
    get(store, shop).await
}

async fn resume(store: &Store, shop: &ShopId, now: Timestamp) -> Result<(), Problem> {
    let resumed = store.resume_sending(shop, LiftedBy::Shop, now).await.map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "sending could not be resumed");
        Problem::unavailable()
    })?;
    let Resumed::Held(pause) = resumed else { return Ok(()) };
    let operator = format!("the operator of the stack can resume it: rekindle shop resume {shop}");
    let when = match pause.shop_may_lift_from() {
        Some(from) => format!("It can be resumed here from {from} on; before that, {operator}"),
        None => format!("Only {operator}"),
    };
    Err(Problem::in_use(format!("The shop was stopped at {}: {}. {when}", pause.at, pause.why)))
}

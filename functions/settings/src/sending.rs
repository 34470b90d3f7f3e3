//! How fast the shop sends at most, and whether it sends at all: stopped by its own bounces and complaints, or by somebody, and let go by somebody.

use jiff::Timestamp;
use rekindle_admin_api::Problem;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::Store;
use rekindle_store::sending::limits::{SENDING_LIMITS, SendingLimits};
use rekindle_store::sending::pause::PauseCause;
use serde::Deserialize;
use serde_json::{Value, json};

/// What somebody wants.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    paused: bool,
    /// Why, for those who read it later.
    #[serde(default)]
    note: String,
    /// How fast the shop wants to send at most; without it that stays as it is.
    limits: Option<SendingLimits>,
}

/// Whether the shop sends, and if not, since when and why.
pub(crate) async fn read(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    let pause = store.sending_paused(shop).await?;
    let limits = store.sending_limits(shop).await?;
    Ok(json!({ "paused": pause.is_some(), "pause": pause, "limits": limits }))
}

/// Stops the shop's sending or lets it go on. Functions follow within a minute.
pub(crate) async fn write(store: &Store, shop: &ShopId, text: &str, now: Timestamp) -> Result<Value, Problem> {
    let wish: Wish = serde_json::from_str(text).map_err(|error| Problem::refused(error.to_string()))?;
    if let Some(limits) = wish.limits {
        if let Some(name) = limits.first_bad() {
            return Err(Problem::refused(format!("limits.{name} must be above 0 and at most 100000 a second")));
        }
        store.put_setting(shop, SENDING_LIMITS, &json!(limits)).await?;
    }
    if wish.paused {
        store.pause_sending(shop, &PauseCause::ByHand { note: wish.note }, now).await?;
    } else {
        store.resume_sending(shop, now).await.map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "a shop could not be let go");
            Problem::unavailable()
        })?;
    }
    read(store, shop).await
}

//! Whether the shop sends at all: stopped by its own bounces and complaints, or by somebody, and let go by somebody.

use crate::problem::Problem;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::Store;
use rekindle_store::sending_pause::PauseCause;
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
}

/// Whether the shop sends, and if not, since when and why.
pub(crate) async fn read(store: &Store, shop: &ShopId) -> Result<Value, Problem> {
    let pause = store.sending_paused(shop).await?;
    Ok(json!({ "paused": pause.is_some(), "pause": pause }))
}

/// Stops the shop's sending or lets it go on. Functions follow within a minute.
pub(crate) async fn write(store: &Store, shop: &ShopId, text: &str, now: Timestamp) -> Result<Value, Problem> {
    let wish: Wish = serde_json::from_str(text).map_err(|error| Problem::refused(error.to_string()))?;
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

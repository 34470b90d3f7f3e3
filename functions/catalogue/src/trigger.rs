//! The trigger beside HTTP: the schedule by which feeds are fetched.

use crate::Catalogue;
use crate::fetching::{FetchedFeeds, fetch_due};
use rekindle_platform::batch::is_from_schedule;
use rekindle_store::StoreError;
use serde_json::{Value, json};

/// Why an invocation failed as a whole. The next one begins anew.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    /// Not a schedule's event.
    #[error("the event is neither a request nor from a schedule")]
    Unknown,
    /// The list cannot be read.
    #[error("the feeds that are due cannot be read")]
    Store(#[from] StoreError),
}

/// Handles an event of the schedule: fetches the feeds that are due.
///
/// # Errors
/// It is another event, or the list of feeds cannot be read.
pub async fn handle_event(catalogue: &Catalogue, event: &Value) -> Result<Value, TriggerError> {
    if !is_from_schedule(event) {
        return Err(TriggerError::Unknown);
    }
    let FetchedFeeds { fetched, failed, left } = fetch_due(catalogue).await?;
    Ok(json!({ "fetched": fetched, "failed": failed, "left": left }))
}

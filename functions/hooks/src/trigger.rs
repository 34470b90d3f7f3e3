//! The triggers of `hooks` beside HTTP: the queue of deliveries, and the schedule.

use crate::Hooks;
use crate::sweep::{SweepError, sweep};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use rekindle_platform::batch::{each_message, is_from_schedule};
use rekindle_store::work::DeliveryWork;
use serde_json::{Value, json};

/// Deliveries that are read at the same time.
const CONCURRENCY: usize = 4;

/// Why an invocation failed as a whole. It is repeated.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    /// Neither a batch of a queue nor a schedule's event.
    #[error("the event is neither a batch of the queue nor from a schedule")]
    Unknown(#[source] serde_json::Error),
    /// The sweep failed.
    #[error("the deliveries that wait were not all put on the queue")]
    Sweep(#[from] SweepError),
}

/// Reads the deliveries of a batch and answers which of them have to be read again (the mapping must have `ReportBatchItemFailures` on).
pub async fn handle_queue(hooks: &Hooks, event: SqsEvent) -> SqsBatchResponse {
    each_message(event, CONCURRENCY, async |work: DeliveryWork| {
        hooks.read_delivery(&work).await.map(|progress| tracing::info!(?progress, "a delivery was read"))
    })
    .await
}

/// Handles every event that is no HTTP request: a schedule's sweeps, all others are batches.
///
/// # Errors
/// The invocation has to be repeated.
pub async fn handle_event(hooks: &Hooks, event: Value) -> Result<Value, TriggerError> {
    if is_from_schedule(&event) {
        return Ok(json!({ "found": sweep(hooks).await? }));
    }
    let batch = serde_json::from_value(event).map_err(TriggerError::Unknown)?;
    serde_json::to_value(handle_queue(hooks, batch).await).map_err(TriggerError::Unknown)
}

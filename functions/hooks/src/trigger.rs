//! The triggers of `hooks` beside HTTP: the queue of deliveries, and the schedule.

use crate::Hooks;
use crate::sweep::{SweepError, sweep};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use rekindle_platform::batch::{each_message, is_from_schedule};
use rekindle_platform::suspects::Turns;
use rekindle_store::work::DeliveryWork;
use serde_json::{Value, json};

/// Deliveries that are read at the same time.
const CONCURRENCY: usize = 4;
/// Most messages that a batch of a queue has, by SQS's limit for batches without a window.
const MAX_QUEUE_BATCH: usize = 10;

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
/// One that was received before is read alone, after the others are done: it may be what stopped the function.
pub async fn handle_queue(hooks: &Hooks, event: SqsEvent) -> SqsBatchResponse {
    let mut turns = Turns::new(&hooks.queue, event, MAX_QUEUE_BATCH, shop_of);
    while let Some(part) = turns.next_part() {
        let answer = each_message(part, CONCURRENCY, async |work: DeliveryWork| {
            hooks.read_delivery(&work).await.map(|progress| tracing::info!(?progress, "a delivery was read"))
        })
        .await;
        turns.note(answer).await;
    }
    turns.answer()
}

/// The shop of a delivery as it is on the queue, or nothing of what is none.
fn shop_of(body: &str) -> String {
    serde_json::from_str(body).map_or_else(|_| String::new(), |work: DeliveryWork| work.shop)
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

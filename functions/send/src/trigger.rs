//! The triggers of `send`: the queue of messages, and the schedule of the canary.

use crate::batch::send_batch;
use crate::{CanaryError, Sender};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use rekindle_platform::batch::is_from_schedule;
use serde_json::{Value, json};

/// Why an invocation failed as a whole. It is repeated.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    /// Neither a batch of a queue nor a schedule's event.
    #[error("the event is neither a batch of the queue nor from a schedule")]
    Unknown(#[source] serde_json::Error),
    /// The canary was not accepted.
    #[error(transparent)]
    Canary(#[from] CanaryError),
}

/// Handles one batch and answers which of its messages have to be delivered again.
pub async fn handle(sender: &Sender, event: SqsEvent) -> SqsBatchResponse {
    send_batch(sender, event).await
}

/// Handles every event that triggers the function: a schedule's sends a canary, all others are batches.
///
/// # Errors
/// The invocation has to be repeated.
pub async fn handle_any(sender: &Sender, event: Value) -> Result<Value, TriggerError> {
    if is_from_schedule(&event) {
        sender.canary().await?;
        return Ok(json!({}));
    }
    let batch = serde_json::from_value(event).map_err(TriggerError::Unknown)?;
    serde_json::to_value(handle(sender, batch).await).map_err(TriggerError::Unknown)
}

//! The triggers of `feedback`: the queue of reports and texts, and the schedule of the mirror.

use crate::{Feedback, MirrorError, Mirrored};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use rekindle_platform::batch::{failures, is_from_schedule};
use serde_json::{Value, json};

/// Why an invocation failed as a whole. It is repeated.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    /// Neither a batch of a queue nor a schedule's event.
    #[error("the event is neither a batch of the queue nor from a schedule")]
    Unknown(#[source] serde_json::Error),
    /// The mirror failed.
    #[error("the opt-outs were not mirrored to the end")]
    Mirror(#[from] MirrorError),
}

/// Handles one batch and answers which of its events have to be delivered again (the mapping must have
/// `ReportBatchItemFailures` on).
pub async fn handle(feedback: &Feedback, event: SqsEvent) -> SqsBatchResponse {
    failures(feedback.process_batch(event.records).await.failed)
}

/// Handles every event that triggers the function: a schedule's mirrors the opt-outs, all others are batches.
///
/// # Errors
/// The invocation has to be repeated.
pub async fn handle_any(feedback: &Feedback, event: Value) -> Result<Value, TriggerError> {
    if is_from_schedule(&event) {
        let mirrored = feedback.mirror_opt_outs().await?;
        let Mirrored { numbers, closed, unfinished } = mirrored;
        return Ok(json!({ "numbers": numbers, "closed": closed, "unfinished": unfinished }));
    }
    let batch = serde_json::from_value(event).map_err(TriggerError::Unknown)?;
    serde_json::to_value(handle(feedback, batch).await).map_err(TriggerError::Unknown)
}

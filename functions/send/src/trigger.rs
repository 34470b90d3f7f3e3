//! The trigger of `send`: the queue of messages.

use crate::Sender;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use futures::{StreamExt, stream};
use rekindle_store::work::SendWork;

/// Messages brought on at once within one invocation.
const AT_ONCE: usize = 8;

/// Handles one batch and answers which of its messages have to be delivered again (the mapping must have
/// `ReportBatchItemFailures` on).
pub async fn handle(sender: &Sender, event: SqsEvent) -> SqsBatchResponse {
    let failures = stream::iter(event.records)
        .map(|record| async move {
            let id = record.message_id.unwrap_or_default();
            let work = record.body.and_then(|body| serde_json::from_str::<SendWork>(&body).ok());
            let Some((key, message)) = work.and_then(|work| work.keys()) else {
                tracing::error!(message_id = id, "not a message to send; it goes to the dead letters");
                return Some(id);
            };
            let error = sender.message(&key, &message).await.err()?;
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                message = message.as_str(),
                "the message stays on the queue"
            );
            Some(id)
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(|failed| async { failed });
    let mut answer = SqsBatchResponse::default();
    answer.batch_item_failures = failures.map(failure).collect().await;
    answer
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}

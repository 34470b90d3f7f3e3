//! The trigger of `send`: the queue of messages.

use crate::{SendError, Sender};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use rekindle_platform::batch::each_message;
use rekindle_store::work::SendWork;

/// Messages brought on at once within one invocation.
const AT_ONCE: usize = 8;

/// Handles one batch and answers which of its messages have to be delivered again.
pub async fn handle(sender: &Sender, event: SqsEvent) -> SqsBatchResponse {
    each_message(event, AT_ONCE, |work: SendWork| async move {
        let (key, message) = work.keys().ok_or(SendError::NoSuchKey)?;
        sender.message(&key, &message).await.map(|_| ())
    })
    .await
}

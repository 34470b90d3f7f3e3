//! Handling a batch from an SQS queue message by message: one that fails, cannot be read or panics is
//! reported by its id and delivered again; its neighbours are not affected.

use crate::spans;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use futures::{FutureExt, StreamExt, stream};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::error::Error;
use std::panic::AssertUnwindSafe;
use tracing::Instrument;

/// What EventBridge Scheduler and EventBridge rules call themselves.
const SCHEDULES: [&str; 2] = ["aws.scheduler", "aws.events"];

/// Whether an event is a schedule's, and no batch.
#[must_use]
pub fn is_from_schedule(event: &Value) -> bool {
    event["source"].as_str().is_some_and(|source| SCHEDULES.contains(&source))
}

/// Does the work of each message of a batch, `at_once` of them at a time, each in a span of its own, and answers which
/// messages have to be delivered again (the mapping must have `ReportBatchItemFailures` on).
pub async fn each_message<W, E, F>(event: SqsEvent, at_once: usize, work: impl Fn(W) -> F) -> SqsBatchResponse
where
    W: DeserializeOwned,
    E: Error + 'static,
    F: Future<Output = Result<(), E>>,
{
    let failed = stream::iter(event.records)
        .map(|record| {
            let id = record.message_id.unwrap_or_default();
            let span = spans::queue_message(&id);
            let item = serde_json::from_str::<W>(record.body.as_deref().unwrap_or_default());
            let done = item.map(|item| guarded(work(item)));
            let handled = async move {
                match done {
                    Err(_) => tracing::error!("the message cannot be read; it goes to the dead letters"),
                    Ok(done) => match done.await {
                        Some(Ok(())) => return None,
                        Some(Err(error)) => {
                            tracing::warn!(error = &error as &dyn Error, "the message stays on the queue");
                        }
                        None => tracing::error!("the work on a message panicked; the message stays on the queue"),
                    },
                }
                Some(id)
            };
            handled.instrument(span)
        })
        .buffer_unordered(at_once)
        .filter_map(|failed| async { failed });
    failures(failed.collect::<Vec<_>>().await)
}

/// The result of some work, or nothing if it panicked.
pub async fn guarded<T>(work: impl Future<Output = T>) -> Option<T> {
    AssertUnwindSafe(work).catch_unwind().await.ok()
}

/// The answer that asks for these messages again.
#[must_use]
pub fn failures(message_ids: Vec<String>) -> SqsBatchResponse {
    let mut answer = SqsBatchResponse::default();
    answer.batch_item_failures = message_ids
        .into_iter()
        .map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        })
        .collect();
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, thiserror::Error)]
    #[error("not today")]
    struct NotToday;

    #[tokio::test]
    async fn only_failed_messages_are_retried() {
        let record = |id: &str, body: &str| json!({ "messageId": id, "body": body });
        let records = [
            record("good", "1"),
            record("bad", "2"),
            record("broken", "{"),
            record("panic", "3"),
            record("also good", "4"),
        ];
        let event: SqsEvent = serde_json::from_value(json!({ "Records": records })).expect("an event");
        let answer = each_message(event, 2, |number: u8| async move {
            match number {
                2 => Err(NotToday),
                3 => panic!("a bug"),
                _ => Ok(()),
            }
        })
        .await;
        let mut ids: Vec<_> =
            answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["bad", "broken", "panic"]);
    }
}

//! The trigger of `feedback`: the queue of provider events.

use crate::ses_event::{self, SesEvent, Unread};
use crate::{Feedback, Taken};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use rekindle_lifecycle::id::MessageId;
use rekindle_platform::batch::failures;
use std::collections::BTreeMap;

/// Messages whose events are taken in at once within one invocation.
const AT_ONCE: usize = 8;

/// Handles one batch and answers which of its events have to be delivered again (the mapping must have
/// `ReportBatchItemFailures` on).
pub async fn handle(feedback: &Feedback, event: SqsEvent) -> SqsBatchResponse {
    // The events of one message one after the other, the highest first: the others then say nothing new.
    let mut by_message: BTreeMap<MessageId, Vec<(String, SesEvent)>> = BTreeMap::new();
    let mut failed = Vec::new();
    for record in event.records {
        let id = record.message_id.unwrap_or_default();
        match ses_event::read(record.body.as_deref().unwrap_or_default()) {
            Ok(event) => by_message.entry(event.message.clone()).or_default().push((id, event)),
            Err(Unread::NotOurs) => tracing::info!(message_id = id, "an event about a mail that is not ours"),
            Err(error) => {
                tracing::error!(message_id = id, error = %error, "it goes to the dead letters");
                failed.push(id);
            }
        }
    }
    let mut through: Option<Timestamp> = None;
    let outcomes: Vec<_> = stream::iter(by_message.into_values())
        .map(|mut events| async move {
            events.sort_by_key(|(_, event)| std::cmp::Reverse(event.report));
            let reported: Vec<&SesEvent> = events.iter().map(|(_, event)| event).collect();
            let outcomes = feedback.reports(&reported).await;
            let told = events.into_iter().map(|(id, event)| (id, event.sent_at));
            told.zip(outcomes).map(|((id, sent_at), outcome)| (id, sent_at, outcome)).collect::<Vec<_>>()
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    for (id, sent_at, outcome) in outcomes.into_iter().flatten() {
        match outcome {
            Ok(taken) => {
                through = through.max(Some(sent_at));
                if taken == Taken::NoSuchMessage {
                    tracing::warn!(message_id = id, "an event about a message that does not exist");
                }
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    message_id = id,
                    "the event stays on the queue"
                );
                failed.push(id);
            }
        }
    }
    // Evidence only ever from a batch that was taken in whole: an event still to come may be of an earlier mail.
    if let Some(through) = through.filter(|_| failed.is_empty())
        && feedback.store.note_event(through).await.is_err()
    {
        tracing::warn!("how far the events have come was not noted; the next batch will");
    }
    failures(failed)
}

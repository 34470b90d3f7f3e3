//! The two triggers of `advance`: the stream of new facts and the queue of customers.

use crate::{Advance, AdvanceError};
use aws_lambda_events::event::dynamodb::Event as StreamEvent;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use futures::{StreamExt, stream};
use rekindle_lifecycle::facts::Fact;
use rekindle_platform::batch::{each_message, guarded};
use rekindle_platform::spans;
use rekindle_platform::suspects::Turns;
use rekindle_store::CustomerKey;
use rekindle_store::activity::facts::parse_fact_item;
use rekindle_store::keys;
use rekindle_store::work::{AdvanceWork, shop_of};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tracing::Instrument;

/// Customers advanced at the same time within one invocation.
const CONCURRENCY: usize = 8;
/// Most messages that a batch of a queue has, by SQS's limit for batches without a window.
const MAX_QUEUE_BATCH: usize = 10;

/// The event does not come from the stream or the queue.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    /// It comes from another source.
    #[error("the event comes from {0:?}; this function is triggered by DynamoDB streams and SQS only")]
    UnknownSource(String),
    /// It does not have the form of its source.
    #[error("the event is not of the form its source gives")]
    Malformed(#[from] serde_json::Error),
}

/// Handles one batch and answers which of its records have to be delivered again (the mapping must have
/// `ReportBatchItemFailures` on).
///
/// # Errors
/// The event cannot be read at all.
pub async fn handle(advance: &Advance, event: Value) -> Result<Value, TriggerError> {
    let source = event["Records"][0]["eventSource"].as_str().unwrap_or_default();
    match source {
        "aws:dynamodb" => Ok(stream_batch(advance, serde_json::from_value(event)?).await),
        "aws:sqs" => {
            let answer = queue_batch(advance, serde_json::from_value(event)?).await;
            Ok(serde_json::to_value(answer)?)
        }
        other => Err(TriggerError::UnknownSource(other.to_owned())),
    }
}

/// Advances each customer of the batch once, with all their new facts. A customer who cannot be advanced now
/// goes to the queue; only if that fails too, the stream has to deliver the batch again.
async fn stream_batch(advance: &Advance, event: StreamEvent) -> Value {
    let first = event.records.first().and_then(|record| record.change.sequence_number.clone());
    let mut by_customer: BTreeMap<String, (CustomerKey, Vec<Fact>)> = BTreeMap::new();
    let mut to_recount: Vec<AdvanceWork> = Vec::new();
    for record in event.records {
        if record.event_name != "INSERT" || !is_fact(&record.change.keys) {
            continue;
        }
        match parse_fact_item(record.change.new_image) {
            Ok((key, fact)) => by_customer.entry(key.pk()).or_insert_with(|| (key, Vec::new())).1.push(fact),
            // The table has the fact itself: its customer is counted again from there.
            Err(_) => to_recount.extend(recount_of(&record.change.keys)),
        }
    }
    if !to_recount.is_empty() {
        let records = to_recount.len();
        tracing::error!(
            records,
            "records of the stream cannot be read; their customers go to the queue to be counted again"
        );
        to_recount.sort_by(|one, other| one.customer.cmp(&other.customer));
        to_recount.dedup();
    }
    let failed: Vec<AdvanceWork> = stream::iter(by_customer.into_values())
        .map(|(key, facts)| {
            let advanced = async move {
                advance.note_customer(&key);
                match guarded(advance.advance_customer(&key, &facts, false)).await {
                    Some(Ok(())) => return None,
                    Some(Err(error)) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "a customer goes to the queue to be counted again");
                    }
                    None => {
                        tracing::error!("advancing a customer panicked; they go to the queue to be counted again");
                    }
                }
                Some(AdvanceWork { recount: true, ..AdvanceWork::on(&key) })
            };
            advanced.instrument(spans::stream_customer())
        })
        .buffer_unordered(CONCURRENCY)
        .filter_map(|failed| async { failed })
        .collect()
        .await;
    to_recount.extend(failed);
    let failed = to_recount;
    let mut failures = Vec::new();
    if !failed.is_empty() && advance.advance_queue.put_all(&failed).await.is_err() {
        tracing::error!(
            customers = failed.len(),
            "customers reached neither their record nor the queue; the batch is repeated"
        );
        failures.extend(first.map(|sequence_number| json!({ "itemIdentifier": sequence_number })));
    }
    json!({ "batchItemFailures": failures })
}

async fn queue_batch(advance: &Advance, event: SqsEvent) -> SqsBatchResponse {
    let mut turns = Turns::new(&advance.advance_queue, event, MAX_QUEUE_BATCH, shop_of);
    while let Some(part) = turns.next_part() {
        let answer = each_message(part, CONCURRENCY, |work: AdvanceWork| async move {
            let key = work.customer().ok_or(AdvanceError::NoSuchKey)?;
            advance.note_customer(&key);
            advance.advance_customer(&key, &[], work.recount).await
        })
        .await;
        turns.note(answer).await;
    }
    turns.answer()
}

impl Advance {
    /// Names the customer in the span of the unit of work.
    fn note_customer(&self, key: &CustomerKey) {
        spans::note_customer(&key.shop, &self.link_keys.customer_fingerprint(&key.shop, &key.customer));
    }
}

/// The work of counting the customer of a record again; nothing if its key is no customer's.
fn recount_of(record_key: &serde_dynamo::Item) -> Option<AdvanceWork> {
    let Some(serde_dynamo::AttributeValue::S(pk)) = record_key.get("pk") else { return None };
    CustomerKey::parse(pk).map(|key| AdvanceWork { recount: true, ..AdvanceWork::on(&key) })
}

fn is_fact(key: &serde_dynamo::Item) -> bool {
    matches!(key.get("sk"), Some(serde_dynamo::AttributeValue::S(sk)) if keys::is_fact(sk))
}

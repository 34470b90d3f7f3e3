//! Reads and unconditional writes of many items.

use crate::store::Store;
use crate::table::calls::Item;
use crate::table::capacity::Capacity;
use crate::table::error::StoreError;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, PutRequest, ReturnConsumedCapacity, WriteRequest};
use futures::{StreamExt, TryStreamExt, stream};
use rekindle_platform::retry::BackOff;
use std::collections::HashSet;
use std::time::Duration;

/// Maximum number of items in a batch write, by DynamoDB's limit.
const MAX_BATCH_LEN: usize = 25;
/// Maximum number of items in a batch read, by DynamoDB's limit.
pub(crate) const MAX_READ_LEN: usize = 100;
/// Batches written in parallel.
const CONCURRENCY: usize = 4;
/// Maximum number of repetitions for what a batch left unprocessed.
const MAX_REPETITIONS: u32 = 6;
/// Pauses before the repetitions.
const BACK_OFF: BackOff = BackOff { first: Duration::from_millis(50), longest: Duration::from_secs(1) };

impl Store {
    /// Writes items unconditionally, 25 at a time, items with the same key once.
    pub(crate) async fn put_items(&self, table: &str, items: Vec<Item>) -> Result<(), StoreError> {
        let mut seen = HashSet::new();
        let mut requests = Vec::with_capacity(items.len());
        for item in items {
            let part = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
            // A batch with the same key twice is refused as a whole.
            if seen.insert((part("pk"), part("sk"))) {
                let put = PutRequest::builder().set_item(Some(item)).build().expect("a put has an item");
                requests.push(WriteRequest::builder().put_request(put).build());
            }
        }
        self.write_batches(table, requests).await
    }

    /// The items of these keys, at most [`MAX_READ_LEN`] different ones, as they lately were; of those that are there, in any order.
    pub(crate) async fn get_items(&self, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut left, mut repetition) = (Vec::with_capacity(keys.len()), keys, 0);
        while !left.is_empty() {
            if repetition > MAX_REPETITIONS {
                return Err(StoreError::Throttled { operation: "BatchGetItem", source: None });
            }
            if repetition > 0 {
                tokio::time::sleep(BACK_OFF.before(repetition, table)).await;
            }
            repetition += 1;
            let request = KeysAndAttributes::builder().set_keys(Some(left)).build().expect("a request has keys");
            let answer = self
                .client
                .batch_get_item()
                .request_items(table, request)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("BatchGetItem", error))?;
            self.capacity.add_reads(answer.consumed_capacity());
            items.extend(answer.responses.unwrap_or_default().remove(table).unwrap_or_default());
            let unread = answer.unprocessed_keys.unwrap_or_default().remove(table);
            left = unread.map(|unread| unread.keys).unwrap_or_default();
        }
        Ok(items)
    }

    /// Puts and deletes unconditionally, 25 at a time; no two of them may have the same key.
    pub(crate) async fn write_batches(&self, table: &str, requests: Vec<WriteRequest>) -> Result<(), StoreError> {
        let batches: Vec<Vec<WriteRequest>> = requests.chunks(MAX_BATCH_LEN).map(<[WriteRequest]>::to_vec).collect();
        stream::iter(batches)
            .map(|batch| write_batch(&self.client, &self.capacity, table, batch))
            .buffer_unordered(CONCURRENCY)
            .try_collect()
            .await
    }
}

async fn write_batch(
    client: &Client,
    capacity: &Capacity,
    table: &str,
    batch: Vec<WriteRequest>,
) -> Result<(), StoreError> {
    let mut left = batch;
    for repetition in 0..=MAX_REPETITIONS {
        if repetition > 0 {
            tokio::time::sleep(BACK_OFF.before(repetition, &first_key(&left))).await;
        }
        let answer = client
            .batch_write_item()
            .request_items(table, left)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("BatchWriteItem", error))?;
        capacity.add_writes(answer.consumed_capacity());
        left = answer.unprocessed_items.and_then(|mut tables| tables.remove(table)).unwrap_or_default();
        if left.is_empty() {
            return Ok(());
        }
    }
    Err(StoreError::Throttled { operation: "BatchWriteItem", source: None })
}

/// The key of the first item that is left: it distinguishes callers that retry at the same time.
fn first_key(left: &[WriteRequest]) -> String {
    let item = left.first().and_then(|request| match (request.put_request(), request.delete_request()) {
        (Some(put), _) => Some(put.item()),
        (None, delete) => delete.map(DeleteRequest::key),
    });
    let part = |name: &str| item.and_then(|item| item.get(name)?.as_s().ok()).map_or("", String::as_str);
    format!("{} {}", part("pk"), part("sk"))
}

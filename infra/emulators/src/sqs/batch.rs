//! Several messages in one call. A call is refused as a whole only for faults of its own; an entry fails alone.

use super::reply::{Answer, Refusal, checksum, sent_message};
use super::request::{Entry, Input, MAX_MESSAGE_BYTES, outgoing};
use crate::{Cloud, storage};
use serde_json::{Value, json};

const MAX_ENTRIES: usize = 10;

/// `SendMessageBatch`: stores the valid entries in one transaction.
pub(super) fn send(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    check_ids(input)?;
    let size: usize = input
        .entries
        .iter()
        .map(|entry| entry.message_body.as_ref().map_or(0, String::len) + entry.message_attributes.bytes())
        .sum();
    if size > MAX_MESSAGE_BYTES {
        let message =
            format!("Batch requests cannot be longer than {MAX_MESSAGE_BYTES} bytes. You have sent {size} bytes.");
        return Err(Refusal::with_queue_code("BatchRequestTooLong", message));
    }
    let (mut entries, mut messages, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &input.entries {
        match outgoing(entry.message_body.as_deref(), entry.delay_seconds, &entry.message_attributes) {
            Ok(message) => {
                entries.push((entry, checksum(&message.body)));
                messages.push(message);
            }
            Err(refusal) => failed.push(refusal.to_batch_entry(&entry.id)),
        }
    }
    let sent = cloud.queues().send(input.queue()?, &messages)?;
    let successful: Vec<Value> = entries
        .into_iter()
        .zip(sent)
        .map(|((entry, checksum), sent)| {
            let mut output = sent_message(&sent.message_id, &checksum, &entry.message_attributes);
            output["Id"] = entry.id.as_str().into();
            output
        })
        .collect();
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

/// `DeleteMessageBatch`: deletes in one transaction.
pub(super) fn delete(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    check_ids(input)?;
    let receipt = |entry: &Entry| entry.receipt_handle.clone().unwrap_or_default();
    let (known, unknown): (Vec<_>, Vec<_>) = input
        .entries
        .iter()
        .map(|entry| (entry.id.as_str(), receipt(entry)))
        .partition(|(_, receipt)| storage::is_receipt(receipt));
    cloud.queues().delete(input.queue()?, known.iter().map(|(_, receipt)| receipt.as_str()))?;
    let successful: Vec<Value> = known.iter().map(|(id, _)| json!({ "Id": id })).collect();
    let failed: Vec<Value> = unknown.iter().map(|(id, _)| Refusal::invalid_receipt().to_batch_entry(id)).collect();
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

/// Checks that there are 1 to [`MAX_ENTRIES`] entries with ids that differ.
fn check_ids(input: &Input) -> Result<(), Refusal> {
    let entries = &input.entries;
    if entries.is_empty() {
        return Err(Refusal::with_queue_code(
            "EmptyBatchRequest",
            "There should be at least one entry in the request.",
        ));
    }
    if entries.len() > MAX_ENTRIES {
        let message =
            format!("Maximum number of entries per request are {MAX_ENTRIES}. You have sent {}.", entries.len());
        return Err(Refusal::with_queue_code("TooManyEntriesInBatchRequest", message));
    }
    let allowed = |id: &str| {
        (1..=80).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if !entries.iter().all(|entry| allowed(&entry.id)) {
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores, at most 80.";
        return Err(Refusal::with_queue_code("InvalidBatchEntryId", message));
    }
    for (at, entry) in entries.iter().enumerate() {
        if entries[..at].iter().any(|earlier| earlier.id == entry.id) {
            return Err(Refusal::with_queue_code("BatchEntryIdsNotDistinct", format!("Id {} repeated.", entry.id)));
        }
    }
    Ok(())
}

//! Several messages in one call. The call is refused as a whole only for its own faults; an entry fails alone.

use super::reply::{Refusal, checksum};
use super::request::{Input, LONGEST_MESSAGE};
use super::{Answer, outgoing, sent_message};
use crate::{Cloud, storage};
use serde_json::{Value, json};

const ENTRIES: usize = 10;

/// `SendMessageBatch`: the entries that are in order are stored in one transaction.
pub(super) fn send(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    check_ids(input)?;
    let size: usize = input
        .entries
        .iter()
        .map(|entry| entry.message_body.as_ref().map_or(0, String::len) + entry.message_attributes.bytes())
        .sum();
    if size > LONGEST_MESSAGE {
        let told = format!("Batch requests cannot be longer than {LONGEST_MESSAGE} bytes. You have sent {size} bytes.");
        return Err(Refusal::of_queues("BatchRequestTooLong", told));
    }
    let (mut entries, mut messages, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &input.entries {
        match outgoing(entry.message_body.as_deref(), entry.delay_seconds, &entry.message_attributes) {
            Ok(message) => {
                entries.push((entry, checksum(&message.body)));
                messages.push(message);
            }
            Err(refusal) => failed.push(refusal.of_entry(&entry.id)),
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

/// `DeleteMessageBatch`, in one transaction.
pub(super) fn delete(cloud: &Cloud, input: &Input, _host: &str) -> Answer {
    check_ids(input)?;
    let receipt = |entry: &'_ super::request::Entry| entry.receipt_handle.clone().unwrap_or_default();
    let (known, unknown): (Vec<_>, Vec<_>) = input
        .entries
        .iter()
        .map(|entry| (entry.id.as_str(), receipt(entry)))
        .partition(|(_, receipt)| storage::is_receipt(receipt));
    cloud.queues().delete(input.queue()?, known.iter().map(|(_, receipt)| receipt.as_str()))?;
    let successful: Vec<Value> = known.iter().map(|(id, _)| json!({ "Id": id })).collect();
    let failed: Vec<Value> = unknown.iter().map(|(id, _)| Refusal::receipt().of_entry(id)).collect();
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn check_ids(input: &Input) -> Result<(), Refusal> {
    let entries = &input.entries;
    if entries.is_empty() {
        return Err(Refusal::of_queues("EmptyBatchRequest", "There should be at least one entry in the request."));
    }
    if entries.len() > ENTRIES {
        let told = format!("Maximum number of entries per request are {ENTRIES}. You have sent {}.", entries.len());
        return Err(Refusal::of_queues("TooManyEntriesInBatchRequest", told));
    }
    let allowed = |id: &str| {
        (1..=80).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if !entries.iter().all(|entry| allowed(&entry.id)) {
        let told = "A batch entry id can only contain alphanumeric characters, hyphens and underscores, at most 80.";
        return Err(Refusal::of_queues("InvalidBatchEntryId", told));
    }
    for (at, entry) in entries.iter().enumerate() {
        if entries[..at].iter().any(|earlier| earlier.id == entry.id) {
            return Err(Refusal::of_queues("BatchEntryIdsNotDistinct", format!("Id {} repeated.", entry.id)));
        }
    }
    Ok(())
}

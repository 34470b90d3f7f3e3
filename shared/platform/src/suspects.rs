//! Keeping what stops a function away from its neighbours on a queue.
//!
//! A message that makes the process stop (no memory, no stack, no time) takes the answer about its whole batch along: all of it is
//! received again, and after a few times all of it would be dead letters. So a message that was received before is a suspect. It
//! is worked on alone, after the batch's other messages are done and deleted from the queue.
//!
//! Suspects have a rank. The longer one is on the queue, the earlier it comes: what stops the function is dead before younger
//! messages are. Suspects of the same age came together, so one of them may have stopped the others: they come shop by shop in an
//! order that turns round from one time to the next. Whatever stands before the one that stops the function in one order is done
//! then, and whatever stands behind it is before it the next time. The messages of the other shops are so done after at most three
//! deliveries, of five.

use crate::queue::WorkQueue;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use rekindle_lifecycle::id::hash;
use std::cmp::Reverse;

/// How often a message is received together with others.
const SHARED_RECEIVES: u32 = 1;

/// A batch of a queue, part by part.
#[derive(Debug)]
pub struct Turns<'q> {
    queue: &'q WorkQueue,
    /// What is still to be worked on, the next part last.
    parts: Vec<SqsEvent>,
    /// The ids of the messages that are worked on, with their receipts.
    receipts: Vec<(Option<String>, Option<String>)>,
    answer: SqsBatchResponse,
}

impl<'q> Turns<'q> {
    /// The turns of a batch of the queue. At most `at_once` messages are in a part; `shop` names the shop of a message's body.
    #[must_use]
    pub fn new(queue: &'q WorkQueue, event: SqsEvent, at_once: usize, shop: impl Fn(&str) -> String) -> Self {
        let mut parts = in_turn(event, at_once, shop);
        parts.reverse();
        Self { queue, parts, receipts: Vec::new(), answer: SqsBatchResponse::default() }
    }

    /// The messages to work on next.
    pub fn next_part(&mut self) -> Option<SqsEvent> {
        let part = self.parts.pop()?;
        self.receipts =
            part.records.iter().map(|record| (record.message_id.clone(), record.receipt_handle.clone())).collect();
        Some(part)
    }

    /// Notes which messages of the part have to be delivered again. The others are deleted from the queue if another part
    /// follows, so that a message which stops the function takes no finished one along.
    pub async fn note(&mut self, answer: SqsBatchResponse) {
        let failed = answer.batch_item_failures;
        if !self.parts.is_empty() {
            let is_done = |id: &Option<String>| !failed.iter().any(|one| Some(&one.item_identifier) == id.as_ref());
            let receipts = std::mem::take(&mut self.receipts).into_iter();
            let done: Vec<String> = receipts.filter(|(id, _)| is_done(id)).filter_map(|(_, receipt)| receipt).collect();
            if let Err(error) = self.queue.delete(&done).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "messages that are done may be delivered again");
            }
        }
        self.answer.batch_item_failures.extend(failed);
    }

    /// The answer about the whole batch.
    #[must_use]
    pub fn answer(self) -> SqsBatchResponse {
        self.answer
    }
}

/// The parts of a batch, in the order in which they are to be worked on: messages that are received for the first time, then each
/// suspect in a part of its own.
fn in_turn(event: SqsEvent, at_once: usize, shop: impl Fn(&str) -> String) -> Vec<SqsEvent> {
    let (mut suspects, fresh): (Vec<SqsMessage>, Vec<SqsMessage>) =
        event.records.into_iter().partition(|record| receives(record) > SHARED_RECEIVES);
    suspects.sort_by_cached_key(|record| {
        let shop = shop(record.body.as_deref().unwrap_or_default());
        (Reverse(receives(record)), rank(receives(record), &shop), record.message_id.clone())
    });
    let fresh = fresh.chunks(at_once.max(1)).map(<[SqsMessage]>::to_vec).collect::<Vec<_>>();
    fresh.into_iter().chain(suspects.into_iter().map(|suspect| vec![suspect])).map(part).collect()
}

fn part(records: Vec<SqsMessage>) -> SqsEvent {
    let mut part = SqsEvent::default();
    part.records = records;
    part
}

/// How often a message was received, this time included.
fn receives(record: &SqsMessage) -> u32 {
    record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// The place of a shop among messages that were received so often: every second time the order of the time before, turned round.
fn rank(receives: u32, shop: &str) -> [u8; 32] {
    let drawn = hash(&["suspects", &(receives / 2).to_string(), shop]);
    if receives.is_multiple_of(2) { drawn } else { drawn.map(|byte| !byte) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The ids of a batch's parts. A record is its id, which begins with its shop, and how often it was received.
    fn parts(records: &[(&str, u32)]) -> Vec<String> {
        let record = |(id, receives): &(&str, u32)| {
            let attributes = json!({ "ApproximateReceiveCount": receives.to_string() });
            json!({ "messageId": id, "body": id, "attributes": attributes })
        };
        let records: Vec<_> = records.iter().map(record).collect();
        let event = serde_json::from_value(json!({ "Records": records })).expect("an event");
        let parts = in_turn(event, 2, |body| body[..1].to_owned());
        let ids = |part: &SqsEvent| {
            part.records.iter().filter_map(|record| record.message_id.clone()).collect::<Vec<_>>().join(" ")
        };
        parts.iter().map(ids).collect()
    }

    #[test]
    fn what_comes_for_the_first_time_comes_first_and_what_came_before_comes_alone_the_oldest_first() {
        let found = parts(&[("a1", 1), ("b1", 3), ("c1", 1), ("d1", 4), ("e1", 1), ("f1", 2)]);
        assert_eq!(found, ["a1 c1", "e1", "d1", "b1", "f1"]);
        assert_eq!(parts(&[]), Vec::<String>::new());
    }

    #[test]
    fn the_messages_of_other_shops_are_before_those_of_one_shop_once_in_two_deliveries() {
        for poison in ["a1", "b1", "c1", "d1", "e1"] {
            let mut left = vec!["a1", "b1", "c1", "d1", "e1"];
            for receives in 2..=3 {
                let batch: Vec<_> = left.iter().map(|id| (*id, receives)).collect();
                let done: Vec<String> = parts(&batch).into_iter().take_while(|id| id != poison).collect();
                left.retain(|id| !done.iter().any(|done| done == id));
            }
            assert_eq!(left, [poison]);
        }
    }

    #[test]
    fn many_messages_of_one_shop_stand_together() {
        let found = parts(&[("a1", 2), ("b1", 2), ("a2", 2), ("b2", 2), ("a3", 2)]);
        let shops: String = found.iter().map(|id| &id[..1]).collect();
        assert!(shops == "aaabb" || shops == "bbaaa", "{shops}");
    }

    #[test]
    fn a_record_without_a_count_is_no_suspect() {
        let event = serde_json::from_value(json!({ "Records": [{ "messageId": "a" }, { "messageId": "b" }] }));
        assert_eq!(in_turn(event.expect("an event"), 10, str::to_owned).len(), 1);
    }
}

//! Moves dead letters back to the queues they came from, after the cause of the failures is gone.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use feedback::incoming;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use rekindle_store::work::{AdvanceWork, DeliveryWork, SendWork, shop_of};
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use std::error::Error;
use std::num::NonZeroU32;
use std::time::Duration;

/// Letters per call, by SQS's limit.
const BATCH_SIZE: i32 = 10;
/// How long a received letter is hidden from others, in seconds: longer than a run takes from receiving it to its end.
const VISIBILITY_SECONDS: i32 = 900;
/// How many receives in a row without a letter mean that the queue is empty.
const MAX_EMPTY_RECEIVES: u32 = 2;

/// The kind of a dead-letter queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Letters {
    /// Customers to advance.
    Advance,
    /// Messages to send.
    Send,
    /// Reports of providers.
    Feedback,
    /// Deliveries of shop systems.
    Hooks,
}

impl Letters {
    /// Whether its function can parse a letter. Another one would only become a dead letter again.
    #[must_use]
    fn are_readable(self, body: &str) -> bool {
        match self {
            Self::Advance => serde_json::from_str::<AdvanceWork>(body).is_ok_and(|work| work.customer().is_some()),
            Self::Send => serde_json::from_str::<SendWork>(body).is_ok_and(|work| work.keys().is_some()),
            Self::Feedback => incoming::parse(body, Timestamp::UNIX_EPOCH).is_ok(),
            Self::Hooks => serde_json::from_str::<DeliveryWork>(body).is_ok(),
        }
    }
}

/// Moves letters: receives, sends, then deletes them. An interruption in between leaves a letter on both queues, which the
/// functions expect, and never on none. A letter that fails again during the run stays where it is.
#[derive(Debug)]
pub struct Replay<'a> {
    /// A client for the queues.
    pub client: &'a Client,
    /// The most letters a second, on average.
    pub rate: NonZeroU32,
    /// Whether to count only.
    pub dry_run: bool,
    /// Whether letters that cannot be parsed are deleted.
    pub discard_unreadable: bool,
    /// When the run began.
    pub started_at: Timestamp,
}

/// Counts of a queue's letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Moved letters; in a dry run, letters that would be moved.
    pub moved: u64,
    /// Letters that stay because they cannot be parsed.
    pub unreadable: u64,
    /// Letters that were deleted because they cannot be parsed.
    pub discarded: u64,
    /// Letters that stay because they became dead letters during the run.
    pub came_back: u64,
    /// Letters that stay because the queue refused them.
    pub refused: u64,
}

/// A call to a queue failed. Nothing is lost; run it again.
#[derive(Debug, thiserror::Error)]
#[error("{0}: the queue did not answer; run it again")]
pub struct ReplayError(&'static str, #[source] Box<dyn Error + Send + Sync>);

impl ReplayError {
    fn in_operation(operation: &'static str) -> impl FnOnce(aws_sdk_sqs::Error) -> Self {
        move |error| Self(operation, error.into())
    }
}

impl Replay<'_> {
    /// Moves the letters of a queue back to where they came from. Calls `watch` with the counts so far after each batch.
    ///
    /// # Errors
    /// A queue refused or did not answer; some letters may be on both.
    pub async fn run(
        &self,
        letters: Letters,
        from: &str,
        to: &str,
        mut watch: impl FnMut(&Replayed),
    ) -> Result<Replayed, ReplayError> {
        let (mut replayed, mut left, mut seen) = (Replayed::default(), Vec::new(), HashSet::new());
        let mut empty = 0;
        while empty < MAX_EMPTY_RECEIVES {
            let received = self.receive(from).await?;
            if received.is_empty() {
                empty += 1;
                continue;
            }
            empty = 0;
            let count = u32::try_from(received.len()).unwrap_or(u32::MAX);
            let (mut good, mut discarded) = (Vec::new(), Vec::new());
            for message in received {
                // Received before in this run, and counted already: it was hidden too briefly.
                let count = u64::from(seen.insert(message.message_id().unwrap_or_default().to_owned()));
                if !letters.are_readable(message.body().unwrap_or_default()) {
                    if self.discard_unreadable && !self.dry_run {
                        discarded.extend(message.receipt_handle);
                        continue;
                    }
                    replayed.unreadable += count;
                } else if self.is_younger(&message) {
                    replayed.came_back += count;
                } else if self.dry_run {
                    replayed.moved += count;
                } else {
                    good.push(message);
                    continue;
                }
                left.extend(message.receipt_handle);
            }
            self.move_all(good, from, to, &mut replayed, &mut left).await?;
            self.delete(from, &discarded).await?;
            replayed.discarded += discarded.len() as u64;
            watch(&replayed);
            tokio::time::sleep(Duration::from_secs(1) * count / self.rate.get()).await;
        }
        self.release(from, &left).await?;
        Ok(replayed)
    }

    /// The approximate number of letters.
    ///
    /// # Errors
    /// The queue refused or did not answer.
    pub async fn waiting(&self, url: &str) -> Result<u64, ReplayError> {
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let answer = self.client.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await;
        let answer = answer.map_err(|error| ReplayError::in_operation("GetQueueAttributes")(error.into()))?;
        let text = answer.attributes().and_then(|attributes| attributes.get(&name));
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    async fn receive(&self, from: &str) -> Result<Vec<Message>, ReplayError> {
        let call = self.client.receive_message().queue_url(from).max_number_of_messages(BATCH_SIZE);
        let call = call.message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        // A wait makes SQS ask all of the queue's servers, not some.
        let answer = call.visibility_timeout(VISIBILITY_SECONDS).wait_time_seconds(1).send().await;
        let answer = answer.map_err(|error| ReplayError::in_operation("ReceiveMessage")(error.into()))?;
        Ok(answer.messages.unwrap_or_default())
    }

    /// Whether a letter was first sent after the run began. A dead letter keeps the time at which it was first sent.
    fn is_younger(&self, message: &Message) -> bool {
        let sent = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp));
        let sent = sent.and_then(|text| text.parse::<i64>().ok());
        sent.is_some_and(|sent| sent >= self.started_at.as_millisecond())
    }

    async fn move_all(
        &self,
        good: Vec<Message>,
        from: &str,
        to: &str,
        replayed: &mut Replayed,
        left: &mut Vec<String>,
    ) -> Result<(), ReplayError> {
        if good.is_empty() {
            return Ok(());
        }
        let entries = good.iter().enumerate().map(|(place, message)| {
            let body = message.body().unwrap_or_default();
            // As when the work was put there first. A report of a provider names no shop in this way.
            let shop = Some(shop_of(body)).filter(|shop| !shop.is_empty());
            let entry = SendMessageBatchRequestEntry::builder().id(place.to_string()).set_message_group_id(shop);
            entry.message_body(body).build().expect("an entry has an id and a body")
        });
        let sent = self.client.send_message_batch().queue_url(to).set_entries(Some(entries.collect())).send().await;
        let sent = sent.map_err(|error| ReplayError::in_operation("SendMessageBatch")(error.into()))?;
        let taken: BTreeSet<usize> = sent.successful().iter().filter_map(|entry| entry.id().parse().ok()).collect();
        let mut moved = Vec::new();
        for (place, message) in good.into_iter().enumerate() {
            let Some(receipt) = message.receipt_handle else { continue };
            if taken.contains(&place) {
                moved.push(receipt);
            } else {
                replayed.refused += 1;
                left.push(receipt);
            }
        }

        replayed.moved += moved.len() as u64;
        self.delete(from, &moved).await
    }

    /// Deletes letters of one receive.
    async fn delete(&self, from: &str, receipts: &[String]) -> Result<(), ReplayError> {
        if receipts.is_empty() {
            return Ok(());
        }
        let entries = receipts.iter().enumerate().map(|(place, receipt)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(receipt);
            entry.build().expect("an entry has an id and a receipt")
        });
        let deleted =
            self.client.delete_message_batch().queue_url(from).set_entries(Some(entries.collect())).send().await;
        deleted.map(|_| ()).map_err(|error| ReplayError::in_operation("DeleteMessageBatch")(error.into()))
    }

    /// Makes letters that stay visible again.
    async fn release(&self, from: &str, receipts: &[String]) -> Result<(), ReplayError> {
        let released = stream::iter(receipts).map(|receipt| {
            let call = self.client.change_message_visibility().queue_url(from).receipt_handle(receipt);
            call.visibility_timeout(0).send()
        });
        let mut released = released.buffer_unordered(8);
        while let Some(one) = released.next().await {
            one.map_err(|error| ReplayError::in_operation("ChangeMessageVisibility")(error.into()))?;
        }
        Ok(())
    }
}

//! Putting work on an SQS queue, and deleting what is done.

use crate::retry::BackOff;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};
use serde::Serialize;
use std::time::Duration;

/// Messages that one call takes, by SQS's limit.
const MAX_BATCH_LENGTH: usize = 10;
/// The longest delay of a message before it is received first, in seconds, by SQS's limit.
pub const MAX_DELAY_SECONDS: u16 = 900;
/// How often messages that a call did not take are put again.
const REPETITIONS: u32 = 2;
/// Pauses before the repetitions.
const BACK_OFF: BackOff = BackOff { first: Duration::from_millis(50), longest: Duration::from_secs(1) };

/// Work that a queue between functions carries, as JSON.
pub trait Work: Serialize {
    /// The shop whose work it is, if that can be told. It becomes the message's group, by which SQS shares a queue fairly: while one
    /// shop has much on the queue, work of the others is received first.
    fn shop(&self) -> Option<&str>;
}

/// A queue to put work on.
#[derive(Debug, Clone)]
pub struct WorkQueue {
    client: Client,
    url: String,
}

/// Some of the work is not on the queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The call failed; what was in it may or may not be on the queue.
    #[error("the queue did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The queue refused some of the messages again and again.
    #[error("the queue refused {0} messages")]
    Refused(usize),
}

/// A message on its way to a queue.
#[derive(Clone)]
struct Outgoing {
    body: String,
    shop: Option<String>,
}

impl Outgoing {
    fn new<W: Work>(work: &W) -> Self {
        Self { body: serde_json::to_string(work).expect("work is plain data"), shop: work.shop().map(str::to_owned) }
    }
}

impl WorkQueue {
    /// A queue by its URL.
    #[must_use]
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Puts every item on the queue as JSON. An item may be on it twice after a repetition: workers must
    /// expect that anyway.
    ///
    /// # Errors
    /// Some items may be missing: put all of them again later.
    pub async fn put_all<W: Work>(&self, work: &[W]) -> Result<(), QueueError> {
        for batch in work.chunks(MAX_BATCH_LENGTH) {
            self.put_batch(batch.iter().map(Outgoing::new).collect()).await?;
        }
        Ok(())
    }

    /// Puts one item on the queue, to be received after some seconds: at most [`MAX_DELAY_SECONDS`].
    ///
    /// # Errors
    /// The item may be missing: put it again later.
    pub async fn put_later<W: Work + Sync>(&self, work: &W, seconds: u16) -> Result<(), QueueError> {
        let Outgoing { body, shop } = Outgoing::new(work);
        let call = self.client.send_message().queue_url(&self.url).message_body(body);
        let call = call.set_message_group_id(shop);
        let sent = call.delay_seconds(seconds.min(MAX_DELAY_SECONDS).into()).send().await;
        sent.map(|_| ()).map_err(|error| QueueError::Unavailable(Box::new(error)))
    }

    /// Deletes received messages by their receipts, before the invocation that received them is over. Deleting one again changes
    /// nothing.
    ///
    /// # Errors
    /// Some may still be on the queue, and are received again.
    pub async fn delete(&self, receipts: &[String]) -> Result<(), QueueError> {
        for batch in receipts.chunks(MAX_BATCH_LENGTH) {
            let entries = batch.iter().enumerate().map(|(place, receipt)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(receipt);
                entry.build().expect("an entry has an id and a receipt")
            });
            let call = self.client.delete_message_batch().queue_url(&self.url).set_entries(Some(entries.collect()));
            let answer = call.send().await.map_err(|error| QueueError::Unavailable(Box::new(error)))?;
            if !answer.failed().is_empty() {
                return Err(QueueError::Refused(answer.failed().len()));
            }
        }
        Ok(())
    }

    async fn put_batch(&self, mut messages: Vec<Outgoing>) -> Result<(), QueueError> {
        for repetition in 0..=REPETITIONS {
            if repetition > 0 {
                let who = messages.first().map(|message| message.body.as_str()).unwrap_or_default();
                tokio::time::sleep(BACK_OFF.before(repetition, who)).await;
            }
            let entries = messages.iter().enumerate().map(|(place, message)| {
                let entry = SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(&message.body);
                entry.set_message_group_id(message.shop.clone()).build().expect("an entry has an id and a body")
            });
            let call = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries.collect()));
            let answer = call.send().await.map_err(|error| QueueError::Unavailable(Box::new(error)))?;
            let failed = answer.failed().iter().filter_map(|entry| entry.id().parse::<usize>().ok());
            messages = failed.filter_map(|place| messages.get(place).cloned()).collect();
            if messages.is_empty() {
                return Ok(());
            }
        }
        Err(QueueError::Refused(messages.len()))
    }
}

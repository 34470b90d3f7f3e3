//! Storing facts and reading them back.
//!
//! The item of a fact is a function of the fact and the customer alone: `pk`, `sk`, and `fact`, the
//! fact as JSON. No time of arrival is inside, so that storing a fact again writes the same bytes.

use crate::error::StoreError;
use crate::keys::{self, CustomerKey};
use crate::{Capacity, Store};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, ReturnConsumedCapacity, WriteRequest};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use rekindle_lifecycle::fact::Fact;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// Items a batch write takes, by DynamoDB's limit.
const BATCH: usize = 25;
/// Batches under way at once.
const BATCHES_AT_ONCE: usize = 4;
/// How often what a batch left undone is repeated.
const REPETITIONS: u32 = 6;
/// Longest pause before a repetition; the first is a twentieth of it.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Orders that [`Store::orders_since`] answers with at most.
const ORDERS: i32 = 25;

/// The attribute that holds the fact as JSON.
const FACT: &str = "fact";

/// An item as the database has it.
type Item = HashMap<String, AttributeValue>;

impl Store {
    /// Stores facts durably. Facts that are stored already stay as they are; a fact that comes several
    /// times is stored once. Facts up to one kilobyte (all usual ones) cost one write unit each.
    ///
    /// # Errors
    /// The database refused, did not answer, or took only some of them in spite of repetitions. Some
    /// may be stored; calling again with the same facts is harmless.
    pub async fn put_facts(&self, facts: &[(CustomerKey, Fact)]) -> Result<(), StoreError> {
        let items = facts.iter().map(|(customer, fact)| fact_item(customer, fact)).collect();
        self.put_items(&self.tables.activity, items).await
    }

    /// All facts of a customer, page by page: orders first, then the others, each by time. Strongly
    /// consistent.
    #[must_use]
    pub fn facts_of(&self, customer: &CustomerKey) -> FactPages {
        let families = vec![keys::FACT, keys::ORDER];
        FactPages { store: self.clone(), pk: customer.pk(), families, next: None }
    }

    /// The order facts (refunds and cancellations included) of a customer that happened at this instant
    /// or later, oldest first, at most 25. Strongly consistent, so that an order that was acknowledged
    /// is seen.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read.
    pub async fn orders_since(&self, customer: &CustomerKey, since: Timestamp) -> Result<Vec<Fact>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :end")
            .expression_attribute_values(":pk", AttributeValue::S(customer.pk()))
            .expression_attribute_values(":from", AttributeValue::S(keys::orders_from(since)))
            .expression_attribute_values(":end", AttributeValue::S(keys::orders_end()))
            .limit(ORDERS)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", error))?;
        self.capacity.add_reads(answer.consumed_capacity());
        let facts = answer.items.unwrap_or_default().into_iter().map(|item| Ok(parse_fact_item(item)?.1));
        // The key holds milliseconds, the fact nanoseconds.
        facts.filter(|fact| fact.as_ref().map_or(true, |fact: &Fact| fact.at >= since)).collect()
    }

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
        let batches: Vec<Vec<WriteRequest>> = requests.chunks(BATCH).map(<[WriteRequest]>::to_vec).collect();
        stream::iter(batches)
            .map(|batch| put_batch(&self.client, &self.capacity, table, batch))
            .buffer_unordered(BATCHES_AT_ONCE)
            .try_collect()
            .await
    }
}

async fn put_batch(
    client: &Client,
    capacity: &Capacity,
    table: &str,
    batch: Vec<WriteRequest>,
) -> Result<(), StoreError> {
    let mut left = batch;
    for repetition in 0..=REPETITIONS {
        if repetition > 0 {
            tokio::time::sleep(pause_before(repetition, rand::random())).await;
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

/// Doubles with each repetition up to the longest pause; `chance` (0 to 1) takes away up to half, so
/// that callers who were refused together do not come back together.
fn pause_before(repetition: u32, chance: f64) -> Duration {
    let full = (LONGEST_PAUSE / 20 * 2_u32.pow(repetition.min(10) - 1)).min(LONGEST_PAUSE);
    full.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
}

/// The facts of a customer, page by page. See [`Store::facts_of`].
#[derive(Debug)]
pub struct FactPages {
    store: Store,
    pk: String,
    /// Beginnings of the sort keys still to be read, the next one last.
    families: Vec<&'static str>,
    next: Option<Item>,
}

impl FactPages {
    /// The next page (at most 1 MB of items; may be empty), or `None` after the last.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read. Calling again tries the same
    /// page again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Fact>>, StoreError> {
        let Some(family) = self.families.last() else { return Ok(None) };
        let answer = self
            .store
            .client
            .query()
            .table_name(&self.store.tables.activity)
            .key_condition_expression("pk = :pk AND begins_with(sk, :family)")
            .expression_attribute_values(":pk", AttributeValue::S(self.pk.clone()))
            .expression_attribute_values(":family", AttributeValue::S((*family).to_owned()))
            .set_exclusive_start_key(self.next.clone())
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", error))?;
        self.store.capacity.add_reads(answer.consumed_capacity());
        let items = answer.items.unwrap_or_default().into_iter();
        let page = items.map(|item| Ok(parse_fact_item(item)?.1)).collect::<Result<_, StoreError>>()?;
        self.next = answer.last_evaluated_key;
        if self.next.is_none() {
            self.families.pop();
        }
        Ok(Some(page))
    }

    /// All pages in one list.
    ///
    /// # Errors
    /// As [`FactPages::next_page`].
    pub async fn all(mut self) -> Result<Vec<Fact>, StoreError> {
        let mut facts = Vec::new();
        while let Some(page) = self.next_page().await? {
            facts.extend(page);
        }
        Ok(facts)
    }
}

/// The item of a fact.
fn fact_item(customer: &CustomerKey, fact: &Fact) -> Item {
    let json = serde_json::to_string(fact).expect("a fact holds nothing that JSON cannot");
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(customer.pk())),
        ("sk".to_owned(), AttributeValue::S(keys::fact_sk(fact))),
        (FACT.to_owned(), AttributeValue::S(json)),
    ])
}

/// Reads a fact from an item of a query or from the new image of a stream record. Ask
/// [`keys::is_fact`] first where other families may come.
///
/// # Errors
/// [`StoreError::Unreadable`] names the attribute that is missing or malformed.
pub fn parse_fact_item(item: impl Into<serde_dynamo::Item>) -> Result<(CustomerKey, Fact), StoreError> {
    let item = item.into().into_inner();
    let text = |name| match item.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text.as_str()),
        _ => None,
    };
    let unreadable = |attribute| StoreError::Unreadable { family: FACT, attribute };
    let customer = text("pk").and_then(CustomerKey::parse).ok_or_else(|| unreadable("pk"))?;
    let fact = text(FACT).and_then(|json| serde_json::from_str(json).ok()).ok_or_else(|| unreadable(FACT))?;
    Ok((customer, fact))
}

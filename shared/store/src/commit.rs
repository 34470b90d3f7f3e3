//! Committing a decision: the customer, the messages it creates and what is noted of it, all or nothing.

use crate::error::StoreError;
use crate::keys::{self, CustomerKey};
use crate::messages::Guarded;
use crate::{Store, customers, messages};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::message::Message;
use std::collections::HashMap;

const ENTRIES: &str = "entries";

impl Store {
    /// Writes a customer as decided upon, provided that nobody wrote them since they were read
    /// (`customer.version` is the version that was read), with the new messages and the entries of the
    /// timeline. Without messages and entries this is one conditional put; otherwise one transaction.
    ///
    /// A message that exists already was decided upon before (its identity says so): the answer is
    /// [`Guarded::MessageChanged`] and nothing was written.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn commit(
        &self,
        customer: &Customer,
        new: &[Message],
        entries: &[Entry],
        now: Timestamp,
    ) -> Result<Guarded, StoreError> {
        let put = customers::put(&self.tables.customers, customer);
        if new.is_empty() && entries.is_empty() {
            return self.put_one(put, Guarded::CustomerChanged).await;
        }
        let key = CustomerKey { shop: customer.shop.clone(), customer: customer.id.clone() };
        let mut items = vec![put];
        items.extend(new.iter().map(|message| messages::create(&self.tables.activity, &key, message)));
        if !entries.is_empty() {
            items.push(self.note(&key, customer.version + 1, entries, now));
        }
        let items = items.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        self.transact(items).await.map(|failed| match failed.as_slice() {
            [] => Guarded::Written,
            [0, ..] => Guarded::CustomerChanged,
            _ => Guarded::MessageChanged,
        })
    }

    fn note(&self, key: &CustomerKey, version: u64, entries: &[Entry], now: Timestamp) -> Put {
        Put::builder()
            .table_name(&self.tables.activity)
            .item("pk", AttributeValue::S(key.pk()))
            .item("sk", AttributeValue::S(keys::decision_sk(now, version)))
            .item(ENTRIES, customers::json(&entries))
            .build()
            .expect("a put has an item and a table")
    }
}

/// The entries of the timeline in an item of the family `decision#`.
///
/// # Errors
/// The item is not of the form that this version writes.
pub fn parse_decision_item(item: &HashMap<String, AttributeValue>) -> Result<Vec<Entry>, StoreError> {
    let text = item.get(ENTRIES).and_then(|value| value.as_s().ok());
    let entries = text.and_then(|text| serde_json::from_str(text).ok());
    entries.ok_or(StoreError::Unreadable { family: "decision", attribute: ENTRIES })
}

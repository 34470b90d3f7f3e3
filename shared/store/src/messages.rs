//! The item of a message, and the writes that move it through its states.
//!
//! `pk` of the customer, `sk` = `message#{message_id}`, `message` (JSON), `state` and `revision`. Every
//! write names the revision it saw, so that of two writers one loses and looks again.

use crate::error::StoreError;
use crate::keys::{self, CustomerKey};
use crate::{Store, customers};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, ReturnConsumedCapacity, TransactWriteItem};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::Message;
use std::collections::HashMap;

const MESSAGE: &str = "message";
const STATE: &str = "state";
const REVISION: &str = "revision";

/// How a guarded write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// It is done.
    Written,
    /// Somebody wrote the customer since it was read: read it again.
    CustomerChanged,
    /// Somebody wrote the message since it was read, or it exists already: read it again.
    MessageChanged,
}

impl Store {
    /// A message, if it exists. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn message(&self, customer: &CustomerKey, id: &MessageId) -> Result<Option<Message>, StoreError> {
        let item = self.get(&self.tables.activity, customer.pk(), Some(keys::message_sk(id))).await?;
        item.as_ref().map(parse_message_item).transpose()
    }

    /// Writes a claimed message if it is as it was read and, in the same transaction, the customer is as
    /// they were read: whatever was checked of the customer (consent, suppression, orders) still holds at
    /// the instant of the claim.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn claim(&self, customer: &Customer, claimed: &Message) -> Result<Guarded, StoreError> {
        let key = CustomerKey { shop: customer.shop.clone(), customer: customer.id.clone() };
        let check = ConditionCheck::builder()
            .table_name(&self.tables.customers)
            .key("pk", AttributeValue::S(key.pk()))
            .condition_expression("#version = :seen")
            .expression_attribute_names("#version", customers::version_attribute())
            .expression_attribute_values(":seen", customers::number(customer.version))
            .build()
            .expect("a check has a key, a condition and a table");
        let items = vec![
            TransactWriteItem::builder().condition_check(check).build(),
            TransactWriteItem::builder().put(replace(&self.tables.activity, &key, claimed)).build(),
        ];
        self.transact(items).await.map(|failed| match failed.as_slice() {
            [] => Guarded::Written,
            [0, ..] => Guarded::CustomerChanged,
            _ => Guarded::MessageChanged,
        })
    }

    /// Writes where a message stands now and the customer who took note of it, both or neither.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn settle(&self, customer: &Customer, message: &Message) -> Result<Guarded, StoreError> {
        let key = CustomerKey { shop: customer.shop.clone(), customer: customer.id.clone() };
        let items = vec![
            TransactWriteItem::builder().put(customers::put(&self.tables.customers, customer)).build(),
            TransactWriteItem::builder().put(replace(&self.tables.activity, &key, message)).build(),
        ];
        self.transact(items).await.map(|failed| match failed.as_slice() {
            [] => Guarded::Written,
            // The message first: if it changed too, what was written of it no longer holds.
            failed if failed.contains(&1) => Guarded::MessageChanged,
            _ => Guarded::CustomerChanged,
        })
    }

    /// Writes where a message stands now, without the customer: for outcomes that change no decision,
    /// and as the last resort when the customer is too busy. The customer's own check finds it later.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_message(&self, customer: &CustomerKey, message: &Message) -> Result<Guarded, StoreError> {
        self.put_one(replace(&self.tables.activity, customer, message), Guarded::MessageChanged).await
    }

    /// One conditional put; `lost` if its condition did not hold.
    pub(crate) async fn put_one(&self, put: Put, lost: Guarded) -> Result<Guarded, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values);
        Ok(if self.put_if(put).await? { Guarded::Written } else { lost })
    }

    /// Writes all items or none. The answer lists the places of the items whose condition did not hold
    /// or that another transaction held; it is empty if everything was written.
    pub(crate) async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Vec<usize>, StoreError> {
        let answer = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let error = match answer {
            Ok(answer) => {
                self.capacity.add_writes(answer.consumed_capacity());
                return Ok(Vec::new());
            }
            Err(error) => error,
        };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
            let stood_in_the_way =
                |code: Option<&str>| matches!(code, Some("ConditionalCheckFailed" | "TransactionConflict"));
            let reasons = cancelled.cancellation_reasons().iter().enumerate();
            let failed: Vec<usize> =
                reasons.filter(|(_, reason)| stood_in_the_way(reason.code())).map(|(place, _)| place).collect();
            if !failed.is_empty() {
                return Ok(failed);
            }
        }
        Err(StoreError::from_sdk("TransactWriteItems", error))
    }
}

/// A message from an item of the table `activity`.
///
/// # Errors
/// The item is not of the form that this version writes.
pub fn parse_message_item(item: &HashMap<String, AttributeValue>) -> Result<Message, StoreError> {
    let text = item.get(MESSAGE).and_then(|value| value.as_s().ok());
    let message = text.and_then(|text| serde_json::from_str(text).ok());
    message.ok_or(StoreError::Unreadable { family: "message", attribute: MESSAGE })
}

/// The put of a new message: it holds only if there is none of this identity.
pub(crate) fn create(table: &str, customer: &CustomerKey, message: &Message) -> Put {
    let put = item(table, customer, message).condition_expression("attribute_not_exists(pk)");
    put.build().expect("a put has an item and a table")
}

/// The put of a message that was read one revision earlier.
fn replace(table: &str, customer: &CustomerKey, message: &Message) -> Put {
    let put = item(table, customer, message)
        .condition_expression("#revision = :seen")
        .expression_attribute_names("#revision", REVISION)
        .expression_attribute_values(":seen", customers::number(message.revision - 1));
    put.build().expect("a put has an item and a table")
}

fn item(table: &str, customer: &CustomerKey, message: &Message) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    let state = serde_json::to_value(message.state).ok().and_then(|state| state.as_str().map(str::to_owned));
    Put::builder()
        .table_name(table)
        .item("pk", AttributeValue::S(customer.pk()))
        .item("sk", AttributeValue::S(keys::message_sk(&message.id)))
        .item(MESSAGE, customers::json(message))
        .item(STATE, AttributeValue::S(state.unwrap_or_default()))
        .item(REVISION, customers::number(message.revision))
}

//! The item of a message, and the writes that move it through its states.
//!
//! `pk` of the customer, `sk` = `message#{message_id}`, `message` (JSON), `state` and `revision`. Every
//! write names the revision it saw, so that of two writers one loses and tries again.

use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::error::StoreError;
use crate::table::guarded::Guarded;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::Message;
use std::collections::HashMap;

const MESSAGE: &str = "message";
const STATE: &str = "state";
const REVISION: &str = "revision";

impl Store {
    /// A message, if it exists. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn message(&self, customer: &CustomerKey, id: &MessageId) -> Result<Option<Message>, StoreError> {
        let item = self.get(&self.tables.activity, customer.pk(), Some(keys::message_sk(id))).await?;
        item.as_ref().map(parse_message_item).transpose()
    }

    /// Writes a message's present state, without the customer: for outcomes that change no decision,
    /// and as the last resort when the customer is too busy. The customer's own check finds it later.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_message(&self, customer: &CustomerKey, message: &Message) -> Result<Guarded, StoreError> {
        self.put_one(replace(&self.tables.activity, customer, message), Guarded::MessageChanged).await
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
pub(crate) fn replace(table: &str, customer: &CustomerKey, message: &Message) -> Put {
    let put = item(table, customer, message)
        .condition_expression("#revision = :seen")
        .expression_attribute_names("#revision", REVISION)
        .expression_attribute_values(":seen", number(message.revision - 1));
    put.build().expect("a put has an item and a table")
}

fn item(table: &str, customer: &CustomerKey, message: &Message) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    Put::builder()
        .table_name(table)
        .item("pk", AttributeValue::S(customer.pk()))
        .item("sk", AttributeValue::S(keys::message_sk(&message.id)))
        .item(MESSAGE, json(message))
        .item(STATE, AttributeValue::S(message.state.code().to_owned()))
        .item(REVISION, number(message.revision))
}

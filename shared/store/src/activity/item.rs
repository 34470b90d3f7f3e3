//! Any item of a customer's activity, for exports and erasures.

use crate::activity::decisions::parse_decision_item;
use crate::activity::facts::parse_fact_item;
use crate::activity::messages::parse_message_item;
use crate::store::Store;
use crate::table::calls::{self, next_page};
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use jiff::Timestamp;
use rekindle_lifecycle::contact::Address;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::message::Message;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;

/// Items of `activity` in a page.
const PAGE_SIZE: i32 = 400;

/// An item of a customer's activity. `Debug` shows its kind only.
pub enum Activity {
    /// What happened.
    Fact(Box<Fact>),
    /// A message.
    Message(Box<Message>),
    /// What was decided, and when.
    Decision(Timestamp, Vec<Entry>),
    /// The code of a coupon that one of their messages carries.
    Coupon(String),
    /// An item that this version cannot read, as JSON. It can still be removed.
    Unreadable(Value),
}

impl Activity {
    /// The addresses that came with it: only facts have any.
    pub fn addresses(&self) -> impl Iterator<Item = Address> {
        let fact = match self {
            Self::Fact(fact) => Some(fact),
            _ => None,
        };
        fact.into_iter().flat_map(|fact| fact.traits.addresses()).map(|(_, address)| address)
    }
}

impl Store {
    /// Some of what is stored about a customer, with the sort keys, from the beginning, or after a sort key; at most 400
    /// items. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item has no key.
    pub async fn activity_of(
        &self,
        key: &CustomerKey,
        after: Option<&str>,
    ) -> Result<(Vec<(String, Activity)>, Option<String>), StoreError> {
        let pk = AttributeValue::S(key.pk());
        let start = after.map(|sk| calls::key(key.pk(), Some(sk.to_owned())));
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", pk)
            .set_exclusive_start_key(start)
            .limit(PAGE_SIZE)
            .consistent_read(true);
        let answer = self.page(query).await?;
        let next = next_page(&answer);
        let items = answer.items.unwrap_or_default().into_iter().map(from_item);
        Ok((items.collect::<Result<_, _>>()?, next))
    }

    /// All that is stored of one family ([`keys::MESSAGE`], …) about a customer. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item has no key.
    pub async fn activity_in(&self, key: &CustomerKey, family: &str) -> Result<Vec<Activity>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk AND begins_with(sk, :family)")
            .expression_attribute_values(":pk", AttributeValue::S(key.pk()))
            .expression_attribute_values(":family", AttributeValue::S(family.to_owned()))
            .consistent_read(true);
        let mut found = Vec::new();
        for item in self.all(query).await? {
            found.push(from_item(item)?.1);
        }
        Ok(found)
    }

    /// Removes items of a customer by their sort keys. What is not there is removed already.
    ///
    /// # Errors
    /// The database refused, did not answer, or removed only some of them.
    pub async fn remove_activity(&self, key: &CustomerKey, sks: &[String]) -> Result<(), StoreError> {
        self.remove_items(&key.pk(), sks).await
    }

    /// Removes items of one partition of the table `activity`.
    pub(crate) async fn remove_items(&self, pk: &str, sks: &[String]) -> Result<(), StoreError> {
        let requests = sks.iter().map(|sk| {
            let delete = DeleteRequest::builder()
                .key("pk", AttributeValue::S(pk.to_owned()))
                .key("sk", AttributeValue::S(sk.clone()))
                .build()
                .expect("a delete has a key");
            WriteRequest::builder().delete_request(delete).build()
        });
        self.write_batches(&self.tables.activity, requests.collect()).await
    }
}

fn from_item(item: HashMap<String, AttributeValue>) -> Result<(String, Activity), StoreError> {
    let sk = item.get("sk").and_then(|sk| sk.as_s().ok()).cloned();
    let sk = sk.ok_or(StoreError::Unreadable { family: "activity", attribute: "sk" })?;
    let activity = if sk.starts_with(keys::MESSAGE) {
        parse_message_item(&item).ok().map(|message| Activity::Message(Box::new(message)))
    } else if sk.starts_with(keys::DECISION) {
        keys::decided_at(&sk).zip(parse_decision_item(&item).ok()).map(|(at, entries)| Activity::Decision(at, entries))
    } else if sk.starts_with(keys::COUPON_NOTE) {
        item.get("coupon").and_then(|code| code.as_s().ok()).cloned().map(Activity::Coupon)
    } else {
        parse_fact_item(item.clone()).ok().map(|(_, fact)| Activity::Fact(Box::new(fact)))
    };
    Ok((sk, activity.unwrap_or_else(|| Activity::Unreadable(to_json(item)))))
}

/// An item as JSON, for people who ask for all that is stored.
fn to_json(item: HashMap<String, AttributeValue>) -> Value {
    serde_dynamo::from_item(item).unwrap_or_default()
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact(fact) => write!(f, "Fact({})", fact.kind()),
            Self::Message(message) => write!(f, "Message({}/{})", message.journey, message.step),
            Self::Decision(at, entries) => write!(f, "Decision({at}, {} entries)", entries.len()),
            Self::Coupon(_) => f.write_str("Coupon"),
            Self::Unreadable(_) => f.write_str("Unreadable"),
        }
    }
}

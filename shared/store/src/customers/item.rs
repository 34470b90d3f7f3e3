//! The item of a customer.
//!
//! `pk`, `version`, `stage`, `since`, `folded` and `decided` (JSON), and only while something is due,
//! `due_shard` and `due_at`, which make it appear in the index `due`. `erased` is the instant at which an earlier customer of the
//! same id was erased.

use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::error::StoreError;
use crate::table::guarded::unless_changed;
use crate::table::keys::{self, CustomerKey};
use crate::table::tables::DUE_INDEX;
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::stage::Stage;
use std::collections::HashMap;

/// Most items that are read on the way from an id to the customer's main one.
const MAX_STEPS_TO_MAIN: usize = 4;
/// The attribute that holds the version, for conditions on a customer.
pub(crate) const VERSION: &str = "version";
const STAGE: &str = "stage";
const SINCE: &str = "since";
const FOLDED: &str = "folded";
const DECIDED: &str = "decided";
const ERASED: &str = "erased";

impl Store {
    /// A customer as stored, or an empty one (version 0). Strongly consistent; one read
    /// unit up to four kilobytes.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn customer(&self, key: &CustomerKey) -> Result<Customer, StoreError> {
        let item = self.get(&self.tables.customers, key.pk(), None).await?;
        match item {
            Some(item) => from_item(key, &item),
            None => Ok(Customer::new(key.shop.clone(), key.customer.clone())),
        }
    }
}

impl Store {
    /// The customer to whom an id belongs, as stored under the main id, or an empty one (version 0). One read more for an id that
    /// was joined with another.
    ///
    /// # Errors
    /// As [`Store::customer`].
    pub async fn main_customer(&self, key: &CustomerKey) -> Result<Customer, StoreError> {
        let mut customer = self.customer(key).await?;
        // The main id may have been joined with another one just now.
        for _ in 0..MAX_STEPS_TO_MAIN {
            let Some(main) = customer.decided.standing.joined_to.clone() else { break };
            customer = self.customer(&CustomerKey { shop: key.shop.clone(), customer: main }).await?;
        }
        Ok(customer)
    }
}

/// A customer from an item of the table `customers`, for scans.
///
/// # Errors
/// The item is not of the form that this version writes.
pub fn parse_customer_item(item: &HashMap<String, AttributeValue>) -> Result<Customer, StoreError> {
    let pk = item.get("pk").and_then(|value| value.as_s().ok());
    let key = pk.and_then(|pk| CustomerKey::parse(pk)).ok_or_else(|| unreadable("pk"))?;
    from_item(&key, item)
}

/// The put of a customer that was seen at `customer.version`: its condition is that the item did
/// not change since, and it raises the version.
pub(crate) fn put(table: &str, customer: &Customer) -> Put {
    let key = CustomerKey::from(customer);
    let pk = key.pk();
    let mut put = Put::builder()
        .table_name(table)
        .item(VERSION, number(customer.version + 1))
        .item(STAGE, AttributeValue::S(customer.stage.code().to_owned()))
        .item(FOLDED, json(&customer.folded))
        .item(DECIDED, json(&customer.decided));
    if let Some(since) = customer.stage_since {
        put = put.item(SINCE, number(since.as_millisecond()));
    }
    if let Some(erased_at) = customer.erased_at {
        put = put.item(ERASED, number(erased_at.as_millisecond()));
    }
    if let Some(due_at) = customer.due_at {
        put = put
            .item(DUE_INDEX.hash, AttributeValue::S(keys::due_shard(&pk)))
            .item(DUE_INDEX.range, number(due_at.as_millisecond()));
    }
    put = put.item("pk", AttributeValue::S(pk));
    unless_changed(put, VERSION, customer.version).build().expect("a put has an item and a table")
}

fn from_item(key: &CustomerKey, item: &HashMap<String, AttributeValue>) -> Result<Customer, StoreError> {
    let text = |name: &'static str| item.get(name).and_then(|value| value.as_s().ok());
    let number = |name: &'static str| item.get(name).and_then(|value| value.as_n().ok());
    let instant = |name: &'static str| match number(name) {
        None => Ok(None),
        Some(text) => {
            let at = text.parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
            at.map(Some).ok_or_else(|| unreadable(name))
        }
    };
    fn part<T: serde::de::DeserializeOwned>(text: Option<&String>, name: &'static str) -> Result<T, StoreError> {
        text.and_then(|text| serde_json::from_str(text).ok()).ok_or_else(|| unreadable(name))
    }
    Ok(Customer {
        shop: key.shop.clone(),
        id: key.customer.clone(),
        version: number(VERSION).and_then(|text| text.parse().ok()).ok_or_else(|| unreadable(VERSION))?,
        due_at: instant(DUE_INDEX.range)?,
        stage: text(STAGE).and_then(|name| Stage::from_code(name)).ok_or_else(|| unreadable(STAGE))?,
        stage_since: instant(SINCE)?,
        erased_at: instant(ERASED)?,
        folded: part(text(FOLDED), FOLDED)?,
        decided: part(text(DECIDED), DECIDED)?,
    })
}

fn unreadable(attribute: &'static str) -> StoreError {
    StoreError::Unreadable { family: "customer", attribute }
}

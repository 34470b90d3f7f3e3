//! The item of a decision: `pk` of the customer, `sk` = `decision#{at}#{version}`, `entries` (JSON).

use crate::table::attributes::json;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::Timestamp;
use rekindle_lifecycle::decide::Entry;
use std::collections::HashMap;

const ENTRIES: &str = "entries";

/// The put of what was decided about a customer at `at`; `version` is the customer's version after it.
pub(crate) fn create(table: &str, key: &CustomerKey, version: u64, entries: &[Entry], at: Timestamp) -> Put {
    Put::builder()
        .table_name(table)
        .item("pk", AttributeValue::S(key.pk()))
        .item("sk", AttributeValue::S(keys::decision_sk(at, version)))
        .item(ENTRIES, json(&entries))
        .build()
        .expect("a put has an item and a table")
}

/// The entries of the timeline in an item of the family `decision#`. Entries of another version are answered with as they
/// are stored.
///
/// # Errors
/// The item holds no list of entries at all.
pub fn parse_decision_item(item: &HashMap<String, AttributeValue>) -> Result<Vec<Entry>, StoreError> {
    let text = item.get(ENTRIES).and_then(|value| value.as_s().ok());
    let entries = text.and_then(|text| serde_json::from_str(text).ok());
    entries.ok_or(StoreError::Unreadable { family: "decision", attribute: ENTRIES })
}

//! The index `due`: which customers have to be advanced now. Its cost grows with the customers that are due, not with all
//! customers.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use crate::table::keys::CustomerKey;
use crate::table::tables::DUE_INDEX;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::HashMap;

/// One page of a shard of the index.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DuePage {
    /// Customers due, the most urgent first.
    pub customers: Vec<CustomerKey>,
    /// When the first of them was due.
    pub oldest: Option<Timestamp>,
    /// Where the next page begins; absent after the last.
    pub more: Option<DueCursor>,
}

/// Where a page of a shard ended.
#[derive(Debug, Clone, PartialEq)]
pub struct DueCursor(HashMap<String, AttributeValue>);

impl Store {
    /// The customers of a shard who are due at `now`, at most `limit` of them.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn due(
        &self,
        shard: &str,
        now: Timestamp,
        limit: u16,
        from: Option<DueCursor>,
    ) -> Result<DuePage, StoreError> {
        // The bound in time is part of the key condition: a customer who is not due yet is not read, and not paid for.
        let query = self
            .client
            .query()
            .table_name(&self.tables.customers)
            .index_name(DUE_INDEX.name)
            .key_condition_expression("#shard = :shard AND #at <= :now")
            .expression_attribute_names("#shard", DUE_INDEX.hash)
            .expression_attribute_names("#at", DUE_INDEX.range)
            .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .limit(i32::from(limit));
        let answer = self.page(query).await?;
        let mut page = DuePage { more: answer.last_evaluated_key.map(DueCursor), ..DuePage::default() };
        for item in answer.items.unwrap_or_default() {
            let pk = item.get("pk").and_then(|value| value.as_s().ok());
            let due_at =
                item.get(DUE_INDEX.range).and_then(|value| value.as_n().ok()).and_then(|millis| millis.parse().ok());
            let due_at = due_at.and_then(|millis| Timestamp::from_millisecond(millis).ok());
            let (Some(key), Some(due_at)) = (pk.and_then(|pk| CustomerKey::parse(pk)), due_at) else {
                return Err(StoreError::Unreadable { family: "customer", attribute: DUE_INDEX.range });
            };
            page.oldest = page.oldest.or(Some(due_at));
            page.customers.push(key);
        }
        Ok(page)
    }
}

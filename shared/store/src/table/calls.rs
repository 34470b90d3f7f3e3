//! The calls to the tables: request units are counted, errors classified, pages followed.

use crate::store::Store;
use crate::table::error::StoreError;
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, ReturnConsumedCapacity, ReturnValue, Select};
use std::collections::HashMap;

/// An item, or the key of one.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The key of an item.
pub(crate) fn key(pk: String, sk: Option<String>) -> Item {
    let mut key = HashMap::from([("pk".to_owned(), AttributeValue::S(pk))]);
    key.extend(sk.map(|sk| ("sk".to_owned(), AttributeValue::S(sk))));
    key
}

impl Store {
    /// The item of this key, if there is one, as it is after every write that was acknowledged before.
    pub(crate) async fn get(&self, table: &str, pk: String, sk: Option<String>) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key(pk, sk)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("GetItem", error))?;
        self.capacity.add_reads(answer.consumed_capacity());
        Ok(answer.item)
    }

    /// Removes the item of this key; returns what it was, if it existed.
    pub(crate) async fn delete(&self, table: &str, pk: String, sk: Option<String>) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .delete_item()
            .table_name(table)
            .set_key(Some(key(pk, sk)))
            .return_values(ReturnValue::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("DeleteItem", error))?;
        self.capacity.add_writes(answer.consumed_capacity());
        Ok(answer.attributes.filter(|old| !old.is_empty()))
    }

    /// Writes an item if the condition of the put holds; whether it did. That a transaction was writing the item is an error like
    /// no answer: the condition may hold.
    pub(crate) async fn put_if(&self, put: PutItemFluentBuilder) -> Result<bool, StoreError> {
        let answer = put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk("PutItem", error));
        self.wrote(answer.map(|answer| answer.consumed_capacity))
    }

    /// Changes an item if the condition of the update holds; whether it did.
    pub(crate) async fn update_if(&self, update: UpdateItemFluentBuilder) -> Result<bool, StoreError> {
        let answer = update.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk("UpdateItem", error));
        self.wrote(answer.map(|answer| answer.consumed_capacity))
    }

    /// Removes an item if the condition of the delete holds; whether it did.
    pub(crate) async fn delete_if(&self, delete: DeleteItemFluentBuilder) -> Result<bool, StoreError> {
        let answer = delete.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk("DeleteItem", error));
        self.wrote(answer.map(|answer| answer.consumed_capacity))
    }

    /// Counts what a conditional write took; whether its condition held.
    fn wrote(&self, consumed: Result<Option<ConsumedCapacity>, StoreError>) -> Result<bool, StoreError> {
        match consumed {
            Ok(consumed) => {
                self.capacity.add_writes(consumed.as_ref());
                Ok(true)
            }
            Err(error) if error.is_conflict() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Updates an item if the condition of the update holds, and returns it as it was before; nothing if it does not.
    pub(crate) async fn update_and_read(&self, update: UpdateItemFluentBuilder) -> Result<Option<Item>, StoreError> {
        let update = update.return_values(ReturnValue::AllOld);
        let answer = update.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        match answer.map_err(|error| StoreError::from_sdk("UpdateItem", error)) {
            Ok(answer) => {
                self.capacity.add_writes(answer.consumed_capacity());
                Ok(Some(answer.attributes.unwrap_or_default()))
            }
            Err(error) if error.is_conflict() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One page of a query: up to its limit, or 1 MB.
    pub(crate) async fn page(&self, query: QueryFluentBuilder) -> Result<QueryOutput, StoreError> {
        let answer = query.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk("Query", error))?;
        self.capacity.add_reads(answer.consumed_capacity());
        Ok(answer)
    }

    /// Every item of a query.
    pub(crate) async fn all(&self, query: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        self.at_least(query, usize::MAX).await
    }

    /// The items of a query, page by page, until there are at least `enough` or no more.
    pub(crate) async fn at_least(&self, query: QueryFluentBuilder, enough: usize) -> Result<Vec<Item>, StoreError> {
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let page = self.page(query.clone().set_exclusive_start_key(next)).await?;
            found.extend(page.items.unwrap_or_default());
            next = page.last_evaluated_key;
            if next.is_none() || found.len() >= enough {
                return Ok(found);
            }
        }
    }

    /// How many items a query finds.
    pub(crate) async fn count(&self, query: QueryFluentBuilder) -> Result<u64, StoreError> {
        let (mut count, mut next) = (0, None);
        loop {
            let page = self.page(query.clone().select(Select::Count).set_exclusive_start_key(next)).await?;
            count += u64::try_from(page.count()).unwrap_or_default();
            next = page.last_evaluated_key;
            if next.is_none() {
                return Ok(count);
            }
        }
    }
}

/// Where the next page of a query begins, as the sort key that ended this one.
pub(crate) fn next_page(page: &QueryOutput) -> Option<String> {
    page.last_evaluated_key().and_then(|key| key.get("sk")?.as_s().ok()).cloned()
}

//! Conditional puts and transactions.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::guarded::Guarded;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem};

impl Store {
    /// One conditional put; `lost` if its condition did not hold or a transaction was writing the item.
    pub(crate) async fn put_one(&self, put: Put, lost: Guarded) -> Result<Guarded, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values);
        match self.put_if(put).await {
            Ok(true) => Ok(Guarded::Written),
            Ok(false) | Err(StoreError::InTransaction { .. }) => Ok(lost),
            Err(error) => Err(error),
        }
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

//! Reading one item by its key.

use crate::Store;
use crate::error::StoreError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use std::collections::HashMap;

impl Store {
    /// The item of this key, if there is one, as it is after every write that was acknowledged before.
    pub(crate) async fn get(
        &self,
        table: &str,
        pk: String,
        sk: Option<String>,
    ) -> Result<Option<HashMap<String, AttributeValue>>, StoreError> {
        let mut key = HashMap::from([("pk".to_owned(), AttributeValue::S(pk))]);
        key.extend(sk.map(|sk| ("sk".to_owned(), AttributeValue::S(sk))));
        let answer = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("GetItem", error))?;
        self.capacity.add_reads(answer.consumed_capacity());
        Ok(answer.item)
    }
}

//! The calls that read and write the item of a limit.

use super::item::{RATE, Seen};
use super::slots::SendingLimit;
use crate::store::Store;
use crate::table::calls::{Item, key};
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};

impl Store {
    pub(super) async fn read_rate(&self, limit: &SendingLimit) -> Result<Seen, StoreError> {
        let item = self
            .get(&self.tables.shops, keys::rate_pk(limit.channel, limit.shop.as_ref()), Some(keys::RATE_SK.to_owned()))
            .await?;
        let seen = Seen::from_item(&item.unwrap_or_default())?;
        self.known_rates.put(limit, seen.clone());
        Ok(seen)
    }

    /// An update of the item whose condition may name the rate that was seen ([`Seen::same`]).
    pub(super) fn update_rate(&self, seen: &Seen) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().expression_attribute_names("#rate", RATE);
        match &seen.written {
            Some(rate) => update.expression_attribute_values(":rate", AttributeValue::S(rate.clone())),
            None => update,
        }
    }

    /// The item after an update, or the item that failed its condition.
    pub(super) async fn try_rate(
        &self,
        limit: &SendingLimit,
        update: UpdateItemFluentBuilder,
    ) -> Result<Result<Seen, Seen>, StoreError> {
        let answer = update
            .table_name(&self.tables.shops)
            .set_key(Some(key(keys::rate_pk(limit.channel, limit.shop.as_ref()), Some(keys::RATE_SK.to_owned()))))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let error = match answer {
            Ok(answer) => {
                self.capacity.add_writes(answer.consumed_capacity());
                let seen = Seen::from_item(answer.attributes.as_ref().unwrap_or(&Item::new()))?;
                self.known_rates.put(limit, seen.clone());
                return Ok(Ok(seen));
            }
            Err(error) => error,
        };
        let Some(UpdateItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() else {
            return Err(StoreError::from_sdk("UpdateItem", error));
        };
        let seen = Seen::from_item(failed.item().unwrap_or(&Item::new()))?;
        self.known_rates.put(limit, seen.clone());
        Ok(Err(seen))
    }
}

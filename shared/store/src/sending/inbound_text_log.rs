//! When a text from a customer was received first. Queues deliver more than once, each time with another time of arrival, but the
//! facts made from a text must be the same each time.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure};
use jiff::{SignedDuration, Timestamp};

const AT: &str = "at";
/// How long it is kept: longer than queues and their dead letters keep a text.
const RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Store {
    /// The instant at which a text counts as received: `at` on the first call, and the same instant on every later call. One write
    /// unit.
    ///
    /// # Errors
    /// The database refused or did not answer; calling again is harmless.
    pub async fn first_received(&self, inbound_id: &str, at: Timestamp) -> Result<Timestamp, StoreError> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.tables.activity)
            .item("pk", AttributeValue::S(keys::inbound_text_pk(inbound_id)))
            .item("sk", AttributeValue::S(keys::INBOUND_TEXT_SK.to_owned()))
            .item(AT, number(at.as_millisecond()))
            .item(EXPIRES_AT, number((at + RETENTION).as_second()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let error = match answer {
            Ok(answer) => {
                self.capacity.add_writes(answer.consumed_capacity());
                return Ok(at);
            }
            Err(error) => error,
        };
        let before = match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => failed.item(),
            _ => return Err(StoreError::from_sdk("PutItem", error)),
        };
        let before = before.and_then(|item| item.get(AT)?.as_n().ok()?.parse().ok());
        let before = before.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        before.ok_or(StoreError::Unreadable { family: "text", attribute: AT })
    }
}

//! How far the provider's event stream is known to have reported: what turns the silence about a
//! message into evidence that it was not accepted.

use crate::Store;
use crate::customers::number;
use crate::error::StoreError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::Ordering;

const PK: &str = "provider#ses";
const SK: &str = "events_through";
const THROUGH: &str = "through";
/// The mark moves in steps, so that not every event writes the one item that all of them share.
const STEP: SignedDuration = SignedDuration::from_secs(60);

impl Store {
    /// The latest instant of sending about which an event was processed. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn events_through(&self) -> Result<Option<Timestamp>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(PK.to_owned()))
            .key("sk", AttributeValue::S(SK.to_owned()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("GetItem", error))?;
        self.capacity.add_reads(answer.consumed_capacity());
        let through = answer.item.as_ref().and_then(|item| item.get(THROUGH)?.as_n().ok()?.parse().ok());
        Ok(through.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
    }

    /// Notes that an event about a mail sent at `sent_at` was processed. The mark only moves forward, in
    /// steps of a minute.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn note_event(&self, sent_at: Timestamp) -> Result<(), StoreError> {
        let step_before = (sent_at - STEP).as_millisecond();
        // A condition that does not hold costs a write unit too: what is known not to hold is not asked.
        if step_before <= self.known_mark.load(Ordering::Relaxed) {
            return Ok(());
        }
        let written = self
            .client
            .update_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(PK.to_owned()))
            .key("sk", AttributeValue::S(SK.to_owned()))
            .update_expression("SET #through = :sent_at")
            .condition_expression("attribute_not_exists(pk) OR #through < :step_before")
            .expression_attribute_names("#through", THROUGH)
            .expression_attribute_values(":sent_at", number(sent_at.as_millisecond()))
            .expression_attribute_values(":step_before", number(step_before))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", error));
        match written {
            Ok(answer) => {
                self.known_mark.fetch_max(sent_at.as_millisecond(), Ordering::Relaxed);
                self.capacity.add_writes(answer.consumed_capacity());
            }
            // The mark is further already, at least at the step before.
            Err(error) if error.is_conflict() => {
                self.known_mark.fetch_max(step_before, Ordering::Relaxed);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

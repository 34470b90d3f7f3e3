//! Up to which time of sending the provider's events have arrived. If they have arrived beyond an attempt and none is about it, the
//! attempt was not accepted.
//!
//! Events arrive in no order, and all at once after an outage of their channel: an event about a later mail proves nothing while
//! earlier ones may be right behind it. So only an event that arrived promptly makes a mark ([`PROMPT_EVENT`]), and a mark counts
//! once it is [`EVIDENCE_STANDS`] old.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::message::{EVIDENCE_STANDS, PROMPT_EVENT};
use std::sync::atomic::Ordering;

/// The latest time of sending that counts.
const THROUGH: &str = "through";
/// The mark that counts next, and when it was made.
const NEXT: &str = "next";
const NEXT_SINCE: &str = "next_since";
/// Pause before the next attempt after another process made a mark.
const RETRY_INTERVAL: SignedDuration = SignedDuration::from_mins(1);

impl Store {
    /// The latest time of sending up to which events have been processed by `now`, if any is known. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn events_through(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let Some(item) = self
            .get(&self.tables.shops, keys::PROVIDER_PK.to_owned(), Some(keys::EVENTS_THROUGH_SK.to_owned()))
            .await?
        else {
            return Ok(None);
        };
        let instant = |name: &str| {
            let millis = item.get(name)?.as_n().ok()?.parse().ok()?;
            Timestamp::from_millisecond(millis).ok().filter(|at| *at > Timestamp::UNIX_EPOCH)
        };
        let stands = instant(NEXT_SINCE).is_some_and(|since| now >= EVIDENCE_STANDS.after(since));
        Ok(instant(NEXT).filter(|_| stands).max(instant(THROUGH)))
    }

    /// Records that an event about a mail sent at `sent_at` was processed at `now`. Costs one write every quarter of an hour.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn note_event(&self, sent_at: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        // A failed condition costs a write unit too, so a write that is known to fail is not made.
        let is_soon = now.as_millisecond() < self.next_mark.load(Ordering::Relaxed);
        if is_soon || now > PROMPT_EVENT.after(sent_at) {
            return Ok(());
        }
        let stands = SignedDuration::from_secs(EVIDENCE_STANDS.as_seconds());
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::PROVIDER_PK.to_owned()))
            .key("sk", AttributeValue::S(keys::EVENTS_THROUGH_SK.to_owned()))
            .update_expression("SET #through = if_not_exists(#next, :never), #next = :sent_at, #since = :now")
            .condition_expression("attribute_not_exists(#next) OR (#since <= :settled AND #next < :sent_at)")
            .expression_attribute_names("#through", THROUGH)
            .expression_attribute_names("#next", NEXT)
            .expression_attribute_names("#since", NEXT_SINCE)
            .expression_attribute_values(":never", number(0))
            .expression_attribute_values(":sent_at", number(sent_at.as_millisecond()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":settled", number((now - stands).as_millisecond()));
        let next = if self.update_if(update).await? { stands } else { RETRY_INTERVAL };
        self.next_mark.store((now + next).as_millisecond(), Ordering::Relaxed);
        Ok(())
    }
}

//! Forgetting a customer: the mark of an erasure, and the removal of the customer's item. The other parts of an erasure are
//! where the data is: [`crate::activity::item`], [`crate::customers::erased_counts`], [`crate::offers::coupons`]. Each is harmless to
//! repeat; the caller chooses the order, which matters (see `admin`).
//!
//! The mark (`pk = erased#{fingerprint}` of `shops`) names no person: the fingerprint is keyed. It tells readers that still hold old
//! facts (a stream, a queue, an import of the same history) not to apply them. It expires after 30 days, when none of these can hold
//! anything older.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

/// How long a mark is kept.
const MARK_RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);
const AT: &str = "at";
const COMPLETE: &str = "complete";

/// The mark that a customer was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasureMark {
    /// When it was last asked for: facts up to this instant are not applied.
    pub at: Timestamp,
    /// Whether everything is removed.
    pub complete: bool,
}

impl Store {
    /// Marks a customer as erased at `at`. A later erasure moves the mark forward; an earlier one changes nothing.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn mark_erased(&self, fingerprint: &str, at: Timestamp, complete: bool) -> Result<(), StoreError> {
        let written = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::erased_pk(fingerprint)))
            .item("sk", AttributeValue::S(keys::ERASED_SK.to_owned()))
            .item(AT, number(at.as_millisecond()))
            .item(COMPLETE, AttributeValue::Bool(complete))
            .item(EXPIRES_AT, number((at + MARK_RETENTION).as_second()))
            .condition_expression("attribute_not_exists(pk) OR #at <= :at")
            .expression_attribute_names("#at", AT)
            .expression_attribute_values(":at", number(at.as_millisecond()));
        self.put_if(written).await.map(|_| ())
    }

    /// The mark of a customer's erasure, if there was one in the last 30 days. Strongly consistent: one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer, or the mark cannot be read.
    pub async fn erasure_mark(&self, fingerprint: &str) -> Result<Option<ErasureMark>, StoreError> {
        let pk = keys::erased_pk(fingerprint);
        let Some(item) = self.get(&self.tables.shops, pk, Some(keys::ERASED_SK.to_owned())).await? else {
            return Ok(None);
        };
        let at = item.get(AT).and_then(|at| at.as_n().ok()?.parse().ok());
        let at = at.and_then(|at| Timestamp::from_millisecond(at).ok());
        Ok(Some(ErasureMark {
            at: at.ok_or(StoreError::Unreadable { family: "erased", attribute: AT })?,
            complete: item.get(COMPLETE).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false),
        }))
    }

    /// When a customer was erased, if that was in the last 30 days: facts up to that instant are not applied. A caller that asks
    /// before it creates a customer (version 0) pays one read unit, once in a customer's life.
    ///
    /// # Errors
    /// As [`Store::erasure_mark`].
    pub async fn erased_at(&self, fingerprint: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.erasure_mark(fingerprint).await?.map(|mark| mark.at))
    }

    /// Removes the item of a customer. From then on no message of theirs is claimed and no decision about
    /// them committed, because both name the version that they saw.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn remove_customer(&self, key: &CustomerKey) -> Result<(), StoreError> {
        self.delete(&self.tables.customers, key.pk(), None).await.map(|_| ())
    }
}

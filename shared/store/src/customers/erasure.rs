//! Forgetting a customer: the mark of an erasure, and the removal of the customer's item. The other parts of an erasure are
//! where the data is: [`crate::activity::item`], [`crate::customers::erased_counts`], [`crate::offers::coupons`]. Each is harmless to
//! repeat; the caller chooses the order, which matters (see `admin`).
//!
//! The marks (`pk = erased#{fingerprint}` of `shops`) name no person: the fingerprints are keyed. There is one of the customer's id, one
//! of each address and one of each order. They tell readers that hold old facts (a stream, a queue, a shop that posts them again, an
//! import of the same history) not to apply them, and stay for ever.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::facts::Fact;
use std::collections::HashMap;

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
            .condition_expression("attribute_not_exists(pk) OR #at <= :at")
            .expression_attribute_names("#at", AT)
            .expression_attribute_values(":at", number(at.as_millisecond()));
        self.put_if(written).await.map(|_| ())
    }

    /// The mark of an erasure, if there was one. Strongly consistent: one read unit.
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

    /// Marks what an erased customer leaves behind, such as their orders: each fingerprint once, whatever was there before.
    ///
    /// # Errors
    /// The database refused or did not answer: some marks may be stored, and storing all again is harmless.
    pub async fn mark_all_erased(&self, fingerprints: &[String], at: Timestamp) -> Result<(), StoreError> {
        let mark = |fingerprint: &String| {
            HashMap::from([
                ("pk".to_owned(), AttributeValue::S(keys::erased_pk(fingerprint))),
                ("sk".to_owned(), AttributeValue::S(keys::ERASED_SK.to_owned())),
                (AT.to_owned(), number(at.as_millisecond())),
                (COMPLETE.to_owned(), AttributeValue::Bool(true)),
            ])
        };
        self.put_items(&self.tables.shops, fingerprints.iter().map(mark).collect()).await
    }

    /// When something was erased: facts up to that instant are not applied. A caller that asks before it creates a customer
    /// (version 0) pays one read unit, once in a customer's life.
    ///
    /// # Errors
    /// As [`Store::erasure_mark`].
    pub async fn erased_at(&self, fingerprint: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.erasure_mark(fingerprint).await?.map(|mark| mark.at))
    }

    /// Removes facts that were stored again after their customer was erased. Removing them twice is harmless.
    ///
    /// # Errors
    /// The database refused or did not answer: some may be left.
    pub async fn remove_facts(&self, key: &CustomerKey, facts: &[Fact]) -> Result<(), StoreError> {
        let sks: Vec<String> = facts.iter().map(keys::fact_sk).collect();
        self.remove_activity(key, &sks).await
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

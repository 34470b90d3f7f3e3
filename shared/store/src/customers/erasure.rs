//! Forgetting a customer: the mark of an erasure, and the removal of the customer's item. The other parts of an erasure are
//! where the data is: [`crate::activity::item`], [`crate::customers::erased_counts`], [`crate::offers::coupons`]. Each is harmless to
//! repeat; the caller chooses the order, which matters (see `admin`).
//!
//! The marks (`pk = erased#{fingerprint}` of `shops`) name no person: the fingerprints are keyed. There is one of the customer's id, one
//! of each address and one of each order. They tell readers that hold old facts (a stream, a queue, a shop that posts them again, an
//! import of the same history) not to apply them, and stay for ever. Each is also *kept* in a table of its own (`pk` = the
//! fingerprint), which is not restored with the others, and is stored there first: what a restore brings back can be erased again.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::calls::Item;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use jiff::Timestamp;
use rekindle_lifecycle::facts::Fact;
use std::collections::BTreeMap;

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

/// Marks by their fingerprints.
pub type ErasureMarks = BTreeMap<String, ErasureMark>;

impl Store {
    /// Marks a customer as erased at `at`. A later erasure moves the mark forward; an earlier one changes nothing.
    ///
    /// # Errors
    /// The database refused or did not answer, or this store has no table to keep the mark in.
    pub async fn mark_erased(&self, fingerprint: &str, at: Timestamp, complete: bool) -> Result<(), StoreError> {
        let mark = ErasureMark { at, complete };
        self.put_newer_mark(self.tables.erasures()?, kept_item(fingerprint, mark)).await?;
        self.put_newer_mark(&self.tables.shops, mark_item(fingerprint, mark)).await
    }

    async fn put_newer_mark(&self, table: &str, item: Item) -> Result<(), StoreError> {
        let at = item.get(AT).cloned().unwrap_or(AttributeValue::Null(true));
        let written = self
            .client
            .put_item()
            .table_name(table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR #at <= :at")
            .expression_attribute_names("#at", AT)
            .expression_attribute_values(":at", at);
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
        mark_from_item(&item).map(Some)
    }

    /// Marks what an erased customer leaves behind, such as their orders: each fingerprint once, whatever was there before.
    ///
    /// # Errors
    /// The database refused or did not answer: some marks may be stored, and storing all again is harmless.
    pub async fn mark_all_erased(&self, fingerprints: &[String], at: Timestamp) -> Result<(), StoreError> {
        let mark = ErasureMark { at, complete: true };
        let kept = fingerprints.iter().map(|fingerprint| kept_item(fingerprint, mark)).collect();
        self.put_items(self.tables.erasures()?, kept).await?;
        let marks = fingerprints.iter().map(|fingerprint| mark_item(fingerprint, mark)).collect();
        self.put_items(&self.tables.shops, marks).await
    }

    /// All marks that are kept in a table for them. Reads it as a whole.
    ///
    /// # Errors
    /// The database refused or did not answer, or a mark cannot be read.
    pub async fn kept_marks(&self, table: &str) -> Result<ErasureMarks, StoreError> {
        self.scan_marks(table, "").await
    }

    /// All marks that readers of old facts look at. Reads the table `shops` as a whole.
    ///
    /// # Errors
    /// As [`Store::kept_marks`].
    pub async fn erasure_marks(&self) -> Result<ErasureMarks, StoreError> {
        self.scan_marks(&self.tables.shops, &keys::erased_pk("")).await
    }

    async fn scan_marks(&self, table: &str, prefix: &str) -> Result<ErasureMarks, StoreError> {
        let (mut marks, mut next) = (ErasureMarks::new(), None);
        loop {
            let mut scan = self.client.scan().table_name(table).set_exclusive_start_key(next);
            if !prefix.is_empty() {
                scan = scan
                    .filter_expression("begins_with(pk, :prefix)")
                    .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
            }
            let page = scan.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            let page = page.map_err(|error| StoreError::from_sdk("Scan", error))?;
            self.capacity.add_reads(page.consumed_capacity());
            let is_mark =
                |item: &&Item| item.get("sk").is_none_or(|sk| sk.as_s().is_ok_and(|sk| sk == keys::ERASED_SK));
            for item in page.items().iter().filter(is_mark) {
                let pk = item.get("pk").and_then(|pk| pk.as_s().ok());
                let fingerprint = pk.and_then(|pk| pk.strip_prefix(prefix));
                let fingerprint = fingerprint.ok_or(StoreError::Unreadable { family: "erased", attribute: "pk" })?;
                marks.insert(fingerprint.to_owned(), mark_from_item(item)?);
            }
            next = page.last_evaluated_key;
            if next.is_none() {
                return Ok(marks);
            }
        }
    }

    /// Adds marks in both places, unless there are newer ones.
    ///
    /// # Errors
    /// The database refused or did not answer: some may be stored, and adding all again is harmless.
    pub async fn add_marks(&self, marks: &ErasureMarks) -> Result<(), StoreError> {
        for (fingerprint, mark) in marks {
            self.mark_erased(fingerprint, mark.at, mark.complete).await?;
        }
        Ok(())
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

fn mark_item(fingerprint: &str, mark: ErasureMark) -> Item {
    let sk = ("sk".to_owned(), AttributeValue::S(keys::ERASED_SK.to_owned()));
    with_pk(keys::erased_pk(fingerprint), mark).into_iter().chain([sk]).collect()
}

fn kept_item(fingerprint: &str, mark: ErasureMark) -> Item {
    with_pk(fingerprint.to_owned(), mark)
}

fn with_pk(pk: String, mark: ErasureMark) -> Item {
    Item::from([
        ("pk".to_owned(), AttributeValue::S(pk)),
        (AT.to_owned(), number(mark.at.as_millisecond())),
        (COMPLETE.to_owned(), AttributeValue::Bool(mark.complete)),
    ])
}

fn mark_from_item(item: &Item) -> Result<ErasureMark, StoreError> {
    let at = item.get(AT).and_then(|at| at.as_n().ok()?.parse().ok());
    let at = at.and_then(|at| Timestamp::from_millisecond(at).ok());
    Ok(ErasureMark {
        at: at.ok_or(StoreError::Unreadable { family: "erased", attribute: AT })?,
        complete: item.get(COMPLETE).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false),
    })
}

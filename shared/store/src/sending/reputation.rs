//! The outcomes of a shop's last mails: how many bounced, how many were marked as spam.
//!
//! One item of `shops` for each shop: `pk` = `shop#{shop}`, `sk` = `reputation`, `record` (JSON) and `revision`. Mails
//! are counted in buckets; the oldest goes when the others hold a thousand mails. Of bounces and complaints, which are
//! few, each is remembered by its message while its bucket is there, so that one that is reported again is not
//! counted again, and one whose counting was cut off is counted when it is reported again.

use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::reputation::{MailOutcome, Reputation};
use rekindle_platform::retry::{Attempts, LostRaces};
use std::collections::HashMap;

const RECORD: &str = "record";
const REVISION: &str = "revision";

/// The outcomes are not counted, or not all of them are known to be.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    /// The database failed.
    #[error("the record of the shop's mails could not be read or written")]
    Store(#[from] StoreError),
    /// Others kept writing the record.
    #[error(transparent)]
    Busy(#[from] LostRaces),
}

impl Store {
    /// Counts outcomes of a shop's mails, and returns the record of its last mails then. Nothing is written if all of
    /// it is counted already. One read unit and one write unit for a whole batch, while few mails come back.
    ///
    /// A bounce or a complaint is counted once however often it is passed in. A mail counts when it is passed in as
    /// the first outcome, so a caller that is cut off between moving the message and this call leaves out that one
    /// mail, which makes the rate look a little worse, never better.
    ///
    /// # Errors
    /// Nothing was counted; call again with the same outcomes.
    pub async fn count_outcomes(
        &self,
        shop: &ShopId,
        outcomes: &[MailOutcome],
        now: Timestamp,
    ) -> Result<Reputation, CountError> {
        let who = outcomes.first().map(|outcome| outcome.message.as_str()).unwrap_or_default();
        let mut attempts = Attempts::at("record of the shop's mails", who);
        while attempts.next().await {
            let (mut reputation, revision) = self.read_reputation(shop).await?;
            let mut changed = false;
            for outcome in outcomes {
                changed |= reputation.count(outcome, now);
            }
            if !changed || self.write_reputation(shop, &reputation, revision).await? {
                return Ok(reputation);
            }
        }
        Err(attempts.lost().into())
    }

    /// Returns the record of a shop's last mails. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or the record cannot be read.
    pub async fn reputation(&self, shop: &ShopId) -> Result<Reputation, StoreError> {
        Ok(self.read_reputation(shop).await?.0)
    }

    /// Starts the record anew at `now`: nothing about a mail that was sent before counts any more.
    ///
    /// # Errors
    /// The record is as it was; call again.
    pub(crate) async fn start_reputation_anew(&self, shop: &ShopId, now: Timestamp) -> Result<(), CountError> {
        let mut attempts = Attempts::at("record of the shop's mails", "a new beginning");
        while attempts.next().await {
            let (_, revision) = self.read_reputation(shop).await?;
            if self.write_reputation(shop, &Reputation::since(now), revision).await? {
                return Ok(());
            }
        }
        Err(attempts.lost().into())
    }

    async fn read_reputation(&self, shop: &ShopId) -> Result<(Reputation, u64), StoreError> {
        let item = self.get(&self.tables.shops, keys::shop_pk(shop), Some(keys::REPUTATION_SK.to_owned())).await?;
        item.as_ref().map_or_else(|| Ok((Reputation::default(), 0)), parse)
    }

    /// Writes the record if it is as it was read; says whether it was.
    async fn write_reputation(&self, shop: &ShopId, record: &Reputation, seen: u64) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::shop_pk(shop)))
            .item("sk", AttributeValue::S(keys::REPUTATION_SK.to_owned()))
            .item(RECORD, json(record))
            .item(REVISION, number(seen + 1));
        let put = match seen {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            seen => put
                .condition_expression("#revision = :seen")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":seen", number(seen)),
        };
        self.put_if(put).await
    }
}

fn parse(item: &HashMap<String, AttributeValue>) -> Result<(Reputation, u64), StoreError> {
    let unreadable = |attribute| StoreError::Unreadable { family: keys::REPUTATION_SK, attribute };
    let record = item.get(RECORD).and_then(|record| serde_json::from_str(record.as_s().ok()?).ok());
    let revision = item.get(REVISION).and_then(|revision| revision.as_n().ok()?.parse().ok());
    Ok((record.ok_or_else(|| unreadable(RECORD))?, revision.ok_or_else(|| unreadable(REVISION))?))
}

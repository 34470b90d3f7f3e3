//! What became of a shop's last mails: how many came back, how many were called spam.
//!
//! One item of `shops` for each shop: `pk` = `shop#{shop}`, `sk` = `reputation`, `record` (JSON) and `revision`. Mails
//! are counted in buckets; the oldest goes when the others hold a thousand mails. Of bounces and complaints, which are
//! few, each is remembered by its message while its bucket is there, so that one that is reported again is not
//! counted again, and one whose counting was cut off is counted when it is reported again.

mod record;

pub use record::{Harm, MailOutcome, Reputation, WINDOW};

use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
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
    /// Counts what became of mails of a shop, and answers how its last mails stand then. Nothing is written if all of
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

    /// How a shop's last mails stand. Strongly consistent.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Used, testing};
    use rekindle_lifecycle::id::{MessageId, short_digest};

    fn vinyl() -> ShopId {
        ShopId::parse("vinyl").expect("an id")
    }

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + number).expect("an instant")
    }

    /// The first outcome of a mail, which arrived, or came back.
    fn outcome(name: &str, harm: Option<Harm>) -> MailOutcome {
        let message = MessageId::parse(&short_digest(&[name], 26)).expect("an id");
        MailOutcome { message, sent_at: second(0), at: second(0), is_first: true, moved: true, harm }
    }

    #[tokio::test]
    async fn batches_that_count_at_the_same_time_lose_nothing() {
        let (store, _) = testing::store_and_client().await;
        let batches = (0..8).map(|batch| {
            let store = store.clone();
            async move {
                let outcomes: Vec<_> =
                    (0..10).map(|n| outcome(&format!("{batch}-{n}"), (n == 0).then_some(Harm::Bounce))).collect();
                store.count_outcomes(&vinyl(), &outcomes, second(1)).await
            }
        });
        for counted in futures::future::join_all(batches).await {
            counted.expect("counted");
        }
        let reputation = store.reputation(&vinyl()).await.expect("read");
        assert_eq!((reputation.mails(), reputation.bounces(), reputation.complaints()), (80, 8, 0));
    }

    #[tokio::test]
    async fn a_batch_costs_one_read_and_one_write_and_a_repeated_one_no_write() {
        let (store, _) = testing::store_and_client().await;
        let outcomes: Vec<_> = (0..10).map(|n| outcome(&n.to_string(), None)).collect();
        let bounce = outcome("b", Some(Harm::Bounce));
        for _ in 0..99 {
            store.count_outcomes(&vinyl(), &outcomes, second(1)).await.expect("counted");
        }
        store.capacity().take();
        let all: Vec<_> = outcomes.iter().cloned().chain([bounce.clone()]).collect();
        let counted = store.count_outcomes(&vinyl(), &all, second(2)).await.expect("counted");
        assert_eq!(store.capacity().take(), Used { read: 1.0, write: 1.0 });
        assert_eq!((counted.mails(), counted.bounces()), (1_001, 1));
        let again = MailOutcome { is_first: false, moved: false, ..bounce };
        let counted = store.count_outcomes(&vinyl(), &[again], second(3)).await.expect("counted");
        assert_eq!(store.capacity().take(), Used { read: 1.0, write: 0.0 });
        assert_eq!((counted.mails(), counted.bounces()), (1_001, 1));
    }

    #[tokio::test]
    async fn shops_are_counted_apart_and_one_can_start_anew() {
        let (store, _) = testing::store_and_client().await;
        let tea = ShopId::parse("tea").expect("an id");
        store.count_outcomes(&vinyl(), &[outcome("a", Some(Harm::Complaint))], second(1)).await.expect("counted");
        store.count_outcomes(&tea, &[outcome("b", None)], second(1)).await.expect("counted");
        store.start_reputation_anew(&vinyl(), second(2)).await.expect("reset");
        assert_eq!(store.reputation(&vinyl()).await.expect("read").complaints(), 0);
        assert_eq!(store.reputation(&tea).await.expect("read").mails(), 1);
        // About a mail of before.
        let late = outcome("c", Some(Harm::Complaint));
        assert_eq!(store.count_outcomes(&vinyl(), &[late], second(3)).await.expect("counted").mails(), 0);
    }
}

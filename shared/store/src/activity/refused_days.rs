//! The days on which events of a shop were refused, as a list (`pk = {shop}!quarantine#days` of `activity`), so that a search
//! for a person's refused events reads those days and not all 90.
//!
//! A day is listed before its first event is stored. *Stopped* in between: the day is listed and has none, which costs a read.
//! *Beside itself*: every writer stores the same item. *Beside the previous version*, which lists no day: the list says from which
//! day on it is complete; the days around that one are read whether they are listed or not. Where the list does not say so yet, each
//! of the 90 days is looked at once.

use crate::activity::quarantine::RETENTION_DAYS;
use crate::store::Store;
use crate::table::calls::Item;
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rekindle_lifecycle::id::ShopId;
use std::collections::BTreeSet;

/// Days that are looked at in parallel.
const CONCURRENCY: usize = 8;
/// The attribute with the day from which on the list is complete.
const FROM: &str = "from";
/// How many days before and after that one are read as if they were listed: a function of the previous version may still run, by
/// a clock that is not quite the same.
const DAYS_BESIDE_PREVIOUS_VERSION: i64 = 1;

impl Store {
    /// Lists days that are about to have refused events. Free for those that this process has listed before.
    pub(crate) async fn list_refused_days(&self, shop: &ShopId, days: BTreeSet<Date>) -> Result<(), StoreError> {
        let new: Vec<Date> = days.into_iter().filter(|day| !self.listed_days.has(shop, *day)).collect();
        if new.is_empty() {
            return Ok(());
        }
        self.put_items(&self.tables.activity, new.iter().map(|day| day_item(shop, *day)).collect()).await?;
        self.listed_days.add(shop, &new);
        Ok(())
    }

    /// Says that a shop had no refused events before this day, because it is new.
    ///
    /// # Errors
    /// The database refused or did not answer: the first search looks at each day.
    pub async fn list_refused_days_from(&self, shop: &ShopId, now: Timestamp) -> Result<(), StoreError> {
        let item = [
            ("pk".to_owned(), AttributeValue::S(keys::refused_days_pk(shop))),
            ("sk".to_owned(), AttributeValue::S(keys::REFUSED_LISTED_FROM_SK.to_owned())),
            (FROM.to_owned(), AttributeValue::S(day_of(now).to_string())),
        ];
        self.put_items(&self.tables.activity, vec![Item::from(item)]).await
    }

    /// The days (UTC) of the last 90 on which events of a shop may have been refused, oldest first: one read unit for 80 days.
    /// Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read.
    pub async fn refused_days(&self, shop: &ShopId, now: Timestamp) -> Result<Vec<Date>, StoreError> {
        let today = day_of(now);
        let oldest = today.saturating_sub(RETENTION_DAYS.days());
        let (mut days, from) = self.listed_refused_days(shop).await?;
        match from {
            Some(from) => {
                let beside = DAYS_BESIDE_PREVIOUS_VERSION.days();
                let last = from.saturating_add(beside);
                days.extend(from.saturating_sub(beside).series(1.day()).take_while(|day| *day <= last));
            }
            None => {
                let unlisted = oldest.series(1.day()).take_while(|day| *day <= today);
                let unlisted: Vec<Date> = unlisted.filter(|day| !days.contains(day)).collect();
                let found: BTreeSet<Date> = stream::iter(unlisted)
                    .map(async |day| Ok::<_, StoreError>(self.has_refused(shop, day).await?.then_some(day)))
                    .buffered(CONCURRENCY)
                    .try_filter_map(async |day| Ok(day))
                    .try_collect()
                    .await?;
                self.list_refused_days(shop, found.clone()).await?;
                self.list_refused_days_from(shop, now).await?;
                days.extend(found);
                days.insert(today);
            }
        }
        Ok(days.into_iter().filter(|day| (oldest..=today).contains(day)).collect())
    }

    /// The listed days, and the day from which on the list is complete.
    async fn listed_refused_days(&self, shop: &ShopId) -> Result<(BTreeSet<Date>, Option<Date>), StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::refused_days_pk(shop)))
            .consistent_read(true);
        let (mut days, mut from) = (BTreeSet::new(), None);
        for item in self.all(query).await? {
            let sk = item.get("sk").and_then(|sk| sk.as_s().ok()).map(String::as_str).unwrap_or_default();
            if sk == keys::REFUSED_LISTED_FROM_SK {
                from = item.get(FROM).and_then(|day| day.as_s().ok()?.parse().ok());
            }
            days.extend(keys::refused_day(sk));
        }
        Ok((days, from))
    }

    async fn has_refused(&self, shop: &ShopId, day: Date) -> Result<bool, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::quarantine_pk(shop, day)))
            .projection_expression("sk")
            .limit(1);
        Ok(!self.page(query).await?.items().is_empty())
    }
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn day_item(shop: &ShopId, day: Date) -> Item {
    // The events of the day's last moment are kept as long as their own.
    let end = day.saturating_add((RETENTION_DAYS + 2).days());
    let expires_at = end.to_zoned(TimeZone::UTC).map_or(i64::MAX, |end| end.timestamp().as_second());
    Item::from([
        ("pk".to_owned(), AttributeValue::S(keys::refused_days_pk(shop))),
        ("sk".to_owned(), AttributeValue::S(keys::refused_day_sk(day))),
        (EXPIRES_AT.to_owned(), AttributeValue::N(expires_at.to_string())),
    ])
}

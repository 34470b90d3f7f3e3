//! Feeds that are fetched by themselves: what shops named, and where the fetching of each stands.
//!
//! All feeds of the deployment are in one partition, so that those that are due are found by one query. An item has `source` and `state`
//! (JSON), and `revision`, which grows with every change.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::calls::{Item, key};
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_catalogue::fetching::{FeedName, FeedSource, FetchState};
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::retry::Attempts;
use serde::de::DeserializeOwned;

const SOURCE: &str = "source";
const STATE: &str = "state";
const REVISION: &str = "revision";

/// A feed as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFeed {
    /// Whose it is.
    pub shop: ShopId,
    /// What the shop calls it.
    pub name: FeedName,
    /// Where it is.
    pub source: FeedSource,
    /// Where its fetching stands.
    pub state: FetchState,
    /// Grows with every change; 0 before it is stored.
    pub revision: u64,
}

impl Store {
    /// The feeds of a shop by name. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn feeds_of(&self, shop: &ShopId) -> Result<Vec<StoredFeed>, StoreError> {
        let query = self
            .client
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :shop)")
            .expression_attribute_values(":shop", AttributeValue::S(keys::feeds_of(shop)));
        self.query_feeds(query.consistent_read(true)).await
    }

    /// The feeds of all shops, as they lately were: half a read unit for each 4 KB of them together.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn all_feeds(&self) -> Result<Vec<StoredFeed>, StoreError> {
        self.query_feeds(self.client.query().key_condition_expression("pk = :pk")).await
    }

    async fn query_feeds(
        &self,
        query: aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder,
    ) -> Result<Vec<StoredFeed>, StoreError> {
        let query = query.table_name(&self.tables.shops);
        let query = query.expression_attribute_values(":pk", AttributeValue::S(keys::FEEDS_PK.to_owned()));
        // One that another version stored in a form that this one cannot read is left to that version.
        Ok(self.all(query).await?.iter().filter_map(parse_feed).collect())
    }

    /// A feed of a shop, as it is after every write that was acknowledged before.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn feed(&self, shop: &ShopId, name: &FeedName) -> Result<Option<StoredFeed>, StoreError> {
        let sk = keys::feed_sk(shop, name.as_str());
        let item = self.get(&self.tables.shops, keys::FEEDS_PK.to_owned(), Some(sk)).await?;
        Ok(item.as_ref().and_then(parse_feed))
    }

    /// Stores a feed if it is still as it was read, or still not there if its revision is 0; whether it was.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_feed(&self, feed: &StoredFeed) -> Result<bool, StoreError> {
        let put = self.client.put_item().table_name(&self.tables.shops).set_item(Some(feed_item(feed)));
        let put = match feed.revision {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            seen => put
                .condition_expression("#revision = :seen")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":seen", number(seen)),
        };
        self.put_if(put).await
    }

    /// Changes a feed that may be there, or makes one: `change` gets what is stored and returns what to store, or nothing to store nothing.
    /// Returns what is stored then.
    ///
    /// # Errors
    /// The database refused or did not answer, or others wrote it first again and again.
    pub async fn change_feed(
        &self,
        shop: &ShopId,
        name: &FeedName,
        change: impl Fn(Option<StoredFeed>) -> Option<StoredFeed>,
    ) -> Result<Option<StoredFeed>, StoreError> {
        let mut attempts = Attempts::at("feed", name.as_str());
        while attempts.next().await {
            let Some(feed) = change(self.feed(shop, name).await?) else { return Ok(None) };
            if self.put_feed(&feed).await? {
                return Ok(Some(StoredFeed { revision: feed.revision + 1, ..feed }));
            }
        }
        Err(attempts.lost().into())
    }

    /// Removes a feed; whether there was one. What it said of products stays.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn remove_feed(&self, shop: &ShopId, name: &FeedName) -> Result<bool, StoreError> {
        let sk = keys::feed_sk(shop, name.as_str());
        Ok(self.delete(&self.tables.shops, keys::FEEDS_PK.to_owned(), Some(sk)).await?.is_some())
    }
}

/// The item of a feed with the next revision.
fn feed_item(feed: &StoredFeed) -> Item {
    let json = |json: serde_json::Result<String>| AttributeValue::S(json.expect("what is stored is JSON"));
    let mut item = key(keys::FEEDS_PK.to_owned(), Some(keys::feed_sk(&feed.shop, feed.name.as_str())));
    item.insert(SOURCE.to_owned(), json(serde_json::to_string(&feed.source)));
    item.insert(STATE.to_owned(), json(serde_json::to_string(&feed.state)));
    item.insert(REVISION.to_owned(), number(feed.revision + 1));
    item
}

fn parse_feed(item: &Item) -> Option<StoredFeed> {
    fn json<T: DeserializeOwned>(item: &Item, name: &str) -> Option<T> {
        serde_json::from_str(item.get(name)?.as_s().ok()?).ok()
    }
    let (shop, name) = item.get("sk")?.as_s().ok()?.split_once('#')?;
    Some(StoredFeed {
        shop: ShopId::parse(shop).ok()?,
        name: FeedName::parse(name)?,
        source: json(item, SOURCE)?,
        state: json(item, STATE)?,
        revision: item.get(REVISION)?.as_n().ok()?.parse().ok()?,
    })
}

//! How far the pass over all customers is: its segments, then the shops whose reports are made of what the segments gave.
//!
//! All of it is in one partition, so a worker sees with one query what is left. Each part is leased by one worker at a time; a worker
//! that stops loses its part when the lease is over, and what it had not handed in is gathered again under another name.

use super::revised::Revised;
use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::ShopId;
use serde::{Deserialize, Serialize};

/// How long the parts of a pass are kept.
const RETENTION: SignedDuration = SignedDuration::from_hours(72);

/// A pass over all customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// The day on which it began, in UTC: its name.
    pub day: Date,
    /// When it began. Reports are as of the last day that was complete then, in each shop's zone.
    pub started_at: Timestamp,
    /// Into how many segments the customers are divided.
    pub segments: u16,
    /// When its last report was stored.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// Customers of all shops, once it is finished.
    #[serde(default)]
    pub customers: u64,
}

/// How far a segment is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The key of the last customer whose piece was handed in; none at the beginning.
    #[serde(default)]
    pub after: Option<String>,
    /// The legs whose pieces count. A worker gathers under a name of its own, which comes onto this list with `after`: so what a stopped
    /// worker left behind counts for nothing.
    #[serde(default)]
    pub legs: Vec<String>,
    /// How often a worker took it.
    #[serde(default)]
    pub attempts: u32,
    /// Until when a worker has it.
    #[serde(default)]
    pub leased_until: Option<Timestamp>,
    /// Customers read so far.
    #[serde(default)]
    pub customers: u64,
    /// Whether all are read.
    #[serde(default)]
    pub done: bool,
}

/// How far a shop's reports are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopPart {
    /// Until when a worker has it.
    #[serde(default)]
    pub leased_until: Option<Timestamp>,
    /// Whether they are stored.
    #[serde(default)]
    pub done: bool,
}

impl Store {
    /// The latest pass. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item cannot be read.
    pub async fn latest_pass(&self) -> Result<Revised<Option<Pass>>, StoreError> {
        self.revised(keys::PASS_PK, keys::PASS_SK).await
    }

    /// Stores the latest pass if the stored one is still the one that was read; whether it was.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_pass(&self, pass: &Revised<Option<Pass>>) -> Result<bool, StoreError> {
        self.put_revised(keys::PASS_PK, keys::PASS_SK, pass, None).await
    }

    /// Where the segments of a pass stand that a worker has taken, by their numbers.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read.
    pub async fn pass_segments(&self, pass: &Pass) -> Result<Vec<(u16, Revised<Segment>)>, StoreError> {
        let found = self.all_revised(keys::PASS_PK, &keys::pass_segments_of(pass.day)).await?;
        Ok(found.into_iter().filter_map(|(number, segment)| Some((number.parse().ok()?, segment))).collect())
    }

    /// Stores where a segment stands if that is still what was read; whether it was.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_pass_segment(
        &self,
        pass: &Pass,
        number: u16,
        segment: &Revised<Segment>,
    ) -> Result<bool, StoreError> {
        let sk = keys::pass_segment_sk(pass.day, number);
        self.put_revised(keys::PASS_PK, &sk, segment, expiry(pass)).await
    }

    /// Where the shops of a pass stand.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read.
    pub async fn pass_shops(&self, pass: &Pass) -> Result<Vec<(ShopId, Revised<ShopPart>)>, StoreError> {
        let found = self.all_revised(keys::PASS_PK, &keys::pass_shops_of(pass.day)).await?;
        Ok(found.into_iter().filter_map(|(shop, part)| Some((ShopId::parse(&shop).ok()?, part))).collect())
    }

    /// Stores where a shop stands if that is still what was read; whether it was.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_pass_shop(
        &self,
        pass: &Pass,
        shop: &ShopId,
        part: &Revised<ShopPart>,
    ) -> Result<bool, StoreError> {
        self.put_revised(keys::PASS_PK, &keys::pass_shop_sk(pass.day, shop), part, expiry(pass)).await
    }
}

pub(super) fn expiry(pass: &Pass) -> Option<Timestamp> {
    pass.started_at.checked_add(RETENTION).ok()
}

//! The position of the mirror of SNS's opt-out list, so that a run continues where the one before it stopped.
//!
//! One item of `shops` for the whole account: `place` (JSON: [`MirrorPlace`]) and `revision`. A place of a form that this
//! version does not know counts as none, and the list is read from its beginning.

use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const PLACE: &str = "place";
const REVISION: &str = "revision";

/// The position of a pass over the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorPlace {
    /// When the pass began.
    pub began_at: Timestamp,
    /// When this was written: a continuation token is not kept for ever.
    pub written_at: Timestamp,
    /// SNS's token of the next page; absent once the pass is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<String>,
}

impl Store {
    /// The place, if one is stored, and the revision to name when it is replaced. One read unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn mirror_place(&self) -> Result<(Option<MirrorPlace>, u64), StoreError> {
        let sk = Some(keys::OPT_OUT_MIRROR_SK.to_owned());
        let item = self.get(&self.tables.shops, keys::OPT_OUT_MIRROR_PK.to_owned(), sk).await?.unwrap_or_default();
        let place = item.get(PLACE).and_then(|place| serde_json::from_str(place.as_s().ok()?).ok());
        let revision = item.get(REVISION).and_then(|revision| revision.as_n().ok()?.parse().ok());
        Ok((place, revision.unwrap_or(0)))
    }

    /// Replaces the place that was read at a revision; `false` if another run replaced it since. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer; the place may be stored.
    pub async fn put_mirror_place(&self, place: &MirrorPlace, read_at_revision: u64) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::OPT_OUT_MIRROR_PK.to_owned()))
            .item("sk", AttributeValue::S(keys::OPT_OUT_MIRROR_SK.to_owned()))
            .item(PLACE, json(place))
            .item(REVISION, number(read_at_revision + 1))
            .condition_expression("attribute_not_exists(pk) OR #revision = :read")
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":read", number(read_at_revision));
        self.put_if(put).await
    }
}

//! How far an erasure has looked through a shop's refused events (`pk = erased#{fingerprint}` of `shops`, `sk = refused`), so that a
//! call that continues it does not begin anew.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;

const DAY: &str = "day";
const AFTER: &str = "after";

/// A place among the refused events of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedPlace {
    /// The day, in UTC, on which they were refused.
    pub day: Date,
    /// The sort key after which to continue; none at the beginning of the day.
    pub after: Option<String>,
}

impl Store {
    /// Stores how far an erasure has come.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_refused_place(&self, fingerprint: &str, place: &RefusedPlace) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::erased_pk(fingerprint)))
            .item("sk", AttributeValue::S(keys::ERASED_REFUSED_SK.to_owned()))
            .item(DAY, AttributeValue::S(place.day.to_string()))
            .item(AFTER, AttributeValue::S(place.after.clone().unwrap_or_default()));
        self.put_if(put).await.map(|_| ())
    }

    /// How far an erasure has come, if it has begun. Strongly consistent: one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn refused_place(&self, fingerprint: &str) -> Result<Option<RefusedPlace>, StoreError> {
        let sk = Some(keys::ERASED_REFUSED_SK.to_owned());
        let Some(item) = self.get(&self.tables.shops, keys::erased_pk(fingerprint), sk).await? else { return Ok(None) };
        let text = |name| item.get(name).and_then(|value| value.as_s().ok());
        // One that cannot be read costs that the search begins anew.
        let day = text(DAY).and_then(|day| day.parse().ok());
        let after = text(AFTER).filter(|after| !after.is_empty()).cloned();
        Ok(day.map(|day| RefusedPlace { day, after }))
    }

    /// Forgets how far an erasure has come.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn remove_refused_place(&self, fingerprint: &str) -> Result<(), StoreError> {
        let sk = Some(keys::ERASED_REFUSED_SK.to_owned());
        self.delete(&self.tables.shops, keys::erased_pk(fingerprint), sk).await.map(|_| ())
    }
}

//! Events that were refused: kept for 90 days with the reason, for the platform team to review.

use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::{ShopId, short_digest};
use std::collections::HashMap;

/// Maximum length of the stored body, in bytes; a longer one is cut.
pub const MAX_BODY_LEN: usize = 32 * 1024;
/// How long a refused event is kept, in days.
pub const RETENTION_DAYS: i64 = 90;
const RETENTION: SignedDuration = SignedDuration::from_hours(RETENTION_DAYS * 24);

/// A refused event. `Debug` does not show the body, which may hold addresses.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    /// When it came.
    pub received_at: Timestamp,
    /// The field that is wrong, as a path such as `properties.total`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
    /// What was sent, cut to [`MAX_BODY_LEN`].
    pub body: String,
}

impl Store {
    /// Stores refused events. The same body refused again on the same day (UTC) is the same item.
    ///
    /// # Errors
    /// As [`Store::put_facts`].
    pub async fn put_refused(&self, shop: &ShopId, refused: &[Refused]) -> Result<(), StoreError> {
        let items = refused.iter().map(|refused| refused_item(shop, refused)).collect();
        self.put_items(&self.tables.activity, items).await
    }

    /// The events of a shop that were refused on a day (UTC): at most one page (1 MB) from `after` on, and where the next page
    /// begins.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read.
    pub async fn refused_on(
        &self,
        shop: &ShopId,
        day: Date,
        after: Option<String>,
    ) -> Result<(Vec<Refused>, Option<String>), StoreError> {
        let (page, next) = self.refused_items_on(shop, day, after).await?;
        Ok((page.into_iter().map(|(_, refused)| refused).collect(), next))
    }

    /// As [`Store::refused_on`], each with its sort key.
    ///
    /// # Errors
    /// As [`Store::refused_on`].
    pub async fn refused_items_on(
        &self,
        shop: &ShopId,
        day: Date,
        after: Option<String>,
    ) -> Result<(Vec<(String, Refused)>, Option<String>), StoreError> {
        let pk = AttributeValue::S(keys::quarantine_pk(shop, day));
        let start =
            after.map(|sk| HashMap::from([("pk".to_owned(), pk.clone()), ("sk".to_owned(), AttributeValue::S(sk))]));
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", pk)
            .set_exclusive_start_key(start);
        let answer = self.page(query).await?;
        let sk = |item: &HashMap<String, AttributeValue>| item.get("sk").and_then(|sk| sk.as_s().ok()).cloned();
        let page = answer.items().iter().map(|item| Ok((sk(item).unwrap_or_default(), refused_from_item(item)?)));
        let page = page.collect::<Result<_, StoreError>>()?;
        Ok((page, answer.last_evaluated_key().and_then(sk)))
    }

    /// Removes refused events of a day by their sort keys. Removing them twice is harmless.
    ///
    /// # Errors
    /// The database refused or did not answer: some may be left.
    pub async fn remove_refused(&self, shop: &ShopId, day: Date, sks: &[String]) -> Result<(), StoreError> {
        self.remove_items(&keys::quarantine_pk(shop, day), sks).await
    }
}

fn refused_item(shop: &ShopId, refused: &Refused) -> HashMap<String, AttributeValue> {
    let digest = short_digest(&["refused", &refused.field, &refused.reason, &refused.body], 26);
    let day = refused.received_at.to_zoned(TimeZone::UTC).date();
    let expires_at = (refused.received_at + RETENTION).as_second();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(keys::quarantine_pk(shop, day))),
        ("sk".to_owned(), AttributeValue::S(keys::quarantine_sk(&digest))),
        ("received_at".to_owned(), AttributeValue::S(refused.received_at.to_string())),
        ("field".to_owned(), text(&refused.field)),
        ("reason".to_owned(), text(&refused.reason)),
        ("body".to_owned(), text(cut(&refused.body, MAX_BODY_LEN))),
        (EXPIRES_AT.to_owned(), AttributeValue::N(expires_at.to_string())),
    ])
}

fn refused_from_item(item: &HashMap<String, AttributeValue>) -> Result<Refused, StoreError> {
    let text = |attribute| {
        let text = item.get(attribute).and_then(|value| value.as_s().ok()).cloned();
        text.ok_or(StoreError::Unreadable { family: keys::REFUSED, attribute })
    };
    let received_at = text("received_at")?.parse();
    let received_at =
        received_at.map_err(|_| StoreError::Unreadable { family: keys::REFUSED, attribute: "received_at" })?;
    Ok(Refused { received_at, field: text("field")?, reason: text("reason")?, body: text("body")? })
}

/// The beginning of a text, at most `max_len` bytes, ending between two characters.
fn cut(text: &str, max_len: usize) -> &str {
    &text[..text.floor_char_boundary(max_len)]
}

impl std::fmt::Debug for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { received_at, field, reason, body } = self;
        write!(f, "Refused({received_at}, {field}: {reason}, {} bytes)", body.len())
    }
}

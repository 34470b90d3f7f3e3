//! Events that were refused: kept for 90 days with the reason, for the platform team to review and to take in again.

use crate::activity::refused_call::RefusedCall;
use crate::store::Store;
use crate::table::attributes::json;
use crate::table::calls::{self, Item, next_page};
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::{ShopId, short_digest};
use std::collections::BTreeSet;

/// Maximum length of the stored body, in bytes: that of the longest event, an order. A longer one is cut.
pub const MAX_BODY_LEN: usize = 256 * 1024;
/// The same of what is no event of a shop, such as a whole call that cannot be read: it is kept to be looked at.
const MAX_OTHER_LEN: usize = 32 * 1024;
/// How long a refused event is kept, in days.
pub const RETENTION_DAYS: i64 = 90;
const RETENTION: SignedDuration = SignedDuration::from_hours(RETENTION_DAYS * 24);

const FIELD: &str = "field";
const REASON: &str = "reason";
const CODE: &str = "code";
const CALL: &str = "call";

/// A refused event. `Debug` does not show the body, which may hold addresses.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    /// When it came.
    pub received_at: Timestamp,
    /// The field that is wrong, as a path such as `properties.total`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
    /// The kind of reason, of which there are few; none of what a version without kinds refused.
    pub code: Option<String>,
    /// What was sent, cut to [`MAX_BODY_LEN`], or to an eighth of that if it is no event.
    pub body: String,
    /// How it came; none of what is no event of a shop, and of what a version refused that did not keep it.
    pub call: Option<RefusedCall>,
}

impl Refused {
    /// What was sent, with the field that is wrong and the reason.
    #[must_use]
    pub fn new(received_at: Timestamp, field: &str, reason: &str, body: &str) -> Self {
        let (field, reason) = (field.to_owned(), reason.to_owned());
        Self { received_at, field, reason, code: None, body: body.to_owned(), call: None }
    }

    /// The day (UTC) among whose refused events it is.
    #[must_use]
    pub fn day(&self) -> Date {
        self.received_at.to_zoned(TimeZone::UTC).date()
    }
}

impl Store {
    /// Stores refused events, and before them that their day has any: a stop in between leaves a day listed that has none.
    /// The same body refused again on the same day (UTC) is the same item.
    ///
    /// # Errors
    /// As [`Store::put_facts`].
    pub async fn put_refused(&self, shop: &ShopId, refused: &[Refused]) -> Result<(), StoreError> {
        let days: BTreeSet<Date> = refused.iter().map(Refused::day).collect();
        self.list_refused_days(shop, days).await?;
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
        let pk = keys::quarantine_pk(shop, day);
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.clone()))
            .set_exclusive_start_key(after.map(|sk| calls::key(pk, Some(sk))));
        let answer = self.page(query).await?;
        let sk = |item: &Item| item.get("sk").and_then(|sk| sk.as_s().ok()).cloned();
        let page = answer.items().iter().map(|item| Ok((sk(item).unwrap_or_default(), refused_from_item(item)?)));
        let page = page.collect::<Result<_, StoreError>>()?;
        Ok((page, next_page(&answer)))
    }

    /// The refused event of a day with this digest (see [`keys::refused_digest`]), if there is one. Strongly consistent.
    ///
    /// # Errors
    /// As [`Store::refused_on`].
    pub async fn refused_event(&self, shop: &ShopId, day: Date, digest: &str) -> Result<Option<Refused>, StoreError> {
        let sk = Some(keys::quarantine_sk(digest));
        let item = self.get(&self.tables.activity, keys::quarantine_pk(shop, day), sk).await?;
        item.as_ref().map(refused_from_item).transpose()
    }

    /// Stores why an event is refused now, if it is still there; one that was removed meanwhile does not come back.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn refuse_again(&self, shop: &ShopId, sk: &str, refused: &Refused) -> Result<(), StoreError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.activity)
            .set_key(Some(calls::key(keys::quarantine_pk(shop, refused.day()), Some(sk.to_owned()))))
            .update_expression("SET #field = :field, #reason = :reason, #code = :code")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#field", FIELD)
            .expression_attribute_names("#reason", REASON)
            .expression_attribute_names("#code", CODE)
            .expression_attribute_values(":field", text(&refused.field))
            .expression_attribute_values(":reason", text(&refused.reason))
            .expression_attribute_values(":code", text(refused.code.as_deref().unwrap_or_default()));
        self.update_if(update).await.map(|_| ())
    }

    /// Removes refused events of a day by their sort keys. Removing them twice is harmless.
    ///
    /// # Errors
    /// The database refused or did not answer: some may be left.
    pub async fn remove_refused(&self, shop: &ShopId, day: Date, sks: &[String]) -> Result<(), StoreError> {
        self.remove_items(&keys::quarantine_pk(shop, day), sks).await
    }
}

/// The item of a refused event. What it is stored under says all that it means, so that one may be removed for another that came
/// later.
fn refused_item(shop: &ShopId, refused: &Refused) -> Item {
    let body = cut(&refused.body, if refused.call.is_some() { MAX_BODY_LEN } else { MAX_OTHER_LEN });
    let is_cut = body.len() < refused.body.len();
    let call = refused.call.clone().map(|call| RefusedCall { incomplete: call.incomplete || is_cut, ..call });
    // A repetition has another time of sending.
    let lasting = call.clone().map(|call| RefusedCall { sent_at: None, ..call });
    let lasting = lasting.map(|call| serde_json::to_string(&call).expect("a call is JSON")).unwrap_or_default();
    let digest = short_digest(&["refused", &refused.field, &refused.reason, &refused.body, &lasting], 26);
    let expires_at = (refused.received_at + RETENTION).as_second();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let mut item = Item::from([
        ("pk".to_owned(), AttributeValue::S(keys::quarantine_pk(shop, refused.day()))),
        ("sk".to_owned(), AttributeValue::S(keys::quarantine_sk(&digest))),
        ("received_at".to_owned(), AttributeValue::S(refused.received_at.to_string())),
        (FIELD.to_owned(), text(&refused.field)),
        (REASON.to_owned(), text(&refused.reason)),
        ("body".to_owned(), text(body)),
        (EXPIRES_AT.to_owned(), AttributeValue::N(expires_at.to_string())),
    ]);
    item.extend(refused.code.as_deref().map(|code| (CODE.to_owned(), text(code))));
    item.extend(call.map(|call| (CALL.to_owned(), json(&call))));
    item
}

fn refused_from_item(item: &Item) -> Result<Refused, StoreError> {
    let optional = |attribute| item.get(attribute).and_then(|value| value.as_s().ok()).cloned();
    let unreadable = |attribute| StoreError::Unreadable { family: keys::REFUSED, attribute };
    let text = |attribute| optional(attribute).ok_or_else(|| unreadable(attribute));
    let received_at = text("received_at")?.parse().map_err(|_| unreadable("received_at"))?;
    Ok(Refused {
        received_at,
        field: text(FIELD)?,
        reason: text(REASON)?,
        code: optional(CODE).filter(|code| !code.is_empty()),
        body: text("body")?,
        // One that this version cannot read is as good as none.
        call: optional(CALL).and_then(|call| serde_json::from_str(&call).ok()),
    })
}

/// The beginning of a text, at most `max_len` bytes, ending between two characters.
fn cut(text: &str, max_len: usize) -> &str {
    &text[..text.floor_char_boundary(max_len)]
}

impl std::fmt::Debug for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { received_at, field, reason, body, .. } = self;
        write!(f, "Refused({received_at}, {field}: {reason}, {} bytes)", body.len())
    }
}

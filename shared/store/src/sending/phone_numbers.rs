//! Which customers were texted at a phone number, and with what, so that an answer finds them. The number itself is not stored, only
//! its keyed fingerprint.
//!
//! One item of `shops` for each number and customer: `pk` = `phone#{fingerprint}`, `sk` = `{shop}#{customer}`, and for
//! each kind of text the latest message of that kind and when it was sent.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::MessageId;
use std::collections::{BTreeMap, HashMap};

/// The kind of a text, as far as its answer depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextKind {
    /// The NPS question, which a lone number answers.
    Survey,
    /// The request for consent to texts, which a "yes" answers.
    Confirmation,
    /// Anything else.
    Other,
}

/// A text that went to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The message.
    pub message: MessageId,
    /// When the provider accepted it.
    pub at: Timestamp,
}

/// A customer who was texted at a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextedCustomer {
    /// The customer.
    pub customer: CustomerKey,
    texts: BTreeMap<TextKind, Text>,
}

/// Minimum time between two answers to a question for help.
const HELP_ANSWER_INTERVAL: SignedDuration = SignedDuration::from_hours(24);

impl TextKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Survey, Self::Confirmation, Self::Other];

    /// The attributes that hold the latest message of the kind and its time.
    fn attributes(self) -> (&'static str, &'static str) {
        match self {
            Self::Survey => ("survey", "survey_at"),
            Self::Confirmation => ("confirmation", "confirmation_at"),
            Self::Other => ("other", "other_at"),
        }
    }
}

impl TextedCustomer {
    /// The latest text of a kind.
    #[must_use]
    pub fn text(&self, kind: TextKind) -> Option<&Text> {
        self.texts.get(&kind)
    }

    /// The latest text of all.
    #[must_use]
    pub fn latest(&self) -> Option<&Text> {
        self.texts.values().max_by_key(|text| text.at)
    }
}

impl Store {
    /// Records that a text went to a number. Texts may be recorded in any order and any number of times; the latest of each kind
    /// counts. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn note_text(
        &self,
        fingerprint: &str,
        customer: &CustomerKey,
        message: &MessageId,
        kind: TextKind,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (message_name, at_name) = kind.attributes();
        let written = self
            .client
            .update_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::phone_pk(fingerprint)))
            .key("sk", AttributeValue::S(customer.pk()))
            .update_expression("SET #message = :message, #at = :at")
            .condition_expression("attribute_not_exists(#at) OR #at <= :at")
            .expression_attribute_names("#message", message_name)
            .expression_attribute_names("#at", at_name)
            .expression_attribute_values(":message", AttributeValue::S(message.to_string()))
            .expression_attribute_values(":at", number(at.as_millisecond()));
        // A later text of the kind is recorded already.
        self.update_if(written).await.map(|_| ())
    }

    /// The customers, of every shop, who were texted at a number. Strongly consistent; one read unit up to
    /// about forty of them.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item cannot be read.
    pub async fn customers_of_number(&self, fingerprint: &str) -> Result<Vec<TextedCustomer>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::phone_pk(fingerprint)))
            .consistent_read(true);
        self.all(query).await?.iter().filter_map(|item| from_item(item).transpose()).collect()
    }

    /// Removes the record that a customer was texted at a number, for their erasure.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn forget_number(&self, fingerprint: &str, customer: &CustomerKey) -> Result<(), StoreError> {
        self.delete(&self.tables.shops, keys::phone_pk(fingerprint), Some(customer.pk())).await.map(|_| ())
    }

    /// Whether a question for help from a number is to be answered now: `true` once in 24 hours. A caller that gets `true` and
    /// stops before it answers leaves the number without an answer that day; two answers are never sent.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn claim_help_answer(&self, fingerprint: &str, now: Timestamp) -> Result<bool, StoreError> {
        let written = self
            .client
            .update_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::phone_pk(fingerprint)))
            .key("sk", AttributeValue::S(keys::HELP_ANSWER_SK.to_owned()))
            .update_expression("SET #at = :now")
            .condition_expression("attribute_not_exists(#at) OR #at <= :day_ago")
            .expression_attribute_names("#at", "answered_at")
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":day_ago", number((now - HELP_ANSWER_INTERVAL).as_millisecond()));
        self.update_if(written).await
    }
}

/// The customer of an item; `None` for the number's own record of help answers.
fn from_item(item: &HashMap<String, AttributeValue>) -> Result<Option<TextedCustomer>, StoreError> {
    let unreadable = |attribute| StoreError::Unreadable { family: "phone", attribute };
    let sk = item.get("sk").and_then(|value| value.as_s().ok()).ok_or_else(|| unreadable("sk"))?;
    if sk == keys::HELP_ANSWER_SK {
        return Ok(None);
    }
    let customer = CustomerKey::parse(sk).ok_or_else(|| unreadable("sk"))?;
    let mut texts = BTreeMap::new();
    for kind in TextKind::ALL {
        let (message_name, at_name) = kind.attributes();
        let Some(message) = item.get(message_name) else { continue };
        let message = message.as_s().ok().and_then(|id| MessageId::parse(id).ok());
        let at = item.get(at_name).and_then(|at| at.as_n().ok()?.parse().ok());
        let at = at.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        let (message, at) = (message.ok_or_else(|| unreadable(message_name))?, at.ok_or_else(|| unreadable(at_name))?);
        texts.insert(kind, Text { message, at });
    }
    Ok(Some(TextedCustomer { customer, texts }))
}

//! What reports still count of erased customers, under `pk = {shop}!erased` of `activity`, which is no customer's key: messages and
//! decisions without anything that leads to a person, the time cut to the day.

use crate::activity::item::Activity;
use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::id::{MessageId, ShopId};
use rekindle_lifecycle::message::Message;
use std::collections::HashMap;

const AT: &str = "at";

impl Store {
    /// Keeps what reports count of messages and decisions, without the person. `name` turns an id into one that cannot be traced
    /// back without the key; the same id always gets the same, so that a repetition counts once.
    ///
    /// # Errors
    /// The database refused, did not answer, or took only some of them.
    pub async fn keep_counts(
        &self,
        shop: &ShopId,
        activity: &[(String, Activity)],
        name: impl Fn(&str) -> String,
    ) -> Result<(), StoreError> {
        let pk = AttributeValue::S(keys::erased_counts_pk(shop));
        let items = activity.iter().filter_map(|(sk, activity)| match activity {
            Activity::Fact(_) | Activity::Coupon(_) | Activity::Unreadable(_) => None,
            Activity::Message(message) => {
                let message = without_person(message, MessageId::parse(&name(message.id.as_str())).ok()?);
                Some(HashMap::from([
                    ("sk".to_owned(), AttributeValue::S(keys::message_sk(&message.id))),
                    ("message".to_owned(), json(&message)),
                ]))
            }
            Activity::Decision(at, entries) => {
                let counted: Vec<&Entry> =
                    entries.iter().filter(|entry| matches!(entry, Entry::NotSent { .. })).collect();
                let sk = keys::erased_decision_sk(day(*at), &name(sk));
                let item =
                    HashMap::from([("sk".to_owned(), AttributeValue::S(sk)), ("entries".to_owned(), json(&counted))]);
                (!counted.is_empty()).then_some(item)
            }
        });
        let items = items.map(|mut item| {
            item.insert("pk".to_owned(), pk.clone());
            item
        });
        self.put_items(&self.tables.activity, items.collect()).await
    }

    /// Keeps an answer to the NPS question without the person who gave it.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn keep_answer(&self, shop: &ShopId, name: &str, score: u8, at: Timestamp) -> Result<(), StoreError> {
        let item = HashMap::from([
            ("pk".to_owned(), AttributeValue::S(keys::erased_counts_pk(shop))),
            ("sk".to_owned(), AttributeValue::S(keys::erased_answer_sk(name))),
            ("score".to_owned(), number(score)),
            (AT.to_owned(), number(day(at).as_millisecond())),
        ]);
        self.put_items(&self.tables.activity, vec![item]).await
    }

    /// The answers to the NPS question that erased customers gave, with the day.
    ///
    /// # Errors
    /// The database refused or did not answer, or an answer cannot be read.
    pub async fn kept_answers(&self, shop: &ShopId) -> Result<Vec<(u8, Timestamp)>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk AND begins_with(sk, :answers)")
            .expression_attribute_values(":pk", AttributeValue::S(keys::erased_counts_pk(shop)))
            .expression_attribute_values(":answers", AttributeValue::S(keys::ERASED_ANSWER.to_owned()));
        let mut found = Vec::new();
        for item in self.all(query).await? {
            let number = |name: &str| item.get(name).and_then(|value| value.as_n().ok()?.parse::<i64>().ok());
            let score = number("score").and_then(|score| u8::try_from(score).ok());
            let at = number(AT).and_then(|at| Timestamp::from_millisecond(at).ok());
            let unreadable = |attribute| StoreError::Unreadable { family: keys::ERASED_ANSWER, attribute };
            found.push((score.ok_or_else(|| unreadable("score"))?, at.ok_or_else(|| unreadable(AT))?));
        }
        Ok(found)
    }
}

/// A message as reports count it: without run (it names orders), coupon, ids, texts and time of day.
fn without_person(message: &Message, id: MessageId) -> Message {
    Message {
        id,
        run: String::new(),
        coupon: None,
        coupon_code: None,
        run_started_at: day(message.run_started_at),
        planned_at: day(message.planned_at),
        created_at: day(message.created_at),
        not_after: day(message.not_after),
        because: String::new(),
        lease_until: None,
        unknown_since: message.unknown_since.map(day),
        provider_id: None,
        accepted_at: message.accepted_at.map(day),
        note: None,
        ..message.clone()
    }
}

/// The beginning of the day (UTC).
fn day(at: Timestamp) -> Timestamp {
    at.to_zoned(TimeZone::UTC).start_of_day().map_or(at, |start| start.timestamp())
}

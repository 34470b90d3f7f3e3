//! Forgetting a customer: the parts from which an erasure is made, each harmless to repeat. The order is the caller's, and
//! matters (see `admin`).
//!
//! The mark (`pk = erased#{fingerprint}` of `shops`) names nobody: the fingerprint is keyed. It lets who still has old
//! facts in hand (a stream, a queue, an import of the same history) know that they are not to be taken in. It expires after
//! 30 days, when none of these can hold anything older.
//!
//! What reports count stays, under `pk = {shop}!erased` of `activity`, which is no customer's key: messages and decisions
//! with nothing in them that leads to a person, the time cut to the day.

use crate::activity::decisions::parse_decision_item;
use crate::activity::facts::parse_fact_item;
use crate::activity::messages::parse_message_item;
use crate::customers::item::parse_customer_item;
use crate::offers::coupons::Coupon;
use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::calls::{self, next_page};
use crate::table::error::StoreError;
use crate::table::keys::{self, CustomerKey};
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, ReturnConsumedCapacity, WriteRequest};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_lifecycle::message::Message;
use std::collections::HashMap;

/// How long a mark is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Items of `activity` looked at in one go.
const PAGE: i32 = 400;

/// What stands where a customer or an order was named.
const NOBODY: &str = "(erased)";

const AT: &str = "at";
const COMPLETE: &str = "complete";

/// That somebody was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasureMark {
    /// When it was last asked for: facts up to this instant are not to be taken in.
    pub at: Timestamp,
    /// Whether everything is gone.
    pub complete: bool,
}

/// Something stored about a customer. `Debug` shows its kind only.
pub enum Activity {
    /// What happened.
    Fact(Box<Fact>),
    /// A message.
    Message(Box<Message>),
    /// What was decided, and when.
    Decision(Timestamp, Vec<Entry>),
    /// The code of a coupon that one of their messages carries.
    Coupon(String),
    /// Something that this version cannot read. It can still be removed.
    Unreadable,
}

impl Store {
    /// Notes that a customer was erased at `at`; a later erasure moves the mark forward, an earlier one changes nothing.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn mark_erased(&self, fingerprint: &str, at: Timestamp, complete: bool) -> Result<(), StoreError> {
        let written = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::erased_pk(fingerprint)))
            .item("sk", AttributeValue::S(keys::ERASED_SK.to_owned()))
            .item(AT, number(at.as_millisecond()))
            .item(COMPLETE, AttributeValue::Bool(complete))
            .item(EXPIRES_AT, number((at + KEPT).as_second()))
            .condition_expression("attribute_not_exists(pk) OR #at <= :at")
            .expression_attribute_names("#at", AT)
            .expression_attribute_values(":at", number(at.as_millisecond()));
        self.put_if(written).await.map(|_| ())
    }

    /// The mark of a customer's erasure, if there was one in the last 30 days. Strongly consistent: one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer, or the mark cannot be read.
    pub async fn erasure_mark(&self, fingerprint: &str) -> Result<Option<ErasureMark>, StoreError> {
        let pk = keys::erased_pk(fingerprint);
        let Some(item) = self.get(&self.tables.shops, pk, Some(keys::ERASED_SK.to_owned())).await? else {
            return Ok(None);
        };
        let at = item.get(AT).and_then(|at| at.as_n().ok()?.parse().ok());
        let at = at.and_then(|at| Timestamp::from_millisecond(at).ok());
        Ok(Some(ErasureMark {
            at: at.ok_or(StoreError::Unreadable { family: "erased", attribute: AT })?,
            complete: item.get(COMPLETE).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false),
        }))
    }

    /// When a customer was erased, if that was in the last 30 days: facts up to that instant are not to be taken in. What
    /// asks for it before it makes a customer anew (version 0) pays one read unit, once in a customer's life.
    ///
    /// # Errors
    /// As [`Store::erasure_mark`].
    pub async fn erased_at(&self, fingerprint: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.erasure_mark(fingerprint).await?.map(|mark| mark.at))
    }

    /// Removes the item of a customer, and answers with what it was. From then on no message of theirs is claimed and no
    /// decision about them committed: both name the version they saw.
    ///
    /// # Errors
    /// The database refused or did not answer, or the item could not be read (it is gone then).
    pub async fn remove_customer(&self, key: &CustomerKey) -> Result<Option<Customer>, StoreError> {
        let removed = self.delete(&self.tables.customers, key.pk(), None).await?;
        removed.as_ref().map(parse_customer_item).transpose()
    }

    /// Some of what is stored about a customer, with the sort keys, from the beginning, or after a sort key; at most 400
    /// items. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item has no key.
    pub async fn activity_of(
        &self,
        key: &CustomerKey,
        after: Option<&str>,
    ) -> Result<(Vec<(String, Activity)>, Option<String>), StoreError> {
        let pk = AttributeValue::S(key.pk());
        let start = after.map(|sk| calls::key(key.pk(), Some(sk.to_owned())));
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", pk)
            .set_exclusive_start_key(start)
            .limit(PAGE)
            .consistent_read(true);
        let answer = self.page(query).await?;
        let next = next_page(&answer);
        let items = answer.items.unwrap_or_default().into_iter().map(read);
        Ok((items.collect::<Result<_, _>>()?, next))
    }

    /// All that is stored of one family ([`keys::MESSAGE`], …) about a customer. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or an item has no key.
    pub async fn activity_in(&self, key: &CustomerKey, family: &str) -> Result<Vec<Activity>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.activity)
            .key_condition_expression("pk = :pk AND begins_with(sk, :family)")
            .expression_attribute_values(":pk", AttributeValue::S(key.pk()))
            .expression_attribute_values(":family", AttributeValue::S(family.to_owned()))
            .consistent_read(true);
        let mut found = Vec::new();
        for item in self.all(query).await? {
            found.push(read(item)?.1);
        }
        Ok(found)
    }

    /// Removes items of a customer by their sort keys. What is not there is removed already.
    ///
    /// # Errors
    /// The database refused, did not answer, or removed only some of them.
    pub async fn remove_activity(&self, key: &CustomerKey, sks: &[String]) -> Result<(), StoreError> {
        let requests = sks.iter().map(|sk| {
            let delete = DeleteRequest::builder()
                .key("pk", AttributeValue::S(key.pk()))
                .key("sk", AttributeValue::S(sk.clone()))
                .build()
                .expect("a delete has a key");
            WriteRequest::builder().delete_request(delete).build()
        });
        self.write_batches(&self.tables.activity, requests.collect()).await
    }

    /// Keeps of messages and decisions what reports count, without the person. `name` makes of an id one that nobody
    /// without the key can lead back; the same id always has the same, so that counting again counts once.
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
            Activity::Fact(_) | Activity::Coupon(_) | Activity::Unreadable => None,
            Activity::Message(message) => {
                let message = nameless(message, MessageId::parse(&name(message.id.as_str())).ok()?);
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

    /// Forgets whose coupon this is and who used it, where that is this customer; what it is worth and that it was used
    /// stays.
    ///
    /// # Errors
    /// The database refused or did not answer, or the coupon cannot be read.
    pub async fn forget_in_coupon(&self, key: &CustomerKey, code: &str, name: &str) -> Result<(), StoreError> {
        let Some((coupon, used)) = self.coupon(&key.shop, code).await? else { return Ok(()) };
        let nobody = CustomerId::parse(NOBODY).expect("it is an id");
        let id = AttributeValue::S(keys::coupon_pk(&key.shop, code));
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.shops)
            .key("pk", id)
            .key("sk", AttributeValue::S(keys::COUPON_SK.to_owned()))
            .condition_expression("attribute_exists(pk)")
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut sets = Vec::new();
        if coupon.customer == key.customer {
            let message = MessageId::parse(name).unwrap_or_else(|_| coupon.message.clone());
            let coupon = Coupon { customer: nobody, message, ..coupon };
            sets.push("coupon = :coupon");
            update = update.expression_attribute_values(":coupon", json(&coupon));
        }
        if used.is_some_and(|used| used.customer == key.customer.as_str()) {
            sets.push("used_by = :nobody, used_by_customer = :nobody");
            update = update.expression_attribute_values(":nobody", AttributeValue::S(NOBODY.to_owned()));
        }
        if sets.is_empty() {
            return Ok(());
        }
        let answer = update.update_expression(format!("SET {}", sets.join(", "))).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk("UpdateItem", error))?;
        self.capacity.add_writes(answer.consumed_capacity());
        Ok(())
    }
}

/// A message as reports count it: no run (it names orders), no coupon, no ids, no words, no hour.
fn nameless(message: &Message, id: MessageId) -> Message {
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

fn read(item: HashMap<String, AttributeValue>) -> Result<(String, Activity), StoreError> {
    let sk = item.get("sk").and_then(|sk| sk.as_s().ok()).cloned();
    let sk = sk.ok_or(StoreError::Unreadable { family: "activity", attribute: "sk" })?;
    let activity = if sk.starts_with(keys::MESSAGE) {
        parse_message_item(&item).ok().map(|message| Activity::Message(Box::new(message)))
    } else if sk.starts_with(keys::DECISION) {
        keys::decided_at(&sk).zip(parse_decision_item(&item).ok()).map(|(at, entries)| Activity::Decision(at, entries))
    } else if sk.starts_with(keys::COUPON_NOTE) {
        item.get("coupon").and_then(|code| code.as_s().ok()).cloned().map(Activity::Coupon)
    } else {
        parse_fact_item(item).ok().map(|(_, fact)| Activity::Fact(Box::new(fact)))
    };
    Ok((sk, activity.unwrap_or(Activity::Unreadable)))
}

impl std::fmt::Debug for Activity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fact(fact) => write!(f, "Fact({})", fact.kind()),
            Self::Message(message) => write!(f, "Message({}/{})", message.journey, message.step),
            Self::Decision(at, entries) => write!(f, "Decision({at}, {} entries)", entries.len()),
            Self::Coupon(_) => f.write_str("Coupon"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

//! The slots in which messages are handed to a provider, shared by all who send: a lease.
//!
//! `pk` = `rate#{channel}` (of the account) or `rate#{channel}#{shop}`. `tat` is the instant of the next free slot, in
//! microseconds; `rate` is the [`SendingRate`] as JSON; `passed`, where a shop has a limit of its own, is when its last send
//! was. Who sends takes some slots in a row by moving `tat` behind them, and uses each at its time. Slots that nobody uses,
//! because a worker stopped, are lost and nothing else is.
//!
//! A lease names the rate that it reckons with. After another rate was written it fails, so nobody goes on with an old
//! one. It costs one write unit; a worker that does not know the item yet reads it first (one read unit).

use crate::Store;
use crate::calls::{Item, key};
use crate::customers::{json, number};
use crate::error::StoreError;
use crate::keys;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::sending_rate::SendingRate;
use std::collections::HashMap;
use std::sync::Mutex;

const TAT: &str = "tat";
const RATE: &str = "rate";
const PASSED: &str = "passed";
/// How often a lease is tried again when others were quicker.
const ATTEMPTS: usize = 10;
/// How long after the last known slot others may well have taken more.
const BUSY: SignedDuration = SignedDuration::from_secs(5);
/// How far ahead slots are taken while nobody knows what the provider allows.
const WHILE_UNKNOWN: SignedDuration = SignedDuration::from_secs(2);
/// How far ahead slots must lie to say that messages wait for their turn.
const WAITING: SignedDuration = SignedDuration::from_secs(1);

/// What has a rate of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SendingLimit {
    /// The channel.
    pub channel: Channel,
    /// The shop whose limit it is; otherwise it is the account's.
    pub shop: Option<ShopId>,
}

/// Some slots that are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// How many.
    pub count: u32,
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub until: Timestamp,
    /// At most so many a second, whatever the provider allows; of a channel of which no provider says what it allows,
    /// so many.
    pub cap: Option<f64>,
    /// The present instant.
    pub now: Timestamp,
}

/// Slots that are nobody else's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slots {
    /// How many: perhaps fewer than wanted.
    pub count: u32,
    /// The first.
    pub first: Timestamp,
    /// From one to the next.
    pub interval: SignedDuration,
}

/// The answer to who wants slots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leased {
    /// There are some.
    Slots(Slots),
    /// There is none in time: the next free one is then.
    Later(Timestamp),
}

/// The item as it was seen last.
#[derive(Debug, Clone)]
struct Seen {
    tat: Option<Timestamp>,
    passed: Option<Timestamp>,
    rate: SendingRate,
    /// The rate as it is written, by which a condition names it; nothing if none was written yet.
    written: Option<String>,
}

/// The items as they were seen last.
#[derive(Debug, Default)]
pub(crate) struct KnownRates(Mutex<HashMap<SendingLimit, Seen>>);

impl SendingLimit {
    /// Whether a provider says how much it allows: SES does, of the account.
    fn is_told(&self) -> bool {
        self.channel == Channel::Email && self.shop.is_none()
    }

    /// The rate; where no provider says what it allows, that is the cap.
    fn rate(&self, known: SendingRate, cap: Option<f64>) -> SendingRate {
        if self.is_told() { known } else { SendingRate { allowed: cap, ..known } }
    }
}

impl Slots {
    /// The slots, one after the other.
    pub fn each(self) -> impl Iterator<Item = Timestamp> {
        (0..self.count).scan(self.first, move |next, _| Some(std::mem::replace(next, *next + self.interval)))
    }
}

impl Store {
    /// Takes slots under a limit.
    ///
    /// # Errors
    /// The database refused or did not answer, or others were quicker again and again; slots may be lost.
    pub async fn lease_slots(&self, limit: &SendingLimit, wanted: Wanted) -> Result<Leased, StoreError> {
        let mut seen = self.known_rates.get(limit);
        for _ in 0..ATTEMPTS {
            let known = match seen {
                Some(known) => known,
                None => self.read_rate(limit).await?,
            };
            let rate = limit.rate(known.rate, wanted.cap);
            let interval = rate.interval(wanted.now, wanted.cap);
            // Nobody knows the rate yet: what is taken now must not be in the way when it is known.
            let unknown = rate.allowed.is_none().then(|| wanted.from + WHILE_UNKNOWN);
            let wanted = Wanted { until: unknown.map_or(wanted.until, |until| wanted.until.min(until)), ..wanted };
            // Slots are only ever taken: what was too late when it was seen is too late now.
            let tat = known.tat.unwrap_or(Timestamp::MIN);
            if tat > wanted.until || wanted.from > wanted.until {
                return Ok(Leased::Later(tat.max(wanted.from)));
            }
            let count = fitting(tat.max(wanted.from), interval, &wanted);
            let moved = interval * i32::try_from(count).unwrap_or(i32::MAX);
            let last = wanted.until - interval * i32::try_from(count - 1).unwrap_or(i32::MAX);
            let update = self.update_rate(&known);
            let update = if tat + BUSY < wanted.from {
                // Nobody has sent for a while: the slots begin here.
                update
                    .update_expression("SET #tat = :end")
                    .condition_expression(format!("(attribute_not_exists(#tat) OR #tat <= :from) AND {}", known.same()))
                    .expression_attribute_values(":end", micros(wanted.from + moved))
                    .expression_attribute_values(":from", micros(wanted.from))
            } else if tat < wanted.from {
                // It may or may not be as it was: whatever it is, it must not have moved.
                update
                    .update_expression("SET #tat = :end")
                    .condition_expression(format!("#tat = :tat AND {}", known.same()))
                    .expression_attribute_values(":end", micros(wanted.from + moved))
                    .expression_attribute_values(":tat", micros(tat))
            } else {
                update
                    .update_expression("SET #tat = #tat + :moved")
                    .condition_expression(format!("#tat BETWEEN :from AND :last AND {}", known.same()))
                    .expression_attribute_values(":moved", number(moved.as_micros()))
                    .expression_attribute_values(":from", micros(wanted.from))
                    .expression_attribute_values(":last", micros(last))
            };
            match self.try_rate(limit, update.expression_attribute_names("#tat", TAT)).await? {
                Ok(after) => {
                    let end = after.tat.ok_or(StoreError::Unreadable { family: RATE, attribute: TAT })?;
                    return Ok(Leased::Slots(Slots { count, first: end - moved, interval }));
                }
                Err(stood_in_the_way) => seen = Some(stood_in_the_way),
            }
        }
        Ok(Leased::Later(wanted.until))
    }

    /// Has a send that has slots under two limits pass the narrower one at the instant of its slot under the wider one:
    /// however that one moved it, the sends that pass are an interval apart. Whether it passes, otherwise from when on
    /// another would. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer; the slot is lost.
    pub async fn pass(
        &self,
        limit: &SendingLimit,
        at: Timestamp,
        cap: Option<f64>,
        now: Timestamp,
    ) -> Result<Result<(), Timestamp>, StoreError> {
        let rate = self.known_rates.get(limit).map(|seen| seen.rate).unwrap_or_default();
        let interval = limit.rate(rate, cap).interval(now, cap);
        let update = self
            .client
            .update_item()
            .update_expression("SET #passed = :at")
            .condition_expression("attribute_not_exists(#passed) OR #passed <= :before")
            .expression_attribute_names("#passed", PASSED)
            .expression_attribute_values(":at", micros(at))
            .expression_attribute_values(":before", micros(at - interval));
        let passed = self.try_rate(limit, update).await?;
        Ok(passed.map(|_| ()).map_err(|before| before.passed.unwrap_or(at) + interval))
    }

    /// The next free slot, as this store saw it last: it can only have become later. Costs nothing.
    #[must_use]
    pub fn known_next_slot(&self, limit: &SendingLimit) -> Option<Timestamp> {
        self.known_rates.get(limit)?.tat
    }

    /// Notes that the provider said that it was too fast: the rate is cut for everybody. One write unit, none if it was
    /// just cut.
    ///
    /// # Errors
    /// The database refused or did not answer; the provider will say it again.
    pub async fn cut_sending_rate(
        &self,
        limit: &SendingLimit,
        cap: Option<f64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let cut = |rate: SendingRate| SendingRate { allowed: rate.allowed, ..limit.rate(rate, cap).cut(now, cap) };
        self.change_rate(limit, |rate| Some(cut(rate)).filter(|cut| *cut != rate)).await.map(|_| ())
    }

    /// Lets nobody send under a limit before an instant. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer; call again.
    pub async fn hold_sending(&self, limit: &SendingLimit, until: Timestamp) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .update_expression("SET #tat = :until")
            .condition_expression("attribute_not_exists(#tat) OR #tat < :until")
            .expression_attribute_names("#tat", TAT)
            .expression_attribute_values(":until", micros(until));
        self.try_rate(limit, update).await.map(|_| ())
    }

    /// Whether the caller should ask the provider what it allows, because nobody knows or what is known is old, and
    /// nobody else was told to. One write unit if so; otherwise none, and a read unit for who does not know the item.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn should_ask_rate(&self, limit: &SendingLimit, now: Timestamp) -> Result<bool, StoreError> {
        let known = match self.known_rates.get(limit) {
            Some(known) => known,
            None => self.read_rate(limit).await?,
        };
        let waiting = known.tat.is_some_and(|tat| tat > now + WAITING);
        if !known.rate.should_be_asked(now, waiting) {
            return Ok(false);
        }
        let asked = |rate: SendingRate| rate.should_be_asked(now, waiting).then(|| rate.asked(now));
        self.change_rate(limit, asked).await
    }

    /// Notes what the provider allows. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer; somebody asks again in a minute.
    pub async fn note_allowed_rate(
        &self,
        limit: &SendingLimit,
        per_second: f64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_rate(limit, |rate| Some(rate.read(per_second, now))).await.map(|_| ())
    }

    /// Changes the rate, unless `change` sees nothing to change; whether it did.
    async fn change_rate(
        &self,
        limit: &SendingLimit,
        change: impl Fn(SendingRate) -> Option<SendingRate>,
    ) -> Result<bool, StoreError> {
        let mut seen = self.known_rates.get(limit);
        for _ in 0..ATTEMPTS {
            let known = match seen {
                Some(known) => known,
                None => self.read_rate(limit).await?,
            };
            let Some(changed) = change(known.rate) else { return Ok(false) };
            let update = self
                .update_rate(&known)
                .update_expression("SET #rate = :changed")
                .condition_expression(known.same())
                .expression_attribute_values(":changed", json(&changed));
            match self.try_rate(limit, update).await? {
                Ok(_) => return Ok(true),
                Err(stood_in_the_way) => seen = Some(stood_in_the_way),
            }
        }
        Ok(false)
    }

    async fn read_rate(&self, limit: &SendingLimit) -> Result<Seen, StoreError> {
        let item = self.get(&self.tables.shops, keys::rate_pk(limit), Some(keys::RATE_SK.to_owned())).await?;
        let seen = Seen::read(&item.unwrap_or_default())?;
        self.known_rates.put(limit, seen.clone());
        Ok(seen)
    }

    /// An update of the item whose condition may name the rate that was seen ([`Seen::same`]).
    fn update_rate(&self, seen: &Seen) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().expression_attribute_names("#rate", RATE);
        match &seen.written {
            Some(rate) => update.expression_attribute_values(":rate", AttributeValue::S(rate.clone())),
            None => update,
        }
    }

    /// The item after an update, or the one that stood in its way.
    async fn try_rate(
        &self,
        limit: &SendingLimit,
        update: UpdateItemFluentBuilder,
    ) -> Result<Result<Seen, Seen>, StoreError> {
        let answer = update
            .table_name(&self.tables.shops)
            .set_key(Some(key(keys::rate_pk(limit), Some(keys::RATE_SK.to_owned()))))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let error = match answer {
            Ok(answer) => {
                self.capacity.add_writes(answer.consumed_capacity());
                let seen = Seen::read(answer.attributes.as_ref().unwrap_or(&Item::new()))?;
                self.known_rates.put(limit, seen.clone());
                return Ok(Ok(seen));
            }
            Err(error) => error,
        };
        let Some(UpdateItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() else {
            return Err(StoreError::from_sdk("UpdateItem", error));
        };
        let seen = Seen::read(failed.item().unwrap_or(&Item::new()))?;
        self.known_rates.put(limit, seen.clone());
        Ok(Err(seen))
    }
}

impl Seen {
    fn read(item: &Item) -> Result<Self, StoreError> {
        let unreadable = |attribute| StoreError::Unreadable { family: RATE, attribute };
        let instant = |attribute| {
            let value: Option<&AttributeValue> = item.get(attribute);
            let read = value.map(|value| {
                let micros = value.as_n().ok().and_then(|micros| micros.parse().ok());
                micros.and_then(|micros| Timestamp::from_microsecond(micros).ok()).ok_or_else(|| unreadable(attribute))
            });
            read.transpose()
        };
        let written = item.get(RATE).map(|value| value.as_s().cloned().map_err(|_| unreadable(RATE))).transpose()?;
        let rate = written.as_ref().map(|rate| serde_json::from_str(rate).map_err(|_| unreadable(RATE)));
        Ok(Self { tat: instant(TAT)?, passed: instant(PASSED)?, rate: rate.transpose()?.unwrap_or_default(), written })
    }

    /// The condition that the rate is still this one.
    fn same(&self) -> &'static str {
        if self.written.is_some() { "#rate = :rate" } else { "attribute_not_exists(#rate)" }
    }
}

impl KnownRates {
    fn get(&self, limit: &SendingLimit) -> Option<Seen> {
        self.0.lock().ok()?.get(limit).cloned()
    }

    fn put(&self, limit: &SendingLimit, seen: Seen) {
        if let Ok(mut known) = self.0.lock() {
            known.insert(limit.clone(), seen);
        }
    }
}

/// How many of the wanted slots lie in time if the first does.
fn fitting(first: Timestamp, interval: SignedDuration, wanted: &Wanted) -> u32 {
    let between = wanted.until.duration_since(first).as_micros().max(0);
    let more = u32::try_from(between / interval.as_micros().max(1)).unwrap_or(u32::MAX - 1);
    wanted.count.min(more + 1).max(1)
}

fn micros(at: Timestamp) -> AttributeValue {
    number(at.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tables, Used, testing};

    const MAIL: SendingLimit = SendingLimit { channel: Channel::Email, shop: None };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + millis).expect("an instant")
    }

    /// So many slots, in the next twenty seconds.
    fn wanted(count: u32, now: Timestamp) -> Wanted {
        Wanted { count, from: now, until: now + SignedDuration::from_secs(20), cap: None, now }
    }

    async fn lease(store: &Store, count: u32, now: Timestamp) -> Vec<i128> {
        match store.lease_slots(&MAIL, wanted(count, now)).await.expect("answered") {
            Leased::Slots(slots) => slots.each().map(|slot| slot.duration_since(at(0)).as_micros()).collect(),
            Leased::Later(_) => Vec::new(),
        }
    }

    /// Two stores on the same tables, as two workers have.
    async fn two() -> (Store, Store) {
        let (store, client) = testing::store_and_client().await;
        (store, Store::new(client, Tables::with_prefix("test")))
    }

    #[tokio::test]
    async fn slots_of_all_workers_follow_each_other_and_begin_anew_after_a_pause() {
        let (one, other) = two().await;
        one.note_allowed_rate(&MAIL, 10.0, at(0)).await.expect("noted");
        let interval = 102_041;
        assert_eq!(lease(&one, 3, at(0)).await, [0, interval, 2 * interval]);
        assert_eq!(lease(&other, 2, at(50)).await, [3 * interval, 4 * interval]);
        assert_eq!(lease(&one, 1, at(60)).await, [5 * interval]);
        // Before the next free slot, right after it, and long after it.
        assert_eq!(lease(&one, 1, at(612)).await, [6 * interval]);
        assert_eq!(lease(&one, 1, at(800)).await, [800_000]);
        assert_eq!(lease(&other, 2, at(60_000)).await, [60_000_000, 60_000_000 + interval]);
        assert_eq!(lease(&one, 1, at(60_001)).await, [60_000_000 + 2 * interval]);
    }

    #[tokio::test]
    async fn only_what_lies_in_time_is_leased_and_a_worker_that_knows_it_asks_nobody() {
        let (one, other) = two().await;
        // Nobody knows what the provider allows: one a second, and not for long.
        assert_eq!(lease(&one, 15, at(-60_000)).await.len(), 2);
        one.note_allowed_rate(&MAIL, 1.0, at(0)).await.expect("noted");
        assert_eq!(lease(&one, 15, at(0)).await.len(), 15);
        assert_eq!(lease(&other, 15, at(0)).await.len(), 5, "20.4 seconds are taken");
        other.capacity().take();
        assert_eq!(lease(&other, 1, at(100)).await.len(), 0);
        assert_eq!(other.capacity().take(), Used { read: 0.0, write: 0.0 });
        let later = other.lease_slots(&MAIL, wanted(1, at(100))).await.expect("answered");
        assert!(matches!(later, Leased::Later(then) if then > at(20_100)), "{later:?}");
        assert_eq!(lease(&one, 1, at(1_000)).await.len(), 1, "time passes");
    }

    #[tokio::test]
    async fn a_lease_costs_one_write_and_a_worker_that_is_new_reads_once() {
        let (one, other) = two().await;
        one.note_allowed_rate(&MAIL, 100.0, at(0)).await.expect("noted");
        one.capacity().take();
        for (store, now, used) in [
            (&one, 0, Used { read: 0.0, write: 1.0 }),
            (&other, 10, Used { read: 1.0, write: 1.0 }),
            (&one, 20, Used { read: 0.0, write: 1.0 }),
            (&other, 30, Used { read: 0.0, write: 1.0 }),
            (&one, 90_000, Used { read: 0.0, write: 1.0 }),
        ] {
            assert_eq!(lease(store, 10, at(now)).await.len(), 10);
            assert_eq!(store.capacity().take(), used, "at {now}");
        }
    }

    #[tokio::test]
    async fn a_rate_that_was_cut_holds_for_every_worker_at_once() {
        let (one, other) = two().await;
        one.note_allowed_rate(&MAIL, 10.0, at(0)).await.expect("noted");
        lease(&other, 1, at(0)).await;
        one.cut_sending_rate(&MAIL, None, at(5_000)).await.expect("cut");
        one.cut_sending_rate(&MAIL, None, at(5_001)).await.expect("just cut");
        let slots = lease(&other, 2, at(5_002)).await;
        assert!((145_700..=145_900).contains(&(slots[1] - slots[0])), "seven a second: {slots:?}");
        let slots = lease(&other, 2, at(65_002)).await;
        assert!(slots[1] - slots[0] < 102_100, "it has recovered: {slots:?}");
    }

    #[tokio::test]
    async fn nobody_sends_while_sending_is_held_and_a_hold_is_never_shortened() {
        let (one, other) = two().await;
        lease(&other, 1, at(0)).await;
        one.hold_sending(&MAIL, at(900_000)).await.expect("held");
        one.hold_sending(&MAIL, at(60_000)).await.expect("held for longer");
        assert_eq!(lease(&other, 1, at(60_001)).await.len(), 0);
        assert_eq!(lease(&other, 1, at(900_001)).await.len(), 1);
    }

    #[tokio::test]
    async fn one_of_many_workers_is_told_to_ask_the_provider() {
        let (one, other) = two().await;
        let ask = |store: Store, now| async move { store.should_ask_rate(&MAIL, now).await.expect("answered") };
        let told = tokio::join!(ask(one.clone(), at(0)), ask(other.clone(), at(0)));
        assert!(told.0 ^ told.1, "{told:?}");
        assert!(!ask(one.clone(), at(59_000)).await);
        assert!(ask(other.clone(), at(60_000)).await, "whoever was told is gone");
        other.note_allowed_rate(&MAIL, 14.0, at(60_000)).await.expect("noted");
        assert!(!ask(other.clone(), at(7_000_000)).await);
        // The other one learns with its next lease what was read.
        lease(&one, 1, at(7_000_000)).await;
        assert!(!ask(one, at(7_000_000)).await);
    }

    #[tokio::test]
    async fn limits_of_channels_and_shops_do_not_touch_each_other() {
        let (store, _) = two().await;
        let shop = Some(ShopId::parse("vinyl").expect("an id"));
        for limit in [
            MAIL,
            SendingLimit { channel: Channel::Sms, shop: None },
            SendingLimit { channel: Channel::Email, shop: shop.clone() },
            SendingLimit { channel: Channel::Sms, shop },
        ] {
            let leased = store.lease_slots(&limit, wanted(1, at(0))).await.expect("answered");
            assert!(matches!(leased, Leased::Slots(slots) if slots.first == at(0)), "{limit:?}: {leased:?}");
        }
    }
}

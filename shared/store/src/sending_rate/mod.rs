//! The slots in which messages are handed to a provider, shared by all who send: a lease.
//!
//! `pk` = `rate#{channel}` (of the account) or `rate#{channel}#{shop}`. `tat` is the instant of the next free slot, in
//! microseconds; `rate` is the [`SendingRate`] as JSON; Where a shop has a limit of its own, `recent` is
//! when its latest sends are ([`RecentSends`]), and `line` the end of the line of its messages that wait ([`Store::reserve_retry_times`]). Who sends takes some slots in a row by moving `tat` behind them, and uses each at its time. Slots that nobody uses,
//! because a worker stopped, are lost and nothing else is.
//!
//! A lease names the rate that it reckons with. After another rate was written it fails, so nobody goes on with an old
//! one. It costs one write unit; a worker that does not know the item yet reads it first (one read unit).

mod known;
mod line;
mod recent;
#[cfg(test)]
mod tests;

pub(crate) use known::KnownRates;
use known::Seen;
pub use recent::RecentSends;

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
use rekindle_platform::retry::Attempts;

const TAT: &str = "tat";
const RATE: &str = "rate";
const RECENT: &str = "recent";
const LINE: &str = "line";
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

impl Wanted {
    /// Tells apart those who want slots at the same time.
    fn who(&self) -> String {
        format!("{} slots from {}", self.count, self.from)
    }
}

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
        let who = wanted.who();
        let mut attempts = Attempts::at("sending limit", &who);
        while attempts.next().await {
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

    /// Notes sends under a shop's own limit: `choose` says at which instants, and notes them in the record that it is given.
    /// Nobody else's are noted in between. It may be asked more than once; what it chose last counts, and nothing if others
    /// were quicker again and again. One write unit, none if it chooses nothing.
    ///
    /// # Errors
    /// The database refused or did not answer; the instants may be noted.
    pub async fn note_sends(
        &self,
        limit: &SendingLimit,
        mut choose: impl FnMut(&mut RecentSends) -> Vec<Timestamp>,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let mut seen = self.known_rates.get(limit);
        let mut attempts = Attempts::at("sending limit", "recent sends");
        while attempts.next().await {
            let known = match seen {
                Some(known) => known,
                None => self.read_rate(limit).await?,
            };
            let mut recent = known.recent.clone();
            let chosen = choose(&mut recent);
            if chosen.is_empty() {
                return Ok(chosen);
            }
            let instants: Vec<i64> = recent.instants().iter().map(|at| at.as_microsecond()).collect();
            let update = self
                .client
                .update_item()
                .update_expression("SET #recent = :after")
                .expression_attribute_names("#recent", RECENT)
                .expression_attribute_values(":after", json(&instants));
            let update = match known.recent_written {
                Some(before) => update
                    .condition_expression("#recent = :before")
                    .expression_attribute_values(":before", AttributeValue::S(before)),
                None => update.condition_expression("attribute_not_exists(#recent)"),
            };
            match self.try_rate(limit, update).await? {
                Ok(_) => return Ok(chosen),
                Err(stood_in_the_way) => seen = Some(stood_in_the_way),
            }
        }
        Ok(Vec::new())
    }

    /// The latest sends under a shop's own limit, as this store saw them last. Costs nothing.
    #[must_use]
    pub fn known_recent_sends(&self, limit: &SendingLimit) -> RecentSends {
        self.known_rates.get(limit).map(|seen| seen.recent).unwrap_or_default()
    }

    /// The latest sends under a shop's own limit. One read unit.
    ///
    /// # Errors
    /// The database refused or did not answer; call again.
    pub async fn recent_sends(&self, limit: &SendingLimit) -> Result<RecentSends, StoreError> {
        Ok(self.read_rate(limit).await?.recent)
    }

    /// From one slot to the next, as far as this store knows. Costs nothing.
    #[must_use]
    pub fn known_interval(&self, limit: &SendingLimit, cap: Option<f64>, now: Timestamp) -> SignedDuration {
        let rate = self.known_rates.get(limit).map(|seen| seen.rate).unwrap_or_default();
        limit.rate(rate, cap).interval(now, cap)
    }

    /// The next free slot, as this store saw it last: it can only have become later. Costs nothing.
    #[must_use]
    pub fn known_next_slot(&self, limit: &SendingLimit) -> Option<Timestamp> {
        self.known_rates.get(limit)?.tat
    }

    /// The next free slot. One read unit.
    ///
    /// # Errors
    /// The database refused or did not answer; call again.
    pub async fn next_slot(&self, limit: &SendingLimit) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.read_rate(limit).await?.tat)
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
        let mut attempts = Attempts::at("sending limit", "rate");
        while attempts.next().await {
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

/// How many of the wanted slots lie in time if the first does.
fn fitting(first: Timestamp, interval: SignedDuration, wanted: &Wanted) -> u32 {
    let between = wanted.until.duration_since(first).as_micros().max(0);
    let more = u32::try_from(between / interval.as_micros().max(1)).unwrap_or(u32::MAX - 1);
    wanted.count.min(more + 1).max(1)
}

fn micros(at: Timestamp) -> AttributeValue {
    number(at.as_microsecond())
}

//! Leases of slots.

use super::item::{RATE, TAT, micros};
use super::slots::{Leased, SendingLimit, Slots, Wanted, fitting};
use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use jiff::{SignedDuration, Timestamp};
use rekindle_platform::retry::Attempts;

/// How long after the last known slot other workers may have taken more.
const RECENTLY_BUSY: SignedDuration = SignedDuration::from_secs(5);
/// How far ahead slots are leased while the provider's rate is unknown.
const MAX_LEASE_AT_UNKNOWN_RATE: SignedDuration = SignedDuration::from_secs(2);

impl Store {
    /// Leases slots under a limit.
    ///
    /// # Errors
    /// The database refused or did not answer; slots may be lost.
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
            // The rate is unknown yet: slots leased now must not be in the way once it is known.
            let unknown = rate.allowed.is_none().then(|| wanted.from + MAX_LEASE_AT_UNKNOWN_RATE);
            let wanted = Wanted { until: unknown.map_or(wanted.until, |until| wanted.until.min(until)), ..wanted };
            // `tat` only grows: what was too late when it was seen is too late now.
            let tat = known.tat.unwrap_or(Timestamp::MIN);
            if tat > wanted.until || wanted.from > wanted.until {
                return Ok(Leased::Later(tat.max(wanted.from)));
            }
            let count = fitting(tat.max(wanted.from), interval, &wanted);
            let moved = interval * i32::try_from(count).unwrap_or(i32::MAX);
            let last = wanted.until - interval * i32::try_from(count - 1).unwrap_or(i32::MAX);
            let update = self.update_rate(&known);
            let update = if tat + RECENTLY_BUSY < wanted.from {
                // Nothing was sent for a while: the slots begin here.
                update
                    .update_expression("SET #tat = :end")
                    .condition_expression(format!("(attribute_not_exists(#tat) OR #tat <= :from) AND {}", known.same()))
                    .expression_attribute_values(":end", micros(wanted.from + moved))
                    .expression_attribute_values(":from", micros(wanted.from))
            } else if tat < wanted.from {
                // It may have been passed by: the condition is that it has not moved.
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

    /// The time from one slot to the next, as this store saw the rate last. Costs nothing.
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

    /// Holds all sending under a limit until an instant. One write unit.
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
}

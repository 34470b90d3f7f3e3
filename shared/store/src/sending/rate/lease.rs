//! Leases of slots.

use super::item::{RATE, TAT, micros};
use super::slots::{Leased, SendingLimit, Slots, Wanted, fitting};
use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use jiff::{SignedDuration, Timestamp};
use rekindle_platform::retry::Attempts;

/// How long after the last known slot others may well have taken more.
const BUSY: SignedDuration = SignedDuration::from_secs(5);
/// How far ahead slots are taken while nobody knows what the provider allows.
const WHILE_UNKNOWN: SignedDuration = SignedDuration::from_secs(2);

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
}

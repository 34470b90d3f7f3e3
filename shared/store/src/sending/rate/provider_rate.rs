//! What a provider allows, and how a rate is cut when the provider was too busy.

use super::slots::SendingLimit;
use crate::store::Store;
use crate::table::attributes::json;
use crate::table::error::StoreError;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::sending_rate::SendingRate;
use rekindle_platform::retry::Attempts;

/// Messages count as waiting when the next free slot is this far ahead.
const MIN_WAIT: SignedDuration = SignedDuration::from_secs(1);

impl Store {
    /// Cuts the rate for all workers after the provider throttled. One write unit, none if it was just cut.
    ///
    /// # Errors
    /// The database refused or did not answer; the provider will throttle again.
    pub async fn cut_sending_rate(
        &self,
        limit: &SendingLimit,
        cap: Option<f64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let cut = |rate: SendingRate| SendingRate { allowed: rate.allowed, ..limit.rate(rate, cap).cut(now, cap) };
        self.change_rate(limit, |rate| Some(cut(rate)).filter(|cut| *cut != rate)).await.map(|_| ())
    }

    /// Whether the caller should ask the provider what it allows: the rate is unknown or old, and no other worker was asked to.
    /// One write unit if so; otherwise none, and a read unit for a store that has not seen the item.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn should_ask_rate(&self, limit: &SendingLimit, now: Timestamp) -> Result<bool, StoreError> {
        let known = match self.known_rates.get(limit) {
            Some(known) => known,
            None => self.read_rate(limit).await?,
        };
        let waiting = known.tat.is_some_and(|tat| tat > now + MIN_WAIT);
        if !known.rate.should_be_asked(now, waiting) {
            return Ok(false);
        }
        let asked = |rate: SendingRate| rate.should_be_asked(now, waiting).then(|| rate.asked(now));
        self.change_rate(limit, asked).await
    }

    /// Stores what the provider allows. One write unit.
    ///
    /// # Errors
    /// The database refused or did not answer; the provider is asked again in a minute.
    pub async fn note_allowed_rate(
        &self,
        limit: &SendingLimit,
        per_second: f64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_rate(limit, |rate| Some(rate.read(per_second, now))).await.map(|_| ())
    }

    /// Changes the rate, unless `change` returns none; whether it did.
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
}

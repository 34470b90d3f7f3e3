//! What a provider allows, and how a rate is cut when the provider was too busy.

use super::slots::SendingLimit;
use crate::store::Store;
use crate::table::attributes::json;
use crate::table::error::StoreError;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::sending_rate::SendingRate;
use rekindle_platform::retry::Attempts;

/// How far ahead slots must lie to say that messages wait for their turn.
const WAITING: SignedDuration = SignedDuration::from_secs(1);

impl Store {
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
}

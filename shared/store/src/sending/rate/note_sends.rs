//! The record of a shop's latest sends, which keeps it to a limit of its own.

use super::item::RECENT;
use super::recent::RecentSends;
use super::slots::SendingLimit;
use crate::store::Store;
use crate::table::attributes::json;
use crate::table::error::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_platform::retry::Attempts;

impl Store {
    /// Records sends under a shop's own limit: `choose` gets the record, adds the instants to it and returns them. No other
    /// worker's sends come in between. `choose` may be called more than once, after lost races; the last call counts, and none if
    /// every race is lost. One write unit, none if it chooses nothing.
    ///
    /// # Errors
    /// The database refused or did not answer; the instants may be recorded.
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
}

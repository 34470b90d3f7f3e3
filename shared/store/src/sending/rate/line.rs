//! The line of the messages that wait because their shop has a limit of its own.
//!
//! A shop that wants four mails a second and has a thousand to send must not keep the workers busy with requests for slots. So each
//! message that finds no slot gets a time to come back, slightly more of them per second than there are slots. However many wait,
//! each asks once or twice. The time is not a slot: a returning message asks for a slot as before.

use super::item::{LINE, RATE, Seen, micros};
use super::slots::{Leased, SendingLimit, Slots, Wanted, fitting};
use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use rekindle_platform::retry::Attempts;

impl Store {
    /// Reserves times at the end of the line under a limit. One write unit; none if the line is too long.
    ///
    /// # Errors
    /// The database refused or did not answer; some times may stay unused.
    pub async fn reserve_retry_times(&self, limit: &SendingLimit, wanted: Wanted) -> Result<Leased, StoreError> {
        let mut seen = self.known_rates.get(limit);
        let who = wanted.who();
        let mut attempts = Attempts::at("sending limit", &who);
        while attempts.next().await {
            let known: Seen = match seen {
                Some(known) => known,
                None => self.read_rate(limit).await?,
            };
            let interval = limit.rate(known.rate, wanted.cap).place_interval(wanted.now, wanted.cap);
            let line = known.line.filter(|line| *line > wanted.from);
            if line.is_some_and(|line| line > wanted.until) {
                return Ok(Leased::Later(line.unwrap_or(wanted.until)));
            }
            let count = fitting(line.unwrap_or(wanted.from), interval, &wanted);
            let moved = interval * i32::try_from(count).unwrap_or(i32::MAX);
            let last = wanted.until - interval * i32::try_from(count - 1).unwrap_or(i32::MAX);
            let update = self.client.update_item().expression_attribute_names("#line", LINE);
            let update = update.expression_attribute_values(":from", micros(wanted.from));
            let update = match line {
                // The line is empty: it begins here.
                None => update
                    .update_expression("SET #line = :end")
                    .condition_expression("attribute_not_exists(#line) OR #line <= :from")
                    .expression_attribute_values(":end", micros(wanted.from + moved)),
                Some(_) => update
                    .update_expression("SET #line = #line + :moved")
                    .condition_expression("#line BETWEEN :from AND :last")
                    .expression_attribute_values(":moved", number(moved.as_micros()))
                    .expression_attribute_values(":last", micros(last)),
            };
            match self.try_rate(limit, update).await? {
                Ok(after) => {
                    let end = after.line.ok_or(StoreError::Unreadable { family: RATE, attribute: LINE })?;
                    return Ok(Leased::Slots(Slots { count, first: end - moved, interval }));
                }
                Err(stood_in_the_way) => seen = Some(stood_in_the_way),
            }
        }
        Ok(Leased::Later(wanted.until))
    }
}

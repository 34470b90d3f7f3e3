//! The shop's staff, who close tasks every working day.

use super::Model;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};
use std::time::Duration;

/// The hour of the day at which they work, in UTC.
const WORK_HOUR: i8 = 10;
const OUTCOMES: [&str; 3] =
    ["Called: sorted out, sends a kind word", "Nobody answered; wrote a card", "Sent a new copy"];

/// Staff who close tasks over the admin API, a day or two after they were opened.
#[derive(Debug, Clone)]
pub(super) struct Staff {
    agent: ureq::Agent,
    url: String,
    key: String,
    next_at: Timestamp,
}

/// The admin API failed.
#[derive(Debug, thiserror::Error)]
#[error("the shop's tasks cannot be listed or closed")]
pub struct StaffError(#[source] Box<ureq::Error>);

impl Staff {
    pub(super) fn new(url: &str, key: String, now: Timestamp) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30)));
        Self { agent: config.build().into(), url: url.to_owned(), key, next_at: next_morning(now) }
    }

    /// When they work next.
    pub(super) fn next_at(&self) -> Timestamp {
        self.next_at
    }

    /// Closes the tasks that are done. Returns how many.
    pub(super) fn work(&mut self, model: &Model, now: Timestamp) -> Result<u64, StaffError> {
        self.next_at = next_morning(now);
        let (mut closed, mut after) = (0, None::<String>);
        loop {
            let mut address = format!("{}/v1/tasks?limit=100", self.url);
            if let Some(after) = &after {
                address += &format!(
                    "&after={}",
                    percent_encoding::utf8_percent_encode(after, percent_encoding::NON_ALPHANUMERIC)
                );
            }
            let page = self.call(self.agent.get(address))?;
            for task in page["tasks"].as_array().into_iter().flatten() {
                let (Some(id), Some(opened_at)) = (task["id"].as_str(), task["created_at"].as_str()) else { continue };
                let worked = model.random("worked", id);
                let takes = SignedDuration::from_hours(24) + SignedDuration::from_secs_f64(worked * 86_400.0);
                if opened_at.parse::<Timestamp>().is_ok_and(|opened_at| opened_at + takes <= now) {
                    let outcome = OUTCOMES[usize::from(rekindle_lifecycle::id::hash(&[id])[0]) % OUTCOMES.len()];
                    let address = format!("{}/v1/tasks/{id}/close", self.url);
                    let request = self.agent.post(address).header("authorization", format!("Bearer {}", self.key));
                    request.send_json(json!({ "outcome": outcome, "by": "Marta" })).map_err(failed)?;
                    closed += 1;
                }
            }
            after = page["next_after"].as_str().map(str::to_owned);
            if after.is_none() {
                return Ok(closed);
            }
        }
    }

    fn call(&self, request: ureq::RequestBuilder<ureq::typestate::WithoutBody>) -> Result<Value, StaffError> {
        let request = request.header("authorization", format!("Bearer {}", self.key));
        request.call().and_then(|mut answer| answer.body_mut().read_json()).map_err(failed)
    }
}

/// The first working day's morning after `now`.
fn next_morning(now: Timestamp) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).date();
    let days = (0..7).filter_map(|ahead| today.checked_add(ahead.days()).ok());
    let working = days.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
    let mornings = working.filter_map(|day| Some(day.at(WORK_HOUR, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?.timestamp()));
    mornings.into_iter().find(|morning| *morning > now).unwrap_or(Timestamp::MAX)
}

fn failed(error: ureq::Error) -> StaffError {
    StaffError(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_staff_work_on_working_days() {
        for (now, next) in [
            ("1997-01-03T09:59:59Z", "1997-01-03T10:00:00Z"),
            ("1997-01-03T10:00:00Z", "1997-01-06T10:00:00Z"),
            ("1997-01-04T12:00:00Z", "1997-01-06T10:00:00Z"),
            ("1997-01-06T23:00:00Z", "1997-01-07T10:00:00Z"),
        ] {
            let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
            assert_eq!(next_morning(at(now)), at(next));
        }
    }
}

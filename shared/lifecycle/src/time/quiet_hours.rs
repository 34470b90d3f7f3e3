//! Quiet hours: when a message may go out, by the clock on the customer's wall.

use super::Zone;
use jiff::{Timestamp, civil::Time};
use serde::Deserialize;

/// Messages go out at or after `from` and before `to` o'clock, local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Hours")]
pub struct QuietHours {
    from: i8,
    to: i8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    from: i8,
    to: i8,
}

impl TryFrom<Hours> for QuietHours {
    type Error = String;

    fn try_from(hours: Hours) -> Result<Self, String> {
        let Hours { from, to } = hours;
        if (0..24).contains(&from) && (1..=24).contains(&to) && from < to {
            Ok(Self { from, to })
        } else {
            Err(format!(
                "from = {from}, to = {to} is not a span of the day; from must be 0 to 23 and before to, to at most 24"
            ))
        }
    }
}

impl QuietHours {
    /// The first instant, at or after `at`, that is allowed in every one of the zones. Zones that have
    /// no allowed hour in common (they span the world) fall back to the first zone alone.
    #[must_use]
    pub fn next_allowed(&self, at: Timestamp, zones: &[Zone]) -> Timestamp {
        let mut candidate = at;
        // Each round moves past one zone's night. Two rounds a zone settle any set that can be settled
        // within a day; a set that keeps moving has no hour in common.
        for _ in 0..=2 * zones.len() {
            let moved = zones.iter().map(|zone| self.next_in(candidate, zone)).max().unwrap_or(candidate);
            if moved == candidate {
                return candidate;
            }
            candidate = moved;
        }
        zones.first().map_or(at, |zone| self.next_in(at, zone))
    }

    fn next_in(&self, at: Timestamp, zone: &Zone) -> Timestamp {
        let local = zone.rules().to_datetime(at);
        let hour = local.hour();
        if self.from <= hour && hour < self.to {
            return at;
        }
        let day = if hour < self.from { Some(local.date()) } else { local.date().tomorrow().ok() };
        // On a day whose clocks skip the opening hour the next existing instant is taken.
        let opening =
            day.and_then(|day| day.to_datetime(Time::constant(self.from, 0, 0, 0)).to_zoned(zone.rules().clone()).ok());
        opening.map_or(Timestamp::MAX, |opening| opening.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(at: &str, zones: &[&str]) -> String {
        let zones: Vec<Zone> = zones.iter().map(|name| Zone::parse(name).expect("a zone")).collect();
        let hours = QuietHours { from: 9, to: 20 };
        hours.next_allowed(at.parse().expect("an instant"), &zones).to_string()
    }

    #[test]
    fn a_message_waits_for_the_morning_where_the_customer_lives() {
        assert_eq!(next("2026-03-10T12:00:00Z", &["UTC"]), "2026-03-10T12:00:00Z");
        assert_eq!(next("2026-03-10T20:00:00Z", &["UTC"]), "2026-03-11T09:00:00Z");
        assert_eq!(next("2026-03-10T03:00:00Z", &["UTC"]), "2026-03-10T09:00:00Z");
        assert_eq!(next("2026-03-10T12:00:00Z", &["Asia/Tokyo"]), "2026-03-11T00:00:00Z");
    }

    #[test]
    fn hours_that_are_no_range_of_a_day_are_refused() {
        let read = |from, to| QuietHours::try_from(Hours { from, to });
        assert_eq!(read(0, 24), Ok(QuietHours { from: 0, to: 24 }));
        assert_eq!(read(23, 24), Ok(QuietHours { from: 23, to: 24 }));
        for (from, to) in [(9, 9), (20, 9), (-1, 9), (24, 24), (9, 25), (0, 0)] {
            let refused = read(from, to).expect_err("no span");
            assert!(refused.contains(&format!("from = {from}, to = {to} is not a span of the day")), "{refused}");
        }
    }

    #[test]
    fn a_message_may_go_out_from_the_first_second_of_the_opening_hour_to_the_last_before_the_closing() {
        assert_eq!(next("2026-03-10T08:59:59Z", &["UTC"]), "2026-03-10T09:00:00Z");
        assert_eq!(next("2026-03-10T09:00:00Z", &["UTC"]), "2026-03-10T09:00:00Z");
        assert_eq!(next("2026-03-10T19:59:59Z", &["UTC"]), "2026-03-10T19:59:59Z");
    }

    #[test]
    fn an_unknown_zone_waits_for_an_hour_allowed_everywhere() {
        // New York opens at 13:00Z, Los Angeles at 16:00Z; New York closes at 00:00Z.
        assert_eq!(next("2026-03-10T13:30:00Z", &["America/New_York", "America/Los_Angeles"]), "2026-03-10T16:00:00Z");
        assert_eq!(next("2026-03-11T00:30:00Z", &["America/New_York", "America/Los_Angeles"]), "2026-03-11T16:00:00Z");
    }

    #[test]
    fn zones_without_a_common_hour_fall_back_to_the_first() {
        assert_eq!(
            next("2026-03-10T03:00:00Z", &["Europe/London", "Pacific/Auckland", "Pacific/Honolulu"]),
            "2026-03-10T09:00:00Z"
        );
    }

    #[test]
    fn the_morning_is_nine_by_the_wall_clock_on_the_day_the_clocks_change() {
        assert_eq!(next("2026-03-29T03:00:00Z", &["Europe/Berlin"]), "2026-03-29T07:00:00Z");
        assert_eq!(next("2026-03-28T03:00:00Z", &["Europe/Berlin"]), "2026-03-28T08:00:00Z");
    }
}

//! Quiet hours: when a message may go out, by the clock on the customer's wall.

use super::{Period, Zone};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
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
    /// no allowed hour in common (they span the world) fall back to the first zone alone. Looks at each zone once.
    #[must_use]
    pub fn next_allowed(&self, at: Timestamp, zones: &[Zone]) -> Timestamp {
        let Some((first, others)) = zones.split_first() else { return at };
        if others.is_empty() {
            return self.opens_at(at, first);
        }
        // Zones with an hour in common have it every day; the second day is for those that change their clocks.
        let horizon = Period::days(2).after(at);
        let mut nights: Vec<_> = zones.iter().flat_map(|zone| self.nights(at, horizon, zone)).collect();
        nights.sort_unstable();
        let mut candidate = at;
        for (begins, ends) in nights {
            if begins > candidate {
                break;
            }
            candidate = candidate.max(ends);
        }
        if candidate < horizon { candidate } else { self.opens_at(at, first) }
    }

    /// The first instant, at or after `at`, that is allowed in a zone.
    fn opens_at(&self, at: Timestamp, zone: &Zone) -> Timestamp {
        // On a day whose clocks skip all that is allowed, it is the next day.
        self.next_in(self.next_in(at, zone), zone)
    }

    /// The spans in a zone, between `from` and `until`, that are not allowed, each with its first instant and the one after its last.
    fn nights(&self, from: Timestamp, until: Timestamp, zone: &Zone) -> Vec<(Timestamp, Timestamp)> {
        let mut nights = Vec::new();
        let mut at = from;
        while at < until {
            let opens = self.opens_at(at, zone);
            if opens > at {
                nights.push((at, opens));
            }
            let closes = self.closes_after(opens, zone);
            // Where clocks were put back over the closing hour it is over already; so this comes to an end.
            at = if closes > opens { closes } else { Period::hours(1).after(opens) };
        }
        nights
    }

    /// When an hour that is allowed is over.
    fn closes_after(&self, at: Timestamp, zone: &Zone) -> Timestamp {
        let today = zone.rules().to_datetime(at).date();
        let (day, hour) = if self.to == 24 { (today.tomorrow().ok(), 0) } else { (Some(today), self.to) };
        instant(day, hour, zone)
    }

    fn next_in(&self, at: Timestamp, zone: &Zone) -> Timestamp {
        let local = zone.rules().to_datetime(at);
        let hour = local.hour();
        if self.from <= hour && hour < self.to {
            return at;
        }
        let day = if hour < self.from { Some(local.date()) } else { local.date().tomorrow().ok() };
        instant(day, self.from, zone)
    }
}

/// An hour of a day. On a day whose clocks skip the hour the next existing instant is taken.
fn instant(day: Option<Date>, hour: i8, zone: &Zone) -> Timestamp {
    let instant =
        day.and_then(|day| day.to_datetime(Time::constant(hour, 0, 0, 0)).to_zoned(zone.rules().clone()).ok());
    instant.map_or(Timestamp::MAX, |instant| instant.timestamp())
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

    /// What was done before each zone was looked at once: round by round, past one zone's night after the other.
    fn round_by_round(hours: QuietHours, at: Timestamp, zones: &[Zone]) -> Timestamp {
        let mut candidate = at;
        for _ in 0..=2 * zones.len() {
            let moved = zones.iter().map(|zone| hours.next_in(candidate, zone)).max().unwrap_or(candidate);
            if moved == candidate {
                return candidate;
            }
            candidate = moved;
        }
        zones.first().map_or(at, |zone| hours.next_in(at, zone))
    }

    #[test]
    fn looking_at_each_zone_once_finds_what_going_round_finds() {
        let names = [
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "America/St_Johns",
            "Asia/Kolkata",
            "Asia/Kathmandu",
            "Pacific/Honolulu",
            "Australia/Lord_Howe",
            "Pacific/Chatham",
            "America/Santiago",
            "Africa/Casablanca",
            "Asia/Beirut",
        ];
        let all: Vec<Zone> = names.iter().map(|name| Zone::parse(name).expect("a zone")).collect();
        let start: Timestamp = "2026-03-06T00:00:00Z".parse().expect("an instant");
        for draw in 0..3_000_u64 {
            // A small generator of numbers is enough to mix zones, hours and instants.
            let drawn = |salt: u64| {
                draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(salt * 1_442_695_040_888_963_407) >> 33
            };
            let zones: Vec<Zone> =
                all.iter().enumerate().filter(|(n, _)| drawn(1) >> n & 1 == 1).map(|(_, zone)| zone.clone()).collect();
            let from = i8::try_from(drawn(2) % 24).expect("an hour");
            let to = from + 1 + i8::try_from(drawn(3) % u64::try_from(24 - from).expect("hours")).expect("an hour");
            let at =
                start + jiff::SignedDuration::from_mins(i64::try_from(drawn(4) % (60 * 24 * 60)).expect("minutes"));
            let hours = QuietHours { from, to };
            let found = hours.next_allowed(at, &zones);
            assert_eq!(found, round_by_round(hours, at, &zones), "{zones:?} from {from} to {to} at {at}");
        }
    }

    #[test]
    fn a_list_of_zones_costs_as_much_as_it_is_long() {
        let zones = vec![Zone::parse("Asia/Tokyo").expect("a zone"); 2_000];
        let hours = QuietHours { from: 9, to: 10 };
        let at: Timestamp = "2026-03-10T12:00:00Z".parse().expect("an instant");
        let nights: usize = zones.iter().map(|zone| hours.nights(at, Period::days(2).after(at), zone).len()).sum();
        assert!(nights <= 3 * zones.len(), "{nights}");
    }
}

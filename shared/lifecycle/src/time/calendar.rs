//! The shop's calendar: which day an instant falls on, and which days do not count because the shop is closed.

use super::{OffSeason, Period, Zone};
use jiff::{SignedDuration, Timestamp, civil::Date};

/// The shop's time zone and the days on which it is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Zone,
    off_season: Vec<OffSeason>,
}

impl Calendar {
    /// A calendar in a zone.
    #[must_use]
    pub fn new(zone: Zone, off_season: Vec<OffSeason>) -> Self {
        Self { zone, off_season }
    }

    /// The shop's zone.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The day an instant falls on, in the shop's zone.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        self.zone.rules().to_datetime(at).date()
    }

    /// Whether two instants, the earlier one first, fall on one day, in the shop's zone.
    #[must_use]
    pub fn same_day(&self, earlier: Timestamp, later: Timestamp) -> bool {
        // However a zone puts its clocks back, no day since 1970 was as long as two. Most orders are further
        // apart, and need no look into the zone's rules.
        const TWO_DAYS: i64 = 48 * 3_600;
        seconds_between(earlier, later) < TWO_DAYS && self.day(earlier) == self.day(later)
    }

    /// Returns the instant `period` after `from`, not counting days off season.
    #[must_use]
    pub fn silent_until(&self, from: Timestamp, period: Period) -> Timestamp {
        let mut until = period.after(from);
        if self.off_season.is_empty() {
            return until;
        }
        // The seasons of each year in turn: each one that begins before the end pushes the end back.
        let mut counted_through = from;
        let first_year = self.day(from).year() - 1;
        for year in first_year..=first_year.saturating_add(200) {
            let mut seasons: Vec<_> =
                self.off_season.iter().filter_map(|season| self.season_of(*season, year)).collect();
            seasons.sort_unstable();
            for (begin, end) in seasons {
                let begin = begin.max(counted_through);
                if begin >= until {
                    return until;
                }
                if end > begin {
                    until = until.saturating_add(end.duration_since(begin)).unwrap_or(Timestamp::MAX);
                    counted_through = end;
                }
            }
        }
        until
    }

    fn season_of(&self, season: OffSeason, year: i16) -> Option<(Timestamp, Timestamp)> {
        let end_year = if season.to < season.from { year.checked_add(1)? } else { year };
        let begin = Date::new(year, season.from.0, season.from.1).ok()?;
        let end = Date::new(end_year, season.to.0, season.to.1).ok()?.tomorrow().ok()?;
        let instant = |date: Date| date.to_zoned(self.zone.rules().clone()).ok().map(|zoned| zoned.timestamp());
        Some((instant(begin)?, instant(end)?))
    }
}

/// How long from one instant to a later one, in seconds; zero if it is not later.
#[must_use]
pub fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).max(SignedDuration::ZERO).as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(zone: &str, seasons: &[&str]) -> Calendar {
        let seasons = seasons.iter().map(|text| OffSeason::try_from((*text).to_owned()).expect("a range of days"));
        Calendar::new(Zone::parse(zone).expect("a zone"), seasons.collect())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_day_is_the_shops_day() {
        let instant = at("2026-03-01T03:00:00Z");
        assert_eq!(calendar("UTC", &[]).day(instant).to_string(), "2026-03-01");
        assert_eq!(calendar("America/New_York", &[]).day(instant).to_string(), "2026-02-28");
    }

    #[test]
    fn instants_are_of_one_day_if_their_dates_are_the_same_even_when_clocks_go_back() {
        // Casey put its clocks back by three hours on 5 March 2010, a day of 27 hours.
        for (zone, earlier, later, same) in [
            ("UTC", "2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z", true),
            ("UTC", "2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z", false),
            ("UTC", "2026-03-01T12:00:00Z", "2026-04-01T12:00:00Z", false),
            ("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", true),
            ("Antarctica/Casey", "2010-03-04T13:00:01Z", "2010-03-05T15:59:59Z", true),
            ("Antarctica/Casey", "2010-03-04T13:00:01Z", "2010-03-05T16:00:00Z", false),
        ] {
            assert_eq!(calendar(zone, &[]).same_day(at(earlier), at(later)), same, "{zone} {earlier} {later}");
        }
    }

    #[test]
    fn days_off_season_are_not_silence() {
        let closed = calendar("UTC", &["12-24..01-02", "07-01..07-10"]);
        let ten_days = Period::days(10);
        // Before, across and inside a season, and across New Year.
        assert_eq!(closed.silent_until(at("2026-03-01T12:00:00Z"), ten_days), at("2026-03-11T12:00:00Z"));
        assert_eq!(closed.silent_until(at("2026-12-20T00:00:00Z"), ten_days), at("2027-01-09T00:00:00Z"));
        assert_eq!(closed.silent_until(at("2026-12-28T00:00:00Z"), ten_days), at("2027-01-13T00:00:00Z"));
        assert_eq!(closed.silent_until(at("2026-06-25T00:00:00Z"), Period::days(200)), at("2027-01-31T00:00:00Z"));
        // From within a season that began last year, and over a season of one day.
        assert_eq!(closed.silent_until(at("2027-01-01T00:00:00Z"), ten_days), at("2027-01-13T00:00:00Z"));
        let one_day = calendar("UTC", &["03-05..03-05"]);
        assert_eq!(one_day.silent_until(at("2026-03-01T12:00:00Z"), ten_days), at("2026-03-12T12:00:00Z"));
    }

    #[test]
    fn a_zone_and_a_season_are_written_as_they_were_read() {
        let zone = Zone::parse("Europe/Berlin").expect("a zone");
        assert_eq!((zone.name(), format!("{zone:?}").as_str()), ("Europe/Berlin", "Europe/Berlin"));
        assert_eq!(String::from(zone), "Europe/Berlin");
        let season = OffSeason::try_from("12-24..01-02".to_owned()).expect("a range of days");
        assert_eq!(String::from(season), "12-24..01-02");
    }

    #[test]
    fn a_season_that_is_no_range_is_refused() {
        for text in ["", "12-24", "13-01..13-02", "02-30..03-01", "12-24..", "a..b"] {
            assert!(OffSeason::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }
}

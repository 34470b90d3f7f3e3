//! Dates and instants as people and programs write them.

use super::date_text::read_date;
use super::moment::{DateOrder, DateShape, Moment};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

/// How the dates of a column are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct DateRules {
    /// Of numbers that may be both.
    pub(crate) order: Option<DateOrder>,
    /// A pattern as that of `strftime`, of which all dates are.
    pub(crate) pattern: Option<String>,
    /// The zone of times without an offset, and of days.
    pub(crate) zone: Option<TimeZone>,
}

/// Why a text is no date. The message is the predicate of a sentence about the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DateError {
    #[error(
        "is {0:?}; write an instant such as 2026-03-01T12:00:00Z or a day such as 2026-03-01, or name the form with --date-format"
    )]
    NoDate(String),
    #[error("is {0:?}, in which day and month cannot be told apart; --date-format day-first or month-first says it")]
    Undecided(String),
    #[error("is {0:?}, without an offset from UTC; --time-zone names the shop's zone")]
    NoZone(String),
    #[error("is {0:?}, which is not in the form {1:?} of --date-format")]
    OtherForm(String, String),
}

impl DateRules {
    /// The instant of a text. A day counts as noon.
    pub(crate) fn instant(&self, text: &str) -> Result<Timestamp, DateError> {
        let shown = || text.chars().take(40).collect::<String>();
        let moment = match &self.pattern {
            Some(pattern) => by_pattern(pattern, text).ok_or_else(|| DateError::OtherForm(shown(), pattern.clone()))?,
            None => match read_date(text).ok_or_else(|| DateError::NoDate(shown()))? {
                DateShape::Clear(moment) | DateShape::Shows(_, moment) => moment,
                DateShape::Either(day_first, month_first) => match self.order {
                    Some(DateOrder::DayFirst) => day_first,
                    Some(DateOrder::MonthFirst) => month_first,
                    None => return Err(DateError::Undecided(shown())),
                },
            },
        };
        let in_zone = |zone: &TimeZone, at: DateTime| zone.to_ambiguous_zoned(at).compatible().ok();
        let found = match moment {
            Moment::Instant(at) => Some(at),
            Moment::Civil(at) => {
                let zone = self.zone.as_ref().ok_or_else(|| DateError::NoZone(shown()))?;
                in_zone(zone, at).map(|at| at.timestamp())
            }
            Moment::Day(day) => {
                let noon = day.to_datetime(Time::constant(12, 0, 0, 0));
                in_zone(self.zone.as_ref().unwrap_or(&TimeZone::UTC), noon).map(|at| at.timestamp())
            }
        };
        found.ok_or_else(|| DateError::NoDate(shown()))
    }
}

fn by_pattern(pattern: &str, text: &str) -> Option<Moment> {
    let parsed = jiff::fmt::strtime::parse(pattern, text.trim()).ok()?;
    if let Ok(at) = parsed.to_timestamp() {
        return Some(Moment::Instant(at));
    }
    if parsed.hour().is_some() {
        return parsed.to_datetime().ok().map(Moment::Civil);
    }
    parsed.to_date().ok().map(Moment::Day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(order: Option<DateOrder>) -> DateRules {
        DateRules { order, zone: TimeZone::get("Europe/Berlin").ok(), pattern: None }
    }

    #[test]
    fn dates_are_read_in_the_forms_that_programs_and_people_write() {
        for (text, expected) in [
            ("2026-02-01T10:00:00Z", "2026-02-01T10:00:00Z"),
            ("2026-02-01 10:00:00", "2026-02-01T09:00:00Z"),
            ("2026-07-01 10:00", "2026-07-01T08:00:00Z"),
            ("2026-02-01 10:00:00 +0200", "2026-02-01T08:00:00Z"),
            ("2026-02-01T10:00:00+0300", "2026-02-01T07:00:00Z"),
            ("2026-02-01T10:00:00-05", "2026-02-01T15:00:00Z"),
            ("2026-02-01T10:00Z", "2026-02-01T10:00:00Z"),
            ("2026-02-01T10:00:00.123456+01:00", "2026-02-01T09:00:00.123456Z"),
            ("2026-02-01 10:00:00 UTC", "2026-02-01T10:00:00Z"),
            ("2026-02-01T10:00:00[America/New_York]", "2026-02-01T15:00:00Z"),
            ("2026-2-1", "2026-02-01T11:00:00Z"),
            ("2026/02/01", "2026-02-01T11:00:00Z"),
            ("31.01.2026", "2026-01-31T11:00:00Z"),
            ("1.2.26 8:05", "2026-02-01T07:05:00Z"),
            ("20260201", "2026-02-01T11:00:00Z"),
            ("20260201100000", "2026-02-01T09:00:00Z"),
            ("Feb 1, 2026, 10:00:00 AM", "2026-02-01T09:00:00Z"),
            ("February 1st, 2026 12:30 am", "2026-01-31T23:30:00Z"),
            ("1 Feb 2026 10:00 PM", "2026-02-01T21:00:00Z"),
            ("1. März 2026", "2026-03-01T11:00:00Z"),
            ("1 мая 2026 г.", "2026-05-01T10:00:00Z"),
            ("01-Feb-2026", "2026-02-01T11:00:00Z"),
            ("Tue, 05 Mar 2019 21:40:11 +0000", "2019-03-05T21:40:11Z"),
            ("45323", "2024-02-01T11:00:00Z"),
            ("45323.5", "2024-02-01T11:00:00Z"),
            ("1769940000", "2026-02-01T10:00:00Z"),
            ("1769940000000", "2026-02-01T10:00:00Z"),
            ("1291191960000.0", "2010-12-01T08:26:00Z"),
            ("'2026-02-01", "2026-02-01T11:00:00Z"),
            ("31/01/2026 10:00", "2026-01-31T09:00:00Z"),
            ("01/31/2026 10:00", "2026-01-31T09:00:00Z"),
            ("05/05/2026", "2026-05-05T10:00:00Z"),
        ] {
            let found = rules(None).instant(text).map(|at| at.to_string());
            assert_eq!(found.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn numbers_that_may_be_day_and_month_are_read_as_the_rules_say() {
        for (order, expected) in [(DateOrder::DayFirst, "2026-02-01"), (DateOrder::MonthFirst, "2026-01-02")] {
            let found = rules(Some(order)).instant("01/02/2026").expect("a date").to_string();
            assert!(found.starts_with(expected), "{found}");
        }
        assert!(matches!(rules(None).instant("01-02-2026"), Err(DateError::Undecided(_))));
        let no_zone = DateRules::default();
        assert!(matches!(no_zone.instant("2026-02-01 10:00"), Err(DateError::NoZone(_))));
        assert_eq!(no_zone.instant("2026-02-01").expect("a day").to_string(), "2026-02-01T12:00:00Z");
    }

    #[test]
    fn a_pattern_reads_what_it_says_and_nothing_else() {
        let rules = |pattern: &str| DateRules { pattern: Some(pattern.to_owned()), ..rules(None) };
        assert_eq!(rules("%y%m%d").instant("260201").expect("a day").to_string(), "2026-02-01T11:00:00Z");
        assert_eq!(
            rules("%d/%m/%Y %H:%M").instant("01/02/2026 10:00").expect("a time").to_string(),
            "2026-02-01T09:00:00Z"
        );
        assert_eq!(
            rules("%d/%m/%Y %H:%M %z").instant("01/02/2026 10:00 +0000").expect("one").to_string(),
            "2026-02-01T10:00:00Z"
        );
        assert!(matches!(rules("%d/%m/%Y").instant("2026-02-01"), Err(DateError::OtherForm(..))));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "yesterday",
            "2026-02-30",
            "31.02.2026",
            "99/99/2026",
            "12",
            "2026",
            "1.2",
            "10:00",
            "2026-02-01 25:00",
            "a:b",
            "::",
            "1769940000 EST",
            "2026-02-01 10:00 EST",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }
}

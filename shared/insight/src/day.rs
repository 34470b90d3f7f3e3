//! Days and months of a shop's calendar.

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A day of the shop's calendar: whole days since 1970-01-01 in the shop's zone.
///
/// In JSON it is a date such as `"1997-01-31"`, in a stored summary a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

const EPOCH: Date = date(1970, 1, 1);

impl Day {
    /// The day that is this many days after 1970-01-01.
    #[must_use]
    pub const fn from_number(days: i32) -> Self {
        Self(days)
    }

    /// The day with this date.
    #[must_use]
    pub fn from_date(date: Date) -> Self {
        Self(i32::try_from(date.duration_since(EPOCH).as_hours() / 24).unwrap_or(i32::MAX))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The date, the first or last one that the calendar has for a day beyond it.
    #[must_use]
    pub fn date(self) -> Date {
        EPOCH.saturating_add(SignedDuration::from_hours(i64::from(self.0) * 24))
    }

    /// The day that is this many days later, earlier for a negative number.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from an earlier day until this one; 0 if that is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> u32 {
        u32::try_from(i64::from(self.0) - i64::from(earlier.0)).unwrap_or(0)
    }

    /// The calendar month that holds the day.
    #[must_use]
    pub fn month(self) -> Month {
        let date = self.date();
        Month(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// Days since Monday, 0 to 6.
    #[must_use]
    pub fn weekday(self) -> usize {
        // 1970-01-01 was a Thursday.
        usize::try_from((i64::from(self.0) + 3).rem_euclid(7)).unwrap_or(0)
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self::from_date(date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i32(self.0) }
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Date::deserialize(deserializer).map(Self::from_date)
        } else {
            i32::deserialize(deserializer).map(Self)
        }
    }
}

/// A calendar month of the shop.
///
/// In JSON it is a text such as `"1997-01"`, in a stored summary a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month that is this many months later, earlier for a negative number.
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months))
    }

    /// Months from an earlier month until this one, negative if that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Months since January, 0 to 11.
    #[must_use]
    pub fn of_year(self) -> usize {
        usize::try_from(self.0.rem_euclid(12)).unwrap_or(0)
    }

    /// The first day.
    #[must_use]
    pub fn first_day(self) -> Day {
        let year = i16::try_from(self.0.div_euclid(12)).unwrap_or(i16::MAX).clamp(-9999, 9999);
        let month = i8::try_from(self.of_year()).unwrap_or(0) + 1;
        Day::from_date(Date::new(year, month, 1).unwrap_or(EPOCH))
    }

    /// The last day.
    #[must_use]
    pub fn last_day(self) -> Day {
        self.plus(1).first_day().plus(-1)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.of_year() + 1)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i32(self.0) }
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            let first: Date = format!("{text}-01").parse().map_err(serde::de::Error::custom)?;
            Ok(Day::from_date(first).month())
        } else {
            i32::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(Day::from_date(date(1970, 1, 1)).number(), 0);
        assert_eq!(Day::from_date(date(1969, 12, 31)).number(), -1);
        assert_eq!(Day::from_date(date(1997, 1, 1)).number(), 9_862);
        assert_eq!(Day::from_number(9_862).date(), date(1997, 1, 1));
        assert_eq!(Day::from_number(i32::MAX).date(), Date::MAX, "beyond the calendar");
    }

    #[test]
    fn a_day_knows_its_weekday_and_month() {
        let day = Day::from_date(date(2026, 11, 27));
        assert_eq!(day.weekday(), 4, "a Friday");
        assert_eq!(day.month().to_string(), "2026-11");
        assert_eq!(day.month().first_day().date(), date(2026, 11, 1));
        assert_eq!(day.month().plus(1).last_day().date(), date(2026, 12, 31));
        assert_eq!(day.month().plus(2).since(day.month()), 2);
        assert_eq!(day.month().plus(2).of_year(), 0);
    }

    #[test]
    fn days_between_are_never_negative() {
        let day = Day::from_number(10);
        assert_eq!(day.plus(5).since(day), 5);
        assert_eq!(day.since(day.plus(5)), 0);
        assert_eq!(Day::from_number(i32::MAX).since(Day::from_number(i32::MIN)), u32::MAX);
    }

    #[test]
    fn people_read_dates_and_summaries_hold_numbers() {
        let day = Day::from_date(date(1997, 3, 25));
        assert_eq!(serde_json::to_string(&day).expect("JSON"), "\"1997-03-25\"");
        assert_eq!(serde_json::from_str::<Day>("\"1997-03-25\"").expect("a day"), day);
        assert_eq!(serde_json::from_str::<Month>("\"1997-03\"").expect("a month"), day.month());
        let bytes = postcard::to_allocvec(&(day, day.month())).expect("bytes");
        assert_eq!(postcard::from_bytes::<(Day, Month)>(&bytes).expect("both"), (day, day.month()));
        assert!(bytes.len() <= 6);
    }
}

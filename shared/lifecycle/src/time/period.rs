//! Durations as a policy writes them: `90m`, `12h`, `3d`, `2w`. A day is 24 hours.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A duration of whole seconds, never negative, at most 100 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(i64);

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a duration; write a whole number and a unit, such as \"90m\", \"12h\", \"3d\" or \"2w\"")]
pub struct NotAPeriod(String);

const UNITS: [(char, i64); 4] = [('w', 7 * 86_400), ('d', 86_400), ('h', 3_600), ('m', 60)];

impl Period {
    const LIMIT: i64 = 100 * 365 * 86_400;

    /// A period of this many seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// A period of this many hours.
    #[must_use]
    pub const fn hours(hours: i64) -> Self {
        Self(hours * 3_600)
    }

    /// A period of this many days of 24 hours.
    #[must_use]
    pub const fn days(days: i64) -> Self {
        Self(days * 86_400)
    }

    /// Its length in seconds.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0
    }

    /// Its length in whole days of 24 hours; what is left over is dropped.
    #[must_use]
    pub fn whole_days(self) -> u32 {
        u32::try_from(self.0 / 86_400).unwrap_or(u32::MAX)
    }

    /// This many times as long.
    #[must_use]
    pub const fn times(self, factor: u32) -> Self {
        Self(self.0.saturating_mul(factor as i64))
    }

    /// The instant this long after another; the end of time if there is none.
    #[must_use]
    pub fn after(self, instant: Timestamp) -> Timestamp {
        instant.saturating_add(SignedDuration::from_secs(self.0)).unwrap_or(Timestamp::MAX)
    }

    /// Reads a whole number with a unit.
    ///
    /// # Errors
    /// The text is something else.
    pub fn parse(text: &str) -> Result<Self, NotAPeriod> {
        let refused = || NotAPeriod(text.chars().take(32).collect());
        let trimmed = text.trim();
        let unit = trimmed.chars().next_back().ok_or_else(refused)?;
        let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(refused)?;
        let number: u32 = trimmed[..trimmed.len() - 1].trim().parse().map_err(|_| refused())?;
        let total = i64::from(number).checked_mul(*seconds).filter(|total| *total <= Self::LIMIT);
        total.map(Self).ok_or_else(refused)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The largest unit that divides it; weeks read worse than days.
        let (unit, seconds) = UNITS[1..].iter().find(|(_, seconds)| self.0 % seconds == 0).unwrap_or(&UNITS[3]);
        write!(f, "{}{unit}", self.0 / seconds)
    }
}

impl TryFrom<String> for Period {
    type Error = NotAPeriod;
    fn try_from(text: String) -> Result<Self, NotAPeriod> {
        Self::parse(&text)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_and_written_in_the_units_of_the_policy() {
        for (text, seconds, shown) in [
            ("90m", 5_400, "90m"),
            ("12h", 43_200, "12h"),
            ("48h", 172_800, "2d"),
            (" 2 w ", 1_209_600, "14d"),
            ("0h", 0, "0d"),
        ] {
            let period = Period::parse(text).expect(text);
            assert_eq!((period.as_seconds(), period.to_string().as_str()), (seconds, shown));
            assert_eq!(String::from(period), shown);
        }
        let century = Period::days(100 * 365);
        assert_eq!(Period::parse("36500d"), Ok(century));
        for text in ["36501d", "", "3", "d", "-1d", "1.5h", "3 months", "99999999999d", "١d"] {
            assert!(Period::parse(text).is_err(), "{text:?}");
        }
    }
}

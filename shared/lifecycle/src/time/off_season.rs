//! Days of the year on which a shop is closed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Days of every year, both ends included; it may run over New Year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OffSeason {
    pub(super) from: (i8, i8),
    pub(super) to: (i8, i8),
}

/// The text is not a range of days of the year.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a range of days; write \"MM-DD..MM-DD\", such as \"12-24..01-02\"")]
pub struct NotAnOffSeason(String);

impl TryFrom<String> for OffSeason {
    type Error = NotAnOffSeason;
    fn try_from(text: String) -> Result<Self, NotAnOffSeason> {
        let day = |part: &str| -> Option<(i8, i8)> {
            let (month, day) = part.trim().split_once('-')?;
            let (month, day) = (month.parse().ok()?, day.parse().ok()?);
            // Any year without 29 February: a season that begins or ends on it would come and go.
            Date::new(2001, month, day).ok().map(|date| (date.month(), date.day()))
        };
        let range = text.split_once("..").and_then(|(from, to)| Some((day(from)?, day(to)?)));
        range.map(|(from, to)| Self { from, to }).ok_or(NotAnOffSeason(text))
    }
}

impl From<OffSeason> for String {
    fn from(season: OffSeason) -> Self {
        format!("{:02}-{:02}..{:02}-{:02}", season.from.0, season.from.1, season.to.0, season.to.1)
    }
}

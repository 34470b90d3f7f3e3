//! Dates and instants as people and programs write them.

use super::month_names::month;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

/// Whether the day or the month comes first where both are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/01/2026`
    DayFirst,
    /// `01/31/2026`
    MonthFirst,
}

/// What a text says about a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Instant(Timestamp),
    /// A day and time without an offset.
    Civil(DateTime),
    /// A day without a time.
    Day(Date),
}

/// A text as a moment, in each way in which it may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateShape {
    Clear(Moment),
    /// Day and month are told by the numbers: one is larger than 12.
    Shows(DateOrder, Moment),
    /// The same numbers as day and month, and as month and day.
    Either(Moment, Moment),
}

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

/// Reads a date in any of the usual forms: ISO 8601 and RFC 2822 with their variations, dates of several countries with and
/// without times, seconds and milliseconds since 1970, days of a spreadsheet. `None` if it is none of them.
pub(crate) fn read_date(text: &str) -> Option<DateShape> {
    let text = text.trim().trim_start_matches('\'').trim();
    if text.len() > 64 {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(DateShape::Clear(Moment::Instant(at)));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.bytes().filter(|b| *b == b'.').count() < 2
    {
        return number(text).map(DateShape::Clear);
    }
    let (text, zone) = match text.split_once('[') {
        Some((text, zone)) => (text, Some(TimeZone::get(zone.strip_suffix(']')?).ok()?)),
        None => (text, None),
    };
    let tokens = tokens(text)?;
    let at = tokens.iter().position(|token| *token == Token::Mark(':'));
    let (date, time) = match at {
        Some(colon) => {
            let (date, time) = tokens.split_at(colon.checked_sub(1)?);
            (date, Some(clock(time)?))
        }
        None => (tokens.as_slice(), None),
    };
    let day = day(date)?;
    let with_time = |day: Date| {
        let Some((time, offset)) = time else { return Some(Moment::Day(day)) };
        let civil = day.to_datetime(time);
        Some(match (offset, &zone) {
            (Some(offset), _) => Moment::Instant(offset.to_timestamp(civil).ok()?),
            (None, Some(zone)) => Moment::Instant(zone.to_ambiguous_zoned(civil).compatible().ok()?.timestamp()),
            (None, None) => Moment::Civil(civil),
        })
    };
    Some(match day {
        Day::Clear(day) => DateShape::Clear(with_time(day)?),
        Day::Shows(order, day) => DateShape::Shows(order, with_time(day)?),
        Day::Either(day_first, month_first) => DateShape::Either(with_time(day_first)?, with_time(month_first)?),
    })
}

/// A number as a date, by how many digits it has.
fn number(text: &str) -> Option<Moment> {
    /// Days of a spreadsheet from 1954 to 2119.
    const DAYS: std::ops::Range<i64> = 20_000..80_000;
    const SECONDS_PER_DAY: f64 = 86_400.0;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let value: i64 = whole.parse().ok()?;
    let fraction: f64 = format!("0.{fraction}0").parse().ok()?;
    match whole.len() {
        5 if DAYS.contains(&value) => {
            let day = Date::constant(1899, 12, 30).checked_add(jiff::Span::new().days(value)).ok()?;
            if fraction == 0.0 {
                return Some(Moment::Day(day));
            }
            #[expect(clippy::cast_possible_truncation, reason = "less than a day")]
            let seconds = (fraction * SECONDS_PER_DAY).round() as i64;
            day.to_datetime(Time::midnight()).checked_add(jiff::Span::new().seconds(seconds)).ok().map(Moment::Civil)
        }
        8 if fraction == 0.0 => {
            let day = Date::new(whole[..4].parse().ok()?, whole[4..6].parse().ok()?, whole[6..].parse().ok()?).ok()?;
            Some(Moment::Day(day))
        }
        14 if fraction == 0.0 => {
            let part = |range: std::ops::Range<usize>| whole[range].parse::<i8>().ok();
            let day = Date::new(whole[..4].parse().ok()?, part(4..6)?, part(6..8)?).ok()?;
            let time = Time::new(part(8..10)?, part(10..12)?, part(12..14)?, 0).ok()?;
            Some(Moment::Civil(day.to_datetime(time)))
        }
        9 | 10 => Timestamp::from_second(value).ok().map(Moment::Instant),
        12 | 13 => Timestamp::from_millisecond(value).ok().map(Moment::Instant),
        15 | 16 => Timestamp::from_microsecond(value).ok().map(Moment::Instant),
        _ => None,
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number(String),
    Word(String),
    Mark(char),
}

/// Numbers, words and marks; `None` if there is something that no date has.
fn tokens(text: &str) -> Option<Vec<Token>> {
    const MAX_TOKENS: usize = 32;
    let mut tokens: Vec<Token> = Vec::new();
    for c in text.chars() {
        match (tokens.last_mut(), c) {
            (Some(Token::Number(number)), c) if c.is_ascii_digit() => number.push(c),
            (Some(Token::Word(word)), c) if c.is_alphabetic() => word.push(c),
            (_, c) if c.is_ascii_digit() => tokens.push(Token::Number(c.to_string())),
            (_, c) if c.is_alphabetic() => tokens.push(Token::Word(c.to_string())),
            (_, c) if c.is_whitespace() => tokens.push(Token::Mark(' ')),
            (_, '-' | '/' | '.' | ',' | ':' | '+' | '(' | ')') => tokens.push(Token::Mark(c)),
            (_, '−') => tokens.push(Token::Mark('-')),
            _ => return None,
        }
    }
    (tokens.len() <= MAX_TOKENS).then_some(tokens)
}

/// The time of day and its offset from UTC, of the tokens that begin with the hour.
fn clock(tokens: &[Token]) -> Option<(Time, Option<Offset>)> {
    let mut tokens = tokens.iter().peekable();
    let number = |token: Option<&Token>, max_len: usize| match token {
        Some(Token::Number(text)) if text.len() <= max_len => text.parse::<i8>().ok(),
        _ => None,
    };
    let mut hour = number(tokens.next(), 2)?;
    tokens.next();
    let minute = number(tokens.next(), 2)?;
    let (mut second, mut nanos) = (0, 0);
    if tokens.next_if_eq(&&Token::Mark(':')).is_some() {
        second = number(tokens.next(), 2)?.min(59);
        if tokens.next_if(|token| matches!(token, Token::Mark('.' | ','))).is_some() {
            let Some(Token::Number(digits)) = tokens.next() else { return None };
            nanos = format!("{:0<9.9}", digits).parse().ok()?;
        }
    }
    let mut offset = None;
    while let Some(token) = tokens.next() {
        match token {
            Token::Mark(' ' | ',' | '(' | ')') => {}
            Token::Word(word) => match word.to_uppercase().as_str() {
                half @ ("AM" | "PM" | "A" | "P") if offset.is_none() && (1..=12).contains(&hour) => {
                    // `a.m.`
                    while tokens
                        .next_if(|token| matches!(token, Token::Mark('.')) || **token == Token::Word("m".to_owned()))
                        .is_some()
                    {}
                    hour = hour % 12 + if half.starts_with('P') { 12 } else { 0 };
                }
                "Z" | "UTC" | "GMT" => offset = Some(Offset::UTC),
                _ => return None,
            },
            Token::Mark(sign @ ('+' | '-')) => {
                let Some(Token::Number(digits)) = tokens.next() else { return None };
                let (hours, minutes) = match digits.len() {
                    1 | 2 if tokens.next_if_eq(&&Token::Mark(':')).is_some() => {
                        (digits.as_str(), number(tokens.next(), 2)?)
                    }
                    1 | 2 => (digits.as_str(), 0),
                    4 => (&digits[..2], digits[2..].parse().ok()?),
                    _ => return None,
                };
                let seconds = hours.parse::<i32>().ok()? * 3600 + i32::from(minutes) * 60;
                offset = Some(Offset::from_seconds(if *sign == '-' { -seconds } else { seconds }).ok()?);
            }
            _ => return None,
        }
    }
    Some((Time::new(hour, minute, second, nanos).ok()?, offset))
}

enum Day {
    Clear(Date),
    Shows(DateOrder, Date),
    Either(Date, Date),
}

/// The day of the tokens in front of the time.
fn day(tokens: &[Token]) -> Option<Day> {
    let (mut numbers, mut named, mut separator) = (Vec::new(), None, None);
    for token in tokens {
        match token {
            Token::Number(text) => numbers.push(text.as_str()),
            Token::Word(word) => match word.to_lowercase().as_str() {
                "t" | "st" | "nd" | "rd" | "th" | "de" | "г" | "at" | "um" | "of" | "à" => {}
                other => match month(other) {
                    Some(found) if named.is_none() && other.chars().count() > 2 && !is_weekday(other) => {
                        named = Some(found)
                    }
                    _ if is_weekday(other) => {}
                    _ => return None,
                },
            },
            Token::Mark(mark @ ('-' | '/' | '.')) => separator = separator.or(Some(*mark)),
            Token::Mark(' ' | ',') => {}
            Token::Mark(_) => return None,
        }
    }
    let small = |text: &str| text.parse::<i8>().ok().filter(|_| text.len() <= 2);
    match (numbers.as_slice(), named) {
        (&[one, other], Some(month)) => {
            let (day, year) = if one.len() == 4 { (other, one) } else { (one, other) };
            Date::new(year_of(year)?, month, small(day)?).ok().map(Day::Clear)
        }
        (&[year, month, day], None) if year.len() == 4 => {
            Date::new(year_of(year)?, small(month)?, small(day)?).ok().map(Day::Clear)
        }
        (&[first, second, year], None) => {
            let (year, first, second) = (year_of(year)?, small(first)?, small(second)?);
            let day_first = Date::new(year, second, first).ok();
            // Points stand between day and month wherever they are used.
            let month_first = if separator == Some('.') { None } else { Date::new(year, first, second).ok() };
            match (day_first, month_first) {
                (Some(same), Some(other)) if same == other => Some(Day::Clear(same)),
                (Some(day_first), Some(month_first)) => Some(Day::Either(day_first, month_first)),
                (Some(day), None) if separator == Some('.') => Some(Day::Clear(day)),
                (Some(day), None) => Some(Day::Shows(DateOrder::DayFirst, day)),
                (None, Some(day)) => Some(Day::Shows(DateOrder::MonthFirst, day)),
                (None, None) => None,
            }
        }
        _ => None,
    }
}

fn is_weekday(word: &str) -> bool {
    const BEGINNINGS: [&str; 30] = [
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "montag", "die", "mit", "don", "fre", "sam", "son", "lun",
        "mardi", "mer", "jeu", "ven", "dim", "mié", "jue", "vie", "sáb", "dom", "пн", "вт", "ср", "чт", "пт",
    ];
    BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
}

/// A year of four digits, or of two: 1970 to 2069.
fn year_of(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 if year < 70 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
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

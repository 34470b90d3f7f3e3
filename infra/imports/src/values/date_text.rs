//! Texts as dates, in the forms that people and programs write.

use super::moment::{DateOrder, DateShape, Moment};
use super::month_names::{is_weekday, month};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

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
            nanos = format!("{digits:0<9.9}").parse().ok()?;
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
                        named = Some(found);
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

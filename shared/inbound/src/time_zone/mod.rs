//! Time zones, in the names by which systems know them.

use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The names of Windows, in lower case, with the zone of each in the IANA database: `windowsZones.xml` of the Unicode CLDR,
/// territory 001 (Unicode License v3).
const WINDOWS_ZONES: &str = include_str!("windows_zones.tsv");

/// Abbreviations that mean one zone where they are used at all. `CST`, `IST` and others that mean several are not among them.
const ABBREVIATIONS: [(&str, &str); 30] = [
    ("est", "America/New_York"),
    ("edt", "America/New_York"),
    ("cdt", "America/Chicago"),
    ("mst", "America/Denver"),
    ("mdt", "America/Denver"),
    ("pst", "America/Los_Angeles"),
    ("pdt", "America/Los_Angeles"),
    ("akst", "America/Anchorage"),
    ("akdt", "America/Anchorage"),
    ("hst", "Pacific/Honolulu"),
    ("bst", "Europe/London"),
    ("wet", "Europe/Lisbon"),
    ("west", "Europe/Lisbon"),
    ("cet", "Europe/Paris"),
    ("cest", "Europe/Paris"),
    ("mez", "Europe/Berlin"),
    ("mesz", "Europe/Berlin"),
    ("eet", "Europe/Helsinki"),
    ("eest", "Europe/Helsinki"),
    ("msk", "Europe/Moscow"),
    ("trt", "Europe/Istanbul"),
    ("sast", "Africa/Johannesburg"),
    ("jst", "Asia/Tokyo"),
    ("kst", "Asia/Seoul"),
    ("sgt", "Asia/Singapore"),
    ("hkt", "Asia/Hong_Kong"),
    ("aest", "Australia/Sydney"),
    ("aedt", "Australia/Sydney"),
    ("nzst", "Pacific/Auckland"),
    ("nzdt", "Pacific/Auckland"),
];

/// The areas of the database that name zones after cities.
const AREAS: [&str; 8] = ["Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// Zones of offsets that are not whole hours and of one zone only, in minutes.
const UNEVEN_OFFSETS: [(i32, &str); 10] = [
    (-570, "Pacific/Marquesas"),
    (210, "Asia/Tehran"),
    (270, "Asia/Kabul"),
    (330, "Asia/Kolkata"),
    (345, "Asia/Kathmandu"),
    (390, "Asia/Yangon"),
    (525, "Australia/Eucla"),
    (570, "Australia/Darwin"),
    (765, "Pacific/Chatham"),
    (-210, "America/St_Johns"),
];

/// The name in the IANA database of a zone that is given by that name in any case, by its Windows name, by its offset
/// (`GMT+3`, `UTC-05:00`, `+02:00`), by a city, or by an abbreviation that means one zone. `None` if it is none of these.
pub(crate) fn parse(text: &str) -> Option<String> {
    static BY_NAME: LazyLock<HashMap<&'static str, &'static str>> =
        LazyLock::new(|| WINDOWS_ZONES.lines().filter_map(|line| line.split_once('\t')).chain(ABBREVIATIONS).collect());
    let text = text.trim();
    let lower = text.to_lowercase();
    let by_name = |name: &str| BY_NAME.get(name).and_then(|zone| iana(zone));
    if let Some(zone) = by_name(&lower) {
        return Some(zone);
    }
    // "Pacific Time (US & Canada)" is the Windows zone "Pacific Standard Time".
    let american = lower.strip_suffix("time (us & canada)");
    if let Some(zone) = american.and_then(|area| by_name(&format!("{area}standard time"))) {
        return Some(zone);
    }
    // Browsers put a name behind the offset: "GMT+0300 (Moscow Standard Time)". The name says more.
    if let Some((offset, name)) = lower.strip_suffix(')').and_then(|rest| rest.split_once(" (")) {
        return by_name(name).or_else(|| offset_minutes(offset).and_then(from_offset));
    }
    let by_offset = || offset_minutes(&lower).and_then(from_offset);
    by_offset().or_else(|| iana(&text.replace(' ', "_"))).or_else(|| of_city(&lower))
}

/// The zone that is named after a city, if there is one only: `Berlin`.
fn of_city(city: &str) -> Option<String> {
    let city = city.replace(' ', "_");
    let mut found = jiff::tz::db().available().filter(|zone| {
        // Links of earlier days and the offsets stand in areas of their own.
        let (area, own) = zone.as_str().rsplit_once('/').unwrap_or_default();
        AREAS.contains(&area) && own.eq_ignore_ascii_case(&city)
    });
    let zone = found.next()?;
    if found.next().is_some() { None } else { iana(zone.as_str()) }
}

/// The name as the database spells it.
fn iana(name: &str) -> Option<String> {
    TimeZone::get(name).ok()?.iana_name().map(str::to_owned)
}

/// The minutes by which local time is ahead of UTC in `gmt+3`, `utc-05:30`, `+0200`, `(utc+01:00) berlin`.
fn offset_minutes(text: &str) -> Option<i32> {
    // Outlook puts the offset in front of the names of cities.
    let text = text.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(text, |(offset, _)| offset);
    let (named, rest) = match text.strip_prefix("utc").or_else(|| text.strip_prefix("gmt")) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    if named && rest.is_empty() || text == "z" {
        return Some(0);
    }
    let (sign, digits) = match rest.chars().next()? {
        '+' => (1, &rest[1..]),
        '-' => (-1, &rest[1..]),
        '\u{2212}' => (-1, &rest['\u{2212}'.len_utf8()..]),
        _ => return None,
    };
    let digits = digits.trim();
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(parts), _) => parts,
        (None, 3 | 4) => digits.split_at_checked(digits.len() - 2)?,
        (None, 1 | 2) => (digits, "0"),
        _ => return None,
    };
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i32>().ok()).flatten();
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn from_offset(minutes: i32) -> Option<String> {
    if minutes == 0 {
        return iana("Etc/UTC");
    }
    if minutes % 60 == 0 {
        // The signs of these names are the other way round.
        return iana(&format!("Etc/GMT{:+}", -minutes / 60));
    }
    UNEVEN_OFFSETS.iter().find(|(offset, _)| *offset == minutes).and_then(|(_, zone)| iana(zone))
}

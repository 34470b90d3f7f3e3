//! Quiet time, caps and time zones.

use super::input::Input;
use super::journey;
use super::notes::Notes;
use serde_json::Value;

/// Ten years, in minutes. Pinpoint's journeys end after 18 months.
pub(super) const LONGEST: i64 = 3_650 * 1_440;
/// The longest window of a cap, in days. Pinpoint's is 30.
const LONGEST_WINDOW: i64 = 365;

/// What a policy says about when and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) time_zone: Option<String>,
    /// From and to which hour messages go out.
    pub(super) hours: Option<(i64, i64)>,
    /// At most so many messages in so many days.
    pub(super) cap: Option<(i64, i64)>,
    /// Whether a day has one message at most.
    pub(super) one_a_day: bool,
}

/// Reads all limits; the policy of a shop has one of each, so the strictest holds.
pub(super) fn read(input: &Input, notes: &mut Notes) -> Limits {
    let mut found = Found { limits: Limits::default(), caps: Vec::new(), notes };
    for settings in &input.settings {
        let place = "settings of the application";
        found.quiet(place, &settings["QuietTime"]);
        found.caps(place, &settings["JourneyLimits"], "DailyCap");
        found.caps(place, &settings["Limits"], "Daily");
        let known = ["ApplicationId", "LastModifiedDate", "QuietTime", "JourneyLimits", "Limits"];
        found.notes.leftovers(place, settings, &known);
    }
    for campaign in &input.campaigns {
        let place = format!("campaign {:?}", journey::name(campaign));
        found.notes.add(&place, "campaigns are not carried over: send by a journey, which knows when it is worth it");
        found.quiet(&place, &campaign["Schedule"]["QuietTime"]);
        found.caps(&place, &campaign["Limits"], "Daily");
    }
    for value in &input.journeys {
        let place = format!("journey {:?}", journey::name(value));
        found.quiet(&place, &value["QuietTime"]);
        found.caps(&place, &value["Limits"], "DailyCap");
        found.zone(&place, value);
    }
    found.strictest();
    found.limits
}

struct Found<'n> {
    limits: Limits,
    /// Messages, days, and who says so.
    caps: Vec<(i64, i64, String)>,
    notes: &'n mut Notes,
}

impl Found<'_> {
    fn quiet(&mut self, place: &str, quiet: &Value) {
        let (Some(start), Some(end)) = (clock(&quiet["Start"]), clock(&quiet["End"])) else {
            self.notes.leftovers(place, &serde_json::json!({ "QuietTime": quiet }), &[]);
            return;
        };
        let Some((from, to)) = open_hours(start, end) else {
            return self.notes.add(place, "QuietTime leaves no whole hour of the day, and is not carried over");
        };
        if start % 60 != 0 || end % 60 != 0 {
            self.notes
                .add(place, &format!("QuietTime is not at full hours; messages go out from {from} to {to} o'clock"));
        }
        if start < end && start > 0 && end < 24 * 60 {
            self.notes.add(
                place,
                &format!("QuietTime is in the middle of the day; messages go out from {from} to {to} o'clock only"),
            );
        }
        self.limits.hours = Some(match self.limits.hours {
            None => (from, to),
            Some(before) if before == (from, to) => before,
            Some((first, last)) => {
                let both = (first.max(from), last.min(to));
                if both.0 < both.1 {
                    self.notes.add(
                        place,
                        &format!(
                            "QuietTime differs from another; messages of all journeys go out from {} to {} o'clock",
                            both.0, both.1
                        ),
                    );
                    both
                } else {
                    self.notes.add(place, &format!("QuietTime leaves no hour in common with another, and is not carried over; messages go out from {first} to {last} o'clock"));
                    (first, last)
                }
            }
        });
    }

    fn caps(&mut self, place: &str, limits: &Value, daily: &str) {
        let number = |value: &Value| value.as_i64().filter(|number| *number > 0);
        if let Some(cap) = number(&limits[daily]) {
            self.caps.push((cap, 1, place.to_owned()));
        }
        match (number(&limits["TimeframeCap"]["Cap"]), number(&limits["TimeframeCap"]["Days"])) {
            (Some(cap), Some(days)) if days <= LONGEST_WINDOW => self.caps.push((cap, days, place.to_owned())),
            (Some(cap), Some(days)) => {
                self.notes.add(place, &format!("TimeframeCap of {cap} messages in {days} days is not carried over"));
            }
            _ => {}
        }
        if let Some(total) = number(&limits["TotalCap"]).or_else(|| number(&limits["Total"])) {
            self.notes.add(place, &format!("at most {total} messages of one journey or campaign to a customer: here a journey has the steps it has, and at_most_every keeps runs apart"));
        }
        if let Some(rate) = number(&limits["MessagesPerSecond"]) {
            self.notes
                .add(place, &format!("at most {rate} messages a second: set the stack's parameter EmailsPerSecond"));
        }
        let known = [
            daily,
            "TimeframeCap",
            "TotalCap",
            "Total",
            "MessagesPerSecond",
            "EndpointReentryCap",
            "EndpointReentryInterval",
        ];
        self.notes.leftovers(place, limits, &known);
    }

    /// The fewest messages a day hold for all, since the policy has one cap over all journeys.
    fn strictest(&mut self) {
        self.limits.one_a_day = self.caps.iter().any(|(cap, days, _)| (*cap, *days) == (1, 1));
        let strictest = self.caps.iter().min_by_key(|(cap, days, _)| (*cap * 1_000 / *days, *days)).cloned();
        let Some((cap, days, holder)) = strictest else { return };
        self.limits.cap = Some((cap, days));
        self.notes.add(&holder, &format!("at most {cap} messages in {days} days: here this counts over all journeys and channels together; at most one of them is a text (frequency_cap.sms)"));
        for (other, window, place) in std::mem::take(&mut self.caps) {
            let kept = (other, window) == (cap, days) || (other, window) == (1, 1);
            if !kept {
                self.notes.add(
                    &place,
                    &format!(
                        "at most {other} messages in {window} days is not carried over as well: the policy has one cap"
                    ),
                );
            }
        }
    }

    fn zone(&mut self, place: &str, journey: &Value) {
        let Some(offset) = journey["Schedule"]["Timezone"].as_str().filter(|offset| !offset.is_empty()) else { return };
        match zone(offset) {
            Some(zone) if self.limits.time_zone.as_ref().is_none_or(|before| *before == zone) => {
                if zone != "UTC" {
                    self.notes.add(place, &format!("Schedule.Timezone is {offset}; put the name of your time zone, such as \"Europe/Berlin\", in place of {zone}, which knows no summer time"));
                }
                self.limits.time_zone = Some(zone);
            }
            Some(_) => self.notes.add(
                place,
                &format!("Schedule.Timezone {offset} differs from another journey's, and is not carried over"),
            ),
            None => self.notes.add(
                place,
                &format!("Schedule.Timezone {offset} is not carried over: set time_zone to the name of your time zone"),
            ),
        }
    }
}

/// Minutes since midnight of a time such as `20:30`.
fn clock(time: &Value) -> Option<i64> {
    let (hours, minutes) = time.as_str()?.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

/// The longest span of whole hours of a day outside a quiet time (minutes since midnight): from and to, to at most 24.
fn open_hours(start: i64, end: i64) -> Option<(i64, i64)> {
    let (first, last) = ((end + 59) / 60, start / 60);
    let spans = if end <= start { vec![(first, last)] } else { vec![(first, 24), (0, last)] };
    spans.into_iter().filter(|(from, to)| from < to && *from < 24).max_by_key(|(from, to)| to - from)
}

/// The zone of a UTC offset of whole hours, without summer time. The names of these zones count westwards.
fn zone(offset: &str) -> Option<String> {
    let hours: i64 = match offset.strip_prefix("UTC")? {
        "" => return Some("UTC".to_owned()),
        hours if hours.contains(':') => return None,
        hours => hours.parse().ok()?,
    };
    (-14..=12)
        .contains(&-hours)
        .then(|| if hours > 0 { format!("Etc/GMT-{hours}") } else { format!("Etc/GMT+{}", -hours) })
}

/// Whole minutes of a duration such as `P1DT12H`; months and years are no durations, nor is more than [`LONGEST`].
pub(super) fn minutes(text: &str) -> Option<i64> {
    let span: jiff::Span = text.trim().parse().ok()?;
    if span.is_negative() || span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let seconds = days * 86_400 + i64::from(span.get_hours()) * 3_600 + span.get_minutes() * 60 + span.get_seconds();
    Some((seconds + 59) / 60).filter(|minutes| *minutes <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_quiet_is_the_longest_span_of_whole_hours() {
        for ((start, end), open) in [
            (("20:00", "08:00"), Some((8, 20))),
            (("20:30", "07:15"), Some((8, 20))),
            (("00:00", "09:00"), Some((9, 24))),
            (("21:00", "00:00"), Some((0, 21))),
            (("01:00", "06:00"), Some((6, 24))),
            (("22:10", "23:50"), Some((0, 22))),
            (("12:30", "12:20"), None),
        ] {
            let [start, end] = [start, end].map(|time| clock(&Value::from(time)).expect("a time"));
            assert_eq!(open_hours(start, end), open, "{start} {end}");
        }
        for time in ["24:00", "8", "08:6x", ""] {
            assert_eq!(clock(&Value::from(time)), None, "{time}");
        }
    }

    #[test]
    fn offsets_are_zones_that_count_westwards() {
        for (offset, name) in [("UTC", "UTC"), ("UTC+01", "Etc/GMT-1"), ("UTC-08", "Etc/GMT+8")] {
            assert_eq!(zone(offset).as_deref(), Some(name));
            rekindle_lifecycle::time::Zone::parse(name).expect("a zone");
        }
        assert_eq!((zone("UTC+05:30"), zone("CET"), zone("UTC+15")), (None, None, None));
    }

    #[test]
    fn durations_are_minutes_and_round_up() {
        for (text, found) in [
            ("P1D", Some(1_440)),
            ("PT12H30M", Some(750)),
            ("P1W", Some(10_080)),
            ("PT90S", Some(2)),
            ("P1M", None),
            ("x", None),
        ] {
            assert_eq!(minutes(text), found, "{text}");
        }
    }
}

//! Quiet time, caps and time zones of all journeys, campaigns and settings.

use super::input::Input;
use super::names;
use super::notes::Notes;
use serde_json::Value;

/// The longest window of a cap that is carried over, in days. Pinpoint's is 30.
const MAX_WINDOW_DAYS: i64 = 365;

/// The policy's settings for when and how often messages go out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) time_zone: Option<String>,
    /// The first hour at which messages go out, and the hour at which they stop.
    pub(super) hours: Option<(i64, i64)>,
    /// The most messages, and in how many days.
    pub(super) cap: Option<(i64, i64)>,
    /// Whether at most one message a day is allowed.
    pub(super) one_a_day: bool,
}

/// Collects all limits. A policy has one of each, so the strictest applies.
pub(super) fn collect(input: &Input, notes: &mut Notes) -> Limits {
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
        let place = format!("campaign {:?}", names::name(campaign));
        found.notes.add(&place, "campaigns are not carried over: send by a journey, which knows when it is worth it");
        found.quiet(&place, &campaign["Schedule"]["QuietTime"]);
        found.caps(&place, &campaign["Limits"], "Daily");
    }
    for value in &input.journeys {
        let place = format!("journey {:?}", names::name(value));
        found.quiet(&place, &value["QuietTime"]);
        found.caps(&place, &value["Limits"], "DailyCap");
        found.zone(&place, value);
    }
    found.strictest();
    found.limits
}

struct Found<'n> {
    limits: Limits,
    /// Messages, days, and where they are set.
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
            (Some(cap), Some(days)) if days <= MAX_WINDOW_DAYS => self.caps.push((cap, days, place.to_owned())),
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

    /// Applies the cap with the fewest messages a day to all journeys, since a policy has one cap.
    fn strictest(&mut self) {
        self.limits.one_a_day = self.caps.iter().any(|(cap, days, _)| (*cap, *days) == (1, 1));
        let strictest = self.caps.iter().min_by_key(|(cap, days, _)| (*cap * 1_000 / *days, *days)).cloned();
        let Some((cap, days, source)) = strictest else { return };
        self.limits.cap = Some((cap, days));
        self.notes.add(&source, &format!("at most {cap} messages in {days} days: here this counts over all journeys and channels together; at most one of them is a text (frequency_cap.sms)"));
        for (other, window, place) in std::mem::take(&mut self.caps) {
            let carried_over = (other, window) == (cap, days) || (other, window) == (1, 1);
            if !carried_over {
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

/// The minutes since midnight of a time such as `20:30`.
fn clock(time: &Value) -> Option<i64> {
    let (hours, minutes) = time.as_str()?.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

/// The longest span of whole hours of a day outside a quiet time: its first hour, and its end (at most 24). The quiet time is
/// given in minutes since midnight.
fn open_hours(start: i64, end: i64) -> Option<(i64, i64)> {
    let (first, last) = ((end + 59) / 60, start / 60);
    let spans = if end <= start { vec![(first, last)] } else { vec![(first, 24), (0, last)] };
    spans.into_iter().filter(|(from, to)| from < to && *from < 24).max_by_key(|(from, to)| to - from)
}

/// The time zone of a UTC offset of whole hours, without summer time. The signs in the names of these zones are inverted:
/// `UTC+01` is `Etc/GMT-1`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_hours_are_the_longest_span_of_whole_hours_outside_the_quiet_time() {
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
    fn offsets_are_zones_with_the_inverted_sign() {
        for (offset, name) in [("UTC", "UTC"), ("UTC+01", "Etc/GMT-1"), ("UTC-08", "Etc/GMT+8")] {
            assert_eq!(zone(offset).as_deref(), Some(name));
            rekindle_lifecycle::time::Zone::parse(name).expect("a zone");
        }
        assert_eq!((zone("UTC+05:30"), zone("CET"), zone("UTC+15")), (None, None, None));
    }
}

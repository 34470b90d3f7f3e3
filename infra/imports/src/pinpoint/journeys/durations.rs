//! Durations: from Pinpoint's form (ISO 8601) to minutes, and from minutes to the policy's form.

/// The longest duration that is carried over, in minutes: ten years. Pinpoint's journeys end after 18 months.
pub(super) const MAX_MINUTES: i64 = 3_650 * 1_440;

/// The minutes of a duration such as `P1DT12H`, rounded up. `None` for other text, for months and years, whose length varies,
/// and beyond [`MAX_MINUTES`].
pub(super) fn minutes(text: &str) -> Option<i64> {
    let span: jiff::Span = text.trim().parse().ok()?;
    if span.is_negative() || span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let seconds = days * 86_400 + i64::from(span.get_hours()) * 3_600 + span.get_minutes() * 60 + span.get_seconds();
    Some((seconds + 59) / 60).filter(|minutes| *minutes <= MAX_MINUTES)
}

/// A duration in the policy's form, such as `3d`.
pub(super) fn period(minutes: i64) -> String {
    match minutes {
        minutes if minutes % 1_440 == 0 => format!("{}d", minutes / 1_440),
        minutes if minutes % 60 == 0 => format!("{}h", minutes / 60),
        minutes => format!("{minutes}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

//! When the customers who are due are looked for: at every full five minutes, as the schedule on AWS has it.

use jiff::Timestamp;

/// Time between two sweeps, in seconds.
const SWEEP_INTERVAL_SECONDS: i64 = 300;

/// Returns the first sweep that finds a customer who is due at `due_at`.
#[must_use]
pub fn first_sweep_from(due_at: Timestamp) -> Timestamp {
    let latest = latest_sweep(due_at);
    if latest == due_at { latest } else { full(latest.as_second() + SWEEP_INTERVAL_SECONDS) }
}

/// Returns the latest full five minutes that is not after `now`.
#[must_use]
pub fn latest_sweep(now: Timestamp) -> Timestamp {
    let second = now.as_second() - i64::from(now.subsec_nanosecond() < 0);
    full(second.div_euclid(SWEEP_INTERVAL_SECONDS) * SWEEP_INTERVAL_SECONDS)
}

fn full(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-03-01T{time}Z").parse().expect("an instant")
    }

    #[test]
    fn a_customer_is_found_at_the_first_full_five_minutes_that_is_not_earlier() {
        for (due, found) in [("12:00:00", "12:00:00"), ("12:00:00.001", "12:05:00"), ("12:04:59", "12:05:00")] {
            assert_eq!(first_sweep_from(at(due)), at(found));
        }
        let before_1970: Timestamp = "1969-12-31T23:59:59.5Z".parse().expect("an instant");
        assert_eq!(first_sweep_from(before_1970), Timestamp::UNIX_EPOCH);
    }
}

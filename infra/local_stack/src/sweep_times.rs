//! When sweeps are due: at every full five minutes, as the schedule on AWS has them.

use jiff::Timestamp;
use rekindle_lifecycle::time::latest_sweep;

/// Decides when to sweep: once at each full five minutes, and in real time also when the stack starts.
#[derive(Debug, Default)]
pub(super) struct SweepTimes {
    /// The full five minutes that the last sweep belongs to.
    last: Option<Timestamp>,
}

impl SweepTimes {
    /// Whether a sweep is due in real time. A stack that was busy sweeps late rather than not at all; one whose clock was
    /// set back sweeps again.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.last != Some(latest_sweep(now))
    }

    /// Whether a sweep is due in virtual time, which stops at each full five minutes at which a sweep has work and so is
    /// never late.
    pub(super) fn is_due_exactly(&self, now: Timestamp) -> bool {
        self.is_due(now) && now == latest_sweep(now)
    }

    /// Notes that a sweep succeeded.
    pub(super) fn done(&mut self, now: Timestamp) {
        self.last = Some(latest_sweep(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-03-01T{time}Z").parse().expect("an instant")
    }

    #[test]
    fn in_real_time_a_sweep_is_due_at_the_start_and_then_once_in_five_minutes() {
        let mut times = SweepTimes::default();
        let mut swept = Vec::new();
        // Twenty minutes, checked ten times a second.
        for tenth in 0..12_000 {
            let now = at("12:03:00") + jiff::SignedDuration::from_millis(100 * tenth);
            if times.is_due(now) {
                swept.push(now);
                times.done(now);
            }
        }
        assert_eq!(swept, ["12:03:00", "12:05:00", "12:10:00", "12:15:00", "12:20:00"].map(at));
    }

    #[test]
    fn a_sweep_that_failed_is_due_until_one_succeeds_and_a_clock_that_is_set_back_stops_none() {
        let mut times = SweepTimes::default();
        times.done(at("12:00:00"));
        assert!(times.is_due(at("12:05:00")) && times.is_due(at("12:05:01")), "it was not done");
        times.done(at("12:05:02"));
        assert!(!times.is_due(at("12:09:59")));
        assert!(times.is_due(at("09:00:00")), "the clock was set back by three hours");
    }

    #[test]
    fn in_virtual_time_sweeps_are_due_at_full_five_minutes_only() {
        let mut times = SweepTimes::default();
        assert!(!times.is_due_exactly(at("12:03:00")), "a stack starts between two sweeps");
        assert!(!times.is_due_exactly(at("12:06:00")), "a message became visible between two sweeps");
        assert!(times.is_due_exactly(at("12:10:00")));
        times.done(at("12:10:00"));
        assert!(!times.is_due_exactly(at("12:10:00")), "one sweep, however often the instant is visited");
    }
}

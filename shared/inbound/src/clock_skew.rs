//! Correcting the sender's clock.
//!
//! A sender writes what its clock showed when the event happened (`timestamp`) and when it sent the
//! request (`sentAt`). Request and answer take little time, so the difference between our clock on
//! arrival and `sentAt` is how far the sender's clock is off, and `timestamp` is off by as much.
//!
//! Two things differ from the plain formula, both because a repeated request must store the same bytes and a repetition has
//! another `sentAt` and another arrival:
//! - a difference of up to a minute is taken for network delay and ignored;
//! - a larger one is rounded to whole minutes, so that network delay does not show. (A clock that is off by about half a minute
//!   more than whole minutes may still round both ways; then two facts of the same identity are stored, which the fold treats as
//!   one event.)
//!
//! A `sentAt` well before the event's own `timestamp` comes from another clock and corrects nothing, and no correction leads into
//! the future.

use crate::limits;
use jiff::{SignedDuration, Timestamp};

/// The whole minute of an arrival: a repetition comes within seconds, and so stores the same bytes.
pub(crate) fn minute_of(received_at: Timestamp) -> Timestamp {
    let second = received_at.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(received_at)
}

/// The instant of an event by our clock. Returns the sender's instant if `sent_at` says nothing about its clock, or if the
/// corrected instant would be before 1970 or out of range, and the minute of its arrival if it would be later.
pub(crate) fn corrected(timestamp: Timestamp, sent_at: Timestamp, received_at: Timestamp) -> Timestamp {
    if timestamp.duration_since(sent_at) > limits::MAX_AHEAD {
        return timestamp;
    }
    let skew = received_at.duration_since(sent_at);
    if skew.abs() <= SignedDuration::from_mins(1) {
        return timestamp;
    }
    let half = if skew.is_negative() { -30 } else { 30 };
    let minutes = (skew.as_secs() + half) / 60;
    let corrected = timestamp.checked_add(SignedDuration::from_mins(minutes)).ok();
    let corrected = corrected.filter(|at| *at >= Timestamp::UNIX_EPOCH).unwrap_or(timestamp);
    // What remains in the future after a correction backward came from further ahead.
    if skew.is_negative() || corrected <= received_at { corrected } else { minute_of(received_at).max(timestamp) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_clock_that_is_off_is_corrected_by_whole_minutes_and_the_network_is_not_a_clock() {
        let happened = at("2026-11-22T10:00:07.123Z");
        for (sent, received, expected) in [
            ("2026-11-22T10:00:10Z", "2026-11-22T10:00:10.3Z", "2026-11-22T10:00:07.123Z"),
            ("2026-11-22T10:00:10Z", "2026-11-22T10:01:10Z", "2026-11-22T10:00:07.123Z"),
            ("2026-11-22T10:00:10Z", "2026-11-22T09:59:10Z", "2026-11-22T10:00:07.123Z"),
            ("2026-11-22T10:00:10Z", "2026-11-22T10:01:11Z", "2026-11-22T10:01:07.123Z"),
            ("2026-11-22T10:00:10Z", "2026-11-22T12:00:12Z", "2026-11-22T12:00:07.123Z"),
            ("2026-11-22T10:00:10Z", "2026-11-22T09:50:12Z", "2026-11-22T09:50:07.123Z"),
            ("2026-11-22T10:00:10Z", "1997-01-01T00:00:10Z", "1997-01-01T00:00:07.123Z"),
        ] {
            assert_eq!(corrected(happened, at(sent), at(received)), at(expected), "sent {sent}, received {received}");
        }
    }

    #[test]
    fn a_retry_a_little_later_is_corrected_to_the_same_instant() {
        let happened = at("2026-11-22T10:00:00Z");
        let off = SignedDuration::from_mins(180);
        let first = corrected(happened, happened, happened + off + SignedDuration::from_millis(40));
        let sent_again = happened + SignedDuration::from_secs(17);
        let again = corrected(happened, sent_again, sent_again + off + SignedDuration::from_millis(900));
        assert_eq!(first, again);
        assert_eq!(first, happened + off);
    }

    #[test]
    fn an_implausible_time_of_sending_corrects_nothing() {
        let (happened, received) = (at("2026-11-22T10:00:00Z"), at("2026-11-22T10:00:05Z"));
        for sent in ["1970-01-01T00:00:00Z", "2026-11-22T09:54:00Z", "2199-01-01T00:00:00Z"] {
            assert_eq!(corrected(happened, at(sent), received), happened, "{sent}");
        }
        // Both by a clock stopped in 1970, and both by a clock that runs a little fast.
        assert_eq!(corrected(at("1970-01-01T00:00:00Z"), at("1970-01-01T00:00:05Z"), received), happened);
        assert_eq!(
            corrected(at("2026-11-22T13:04:00Z"), at("2026-11-22T13:00:00Z"), received),
            at("2026-11-22T10:04:00Z")
        );
    }

    #[test]
    fn a_correction_that_leads_out_of_all_time_is_not_made() {
        let last = at("9999-12-30T21:59:00Z");
        assert_eq!(corrected(last, at("9999-12-30T21:55:00Z"), at("9999-12-30T22:00:00Z")), last);
    }
}

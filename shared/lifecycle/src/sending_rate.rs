//! How fast messages may be handed to a provider.
//!
//! A limit is kept as slots in time (GCRA without a burst): each send has a slot of its own, and slots lie at least
//! [`SendingRate::interval`] apart. So from any slot on, one second holds at most `ceil(0.98 × rate)` slots, which is
//! no more than the rate, wherever the second begins. The two percent are for what happens between slot and provider:
//! sends that are up to 20 ms nearer to each other than their slots (two clocks, two connections) still keep the rate.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The rate until the provider has been asked: that of a new account. Messages a second.
pub const DEFAULT_RATE: f64 = 1.0;
/// The share of a rate that is used.
pub const USED_SHARE: f64 = 0.98;
/// The share of the rate that is left after the provider refused a message as too fast.
const SHARE_AFTER_CUT: f64 = 0.7;
/// How long it takes from a cut to the full rate.
const RECOVERY: SignedDuration = SignedDuration::from_secs(60);
/// How long after a cut there is no other: messages that are refused meanwhile had their slots before the cut.
const MIN_TIME_BETWEEN_CUTS: SignedDuration = SignedDuration::from_secs(10);
/// The lowest and the highest rate that is used, in messages a second.
const MIN_RATE: f64 = 0.001;
const MAX_RATE: f64 = 100_000.0;
/// How long the provider's answer is used.
const LIMIT_MAX_AGE: SignedDuration = SignedDuration::from_hours(24);
/// How long it is used while messages wait for their turn: then a higher rate would matter.
const LIMIT_MAX_AGE_WHILE_WAITING: SignedDuration = SignedDuration::from_hours(1);
/// How long a worker may take to ask the provider; then another one asks.
const MAX_TIME_TO_ASK: SignedDuration = SignedDuration::from_secs(60);
/// How long a message waits for its slot within the worker; for a later slot it waits on the queue.
pub const MAX_WAIT_IN_HAND: SignedDuration = SignedDuration::from_secs(3);
/// How many messages come back from the queue for each slot: some come late, some ended meanwhile.
const RETURNS_PER_SLOT: f64 = 1.5;

/// What is known of a rate. All workers that send under one limit share it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct SendingRate {
    /// Sends a second that the provider allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<f64>,
    /// When the provider reported that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// Since when a worker asks the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// The latest refusal of a message as too fast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
}

/// A refusal of a message as too fast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// When.
    pub at: Timestamp,
    /// The rate that was left, a second.
    pub to: f64,
}

impl SendingRate {
    /// Sends a second at `now`: what the provider allows ([`DEFAULT_RATE`] until it is known), at most `cap`, and less for a minute
    /// after a cut.
    #[must_use]
    pub fn at(&self, now: Timestamp, cap: Option<f64>) -> f64 {
        let full = self.full(cap);
        let Some(cut) = self.cut else { return full };
        let since = now.duration_since(cut.at).max(SignedDuration::ZERO);
        if since >= RECOVERY || cut.to >= full {
            return full;
        }
        cut.to + (full - cut.to) * (since.as_secs_f64() / RECOVERY.as_secs_f64())
    }

    /// From one slot to the next, rounded up to a microsecond.
    #[must_use]
    pub fn interval(&self, now: Timestamp, cap: Option<f64>) -> SignedDuration {
        let exact = Duration::from_secs_f64(1.0 / (USED_SHARE * self.at(now, cap)));
        let micros = i64::try_from(exact.as_micros()).unwrap_or(i64::MAX);
        SignedDuration::from_micros(micros.saturating_add(1))
    }

    /// The time between two places in the line of waiting messages: a little less than between two slots, so that no slot
    /// falls only between two places.
    #[must_use]
    pub fn place_interval(&self, now: Timestamp, cap: Option<f64>) -> SignedDuration {
        let exact = Duration::from_secs_f64(1.0 / (RETURNS_PER_SLOT * USED_SHARE * self.at(now, cap)));
        let micros = i64::try_from(exact.as_micros()).unwrap_or(i64::MAX);
        SignedDuration::from_micros(micros.max(1)).min(MAX_WAIT_IN_HAND)
    }

    /// Returns the rate after the provider refused a message as too fast at `now`. It is the same if there was a cut just
    /// before: many workers get such a refusal at once.
    #[must_use]
    pub fn cut(&self, now: Timestamp, cap: Option<f64>) -> Self {
        if self.cut.is_some_and(|cut| now.duration_since(cut.at) < MIN_TIME_BETWEEN_CUTS) {
            return *self;
        }
        Self { cut: Some(Cut { at: now, to: self.at(now, cap) * SHARE_AFTER_CUT }), ..*self }
    }

    /// Whether a worker should ask the provider what it allows: once a day, once an hour while messages are `waiting`
    /// for their turn, and not while another worker does.
    #[must_use]
    pub fn should_be_asked(&self, now: Timestamp, waiting: bool) -> bool {
        let older = |at: Option<Timestamp>, than| at.is_none_or(|at| now.duration_since(at) >= than);
        let known_for = if waiting { LIMIT_MAX_AGE_WHILE_WAITING } else { LIMIT_MAX_AGE };
        older(self.read_at, known_for) && older(self.asked_at, MAX_TIME_TO_ASK)
    }

    /// Returns the rate while a worker asks the provider.
    #[must_use]
    pub fn asked(&self, now: Timestamp) -> Self {
        Self { asked_at: Some(now), ..*self }
    }

    /// Returns the rate after the provider reported what it allows.
    #[must_use]
    pub fn read(&self, allowed: f64, now: Timestamp) -> Self {
        Self { allowed: Some(allowed), read_at: Some(now), asked_at: None, ..*self }
    }

    fn full(&self, cap: Option<f64>) -> f64 {
        let allowed = self.allowed.unwrap_or(DEFAULT_RATE);
        let full = cap.map_or(allowed, |cap| allowed.min(cap));
        // No provider allows a rate that is not a number.
        if full.is_nan() { DEFAULT_RATE } else { full.clamp(MIN_RATE, MAX_RATE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(number).expect("an instant")
    }

    fn allowed(per_second: f64) -> SendingRate {
        SendingRate::default().read(per_second, second(0))
    }

    #[test]
    fn the_rate_is_what_the_provider_allows_below_the_cap_and_one_a_second_until_it_is_known() {
        let at = |rate: SendingRate, cap| rate.at(second(9), cap);
        assert!((at(SendingRate::default(), None) - 1.0).abs() < 1e-9);
        assert!((at(SendingRate::default(), Some(5.0)) - 1.0).abs() < 1e-9);
        assert!((at(allowed(14.0), None) - 14.0).abs() < 1e-9);
        assert!((at(allowed(14.0), Some(5.0)) - 5.0).abs() < 1e-9);
        assert!((at(allowed(14.0), Some(50.0)) - 14.0).abs() < 1e-9);
        assert!(at(allowed(0.0), None) > 0.0 && at(allowed(f64::NAN), None) > 0.0);
    }

    #[test]
    fn a_cut_leaves_seventy_percent_which_grow_to_the_full_rate_within_a_minute() {
        let cut = allowed(100.0).cut(second(1_000), None);
        let at = |seconds: i64| cut.at(second(1_000 + seconds), None);
        for (seconds, rate) in [(0, 70.0), (30, 85.0), (59, 99.5), (60, 100.0), (9_999, 100.0), (-5, 70.0)] {
            assert!((at(seconds) - rate).abs() < 1e-6, "{seconds}: {}", at(seconds));
        }
        // Mails that were refused at the same time were sent before the cut.
        assert_eq!(cut.cut(second(1_009), None), cut);
        let again = cut.cut(second(1_010), None).at(second(1_010), None);
        assert!((again - 0.7 * 75.0).abs() < 1e-6, "{again}");
        // However often the rate is cut, messages go out.
        let always = (0..1_000).fold(cut, |rate, n| rate.cut(second(2_000 + 10 * n), None));
        assert!(always.at(second(11_990), None) > 20.0);
        // A cap below the remaining rate is not cut.
        assert!((cut.at(second(1_000), Some(10.0)) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn one_worker_asks_the_provider_once_a_day_or_once_an_hour_while_messages_wait() {
        let hour = |number: i64| second(3_600 * number);
        let unasked = SendingRate::default();
        assert!(unasked.should_be_asked(hour(1), false));
        let asked = unasked.asked(hour(1));
        assert!(!asked.should_be_asked(hour(1) + SECOND * 59, false));
        assert!(asked.should_be_asked(hour(1) + SECOND * 60, false), "the worker that asked is gone");
        let read = asked.read(14.0, hour(1));
        assert_eq!((read.allowed, read.read_at, read.asked_at), (Some(14.0), Some(hour(1)), None));
        assert!(!read.should_be_asked(hour(24), false) && read.should_be_asked(hour(25), false));
        assert!(!read.should_be_asked(hour(1) + SECOND * 3_599, true) && read.should_be_asked(hour(2), true));
    }

    #[test]
    fn retries_are_more_frequent_than_slots_and_no_slot_falls_only_between_two_retries() {
        for rate in [0.001, 0.1, 1.0, 4.0, 500.0, 10_000.0] {
            let (slots, places) =
                (allowed(rate).interval(second(9), None), allowed(rate).place_interval(second(9), None));
            assert!(places <= MAX_WAIT_IN_HAND && places < slots, "{rate}: {places:?}");
            assert!(
                places == MAX_WAIT_IN_HAND || places.as_secs_f64() * 1.6 > slots.as_secs_f64(),
                "{rate}: {places:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_second_holds_more_slots_than_the_rate_even_if_two_come_twenty_milliseconds_nearer(
            rate in 1_u32..20_000,
            cuts in 0_usize..4,
            late in 0_i128..20_000,
        ) {
            let mut known = allowed(f64::from(rate));
            for cut in 0..cuts {
                known = known.cut(second(100 + 10 * i64::try_from(cut).expect("small")), None);
            }
            let interval = known.interval(second(132), None).as_micros();
            // The first of the slots is used late, the last on time.
            let within = (1_000_000 + late + interval - 1) / interval;
            prop_assert!(within <= i128::from(rate), "{within} slots, {interval} µs apart");
        }

        #[test]
        fn at_least_ninety_seven_percent_of_an_uncut_rate_are_slots(rate in 0.1_f64..5_000.0) {
            let interval = allowed(rate).interval(second(1), None).as_secs_f64();
            prop_assert!(1.0 / interval >= 0.97 * rate && 1.0 / interval <= rate);
        }
    }
}

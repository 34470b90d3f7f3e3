//! How fast messages may be handed to a provider.
//!
//! A limit is kept as slots in time (GCRA without a burst): each send has a slot of its own, and slots lie at least
//! [`SendingRate::interval`] apart. So from any slot on, one second holds at most `ceil(0.98 × rate)` slots, which is
//! no more than the rate, wherever the second begins. The two percent are for what happens between slot and provider:
//! sends that are up to 20 ms nearer to each other than their slots (two clocks, two connections) still keep the rate.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The rate while nobody knows what the provider allows: what a new account has.
pub const UNKNOWN: f64 = 1.0;
/// The part of a rate that is used.
pub const AIM: f64 = 0.98;
/// The part of the rate that is left after the provider said that it was too fast.
const CUT: f64 = 0.7;
/// The part of the full rate that is left whatever the provider says.
const LEAST: f64 = 0.05;
/// How long it takes from a cut to the full rate.
const RECOVERY: SignedDuration = SignedDuration::from_secs(60);
/// How long after a cut there is no other: what is refused then went out before the cut.
const ONE_CUT_IN: SignedDuration = SignedDuration::from_secs(2);
/// The slowest and the fastest rate that is reckoned with, a second.
const SLOWEST: f64 = 0.001;
const FASTEST: f64 = 100_000.0;
/// How long what the provider said is taken for granted.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long, while messages wait for their turn: then a higher rate would matter.
const KNOWN_WHILE_WAITING: SignedDuration = SignedDuration::from_hours(1);
/// How long whoever asks the provider may take; then somebody else asks.
const ASKING: SignedDuration = SignedDuration::from_secs(60);

/// What is known of a rate. Everybody who sends under one limit shares it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct SendingRate {
    /// Sends a second, as the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<f64>,
    /// When the provider said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// Since when somebody asks the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// The last time that it was too fast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
}

/// The provider said that it was too fast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// When.
    pub at: Timestamp,
    /// The rate that was left, a second.
    pub to: f64,
}

impl SendingRate {
    /// Sends a second at `now`: what the provider allows, at most `cap`, and less for a minute after a cut. Without
    /// either, [`UNKNOWN`].
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
        let exact = Duration::from_secs_f64(1.0 / (AIM * self.at(now, cap)));
        let micros = i64::try_from(exact.as_micros()).unwrap_or(i64::MAX - 1);
        SignedDuration::from_micros(micros + 1)
    }

    /// The rate after the provider said at `now` that it was too fast. The same if it said so just before: of many
    /// workers each hears it.
    #[must_use]
    pub fn cut(&self, now: Timestamp, cap: Option<f64>) -> Self {
        if self.cut.is_some_and(|cut| now.duration_since(cut.at) < ONE_CUT_IN) {
            return *self;
        }
        let to = (self.at(now, cap) * CUT).max(self.full(cap) * LEAST);
        Self { cut: Some(Cut { at: now, to }), ..*self }
    }

    /// Whether somebody should ask the provider what it allows. Once a day, once an hour while messages are `waiting`
    /// for their turn, and nobody else while somebody does.
    #[must_use]
    pub fn should_be_asked(&self, now: Timestamp, waiting: bool) -> bool {
        let older = |at: Option<Timestamp>, than| at.is_none_or(|at| now.duration_since(at) >= than);
        let known_for = if waiting { KNOWN_WHILE_WAITING } else { KNOWN_FOR };
        older(self.read_at, known_for) && older(self.asked_at, ASKING)
    }

    /// The rate while somebody asks the provider.
    #[must_use]
    pub fn asked(&self, now: Timestamp) -> Self {
        Self { asked_at: Some(now), ..*self }
    }

    /// The rate after the provider said what it allows.
    #[must_use]
    pub fn read(&self, allowed: f64, now: Timestamp) -> Self {
        Self { allowed: Some(allowed), read_at: Some(now), asked_at: None, ..*self }
    }

    fn full(&self, cap: Option<f64>) -> f64 {
        let full = match (self.allowed, cap) {
            (Some(allowed), Some(cap)) => allowed.min(cap),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => UNKNOWN,
        };
        // Not a number is nothing that anybody allows.
        if full.is_nan() { UNKNOWN } else { full.clamp(SLOWEST, FASTEST) }
    }
}

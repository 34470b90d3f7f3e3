//! Statistics that several subjects use.

mod amounts;
mod curve;
mod durations;
mod mean;
mod proportion;
mod ratio;
mod weighted_durations;

pub use amounts::{Amounts, quantile};
pub use curve::{MAX_HORIZON, ReturnCurve, Step};
pub use durations::Durations;
pub use mean::{MeanSums, standard_deviation};
pub use proportion::wilson;
pub use ratio::RatioSums;
pub use weighted_durations::WeightedDurations;

/// The 97.5 % point of the normal distribution: what a 95 % interval is wide on either side, in standard errors.
pub const Z: f64 = 1.959_963_985;

/// An integer as a float. Counts and sums are far below 2^53, where every integer has one; a sum beyond it is rounded.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub const fn float(n: u64) -> f64 {
    n as f64
}

/// A sum as a float, rounded beyond 2^53.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub const fn float_sum(n: i128) -> f64 {
    n as f64
}

/// A float as whole days, rounded; 0 for anything below.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
pub fn whole_days(days: f64) -> u32 {
    days.round().clamp(0.0, f64::from(u32::MAX)) as u32
}

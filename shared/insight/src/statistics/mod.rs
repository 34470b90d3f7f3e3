//! Statistics that several subjects use.

mod amounts;
mod curve;
mod durations;
mod mean;
mod numbers;
mod proportion;
mod ratio;
mod weighted_durations;

pub use amounts::{Amounts, quantile};
pub use curve::{MAX_HORIZON, ReturnCurve, Step};
pub use durations::Durations;
pub use mean::{MeanSums, standard_deviation};
pub use numbers::{Z, float, float_sum, whole_days};
pub use proportion::wilson;
pub use ratio::RatioSums;
pub use weighted_durations::WeightedDurations;

//! The lift of a journey: what it changed, measured against customers who were held out.
//!
//! The unit is the first run of a journey's trigger for a customer and a version of the journey. Everyone whose trigger fired and
//! who was eligible before the draw counts, in the arm that was drawn, whatever was sent: intention to treat. The draw is recorded
//! with the run and never computed again.

mod always_valid;
mod comparison;
mod holdout_share;
mod report;
mod sample_ratio;
mod summary;
mod sums;
mod unit;

pub use always_valid::{ALWAYS_VALID_FOR, always_valid_half_width};
pub use comparison::{Comparison, Cuped, Relative, compare, compare_adjusted};
pub use holdout_share::{HOLDOUT_SHARES, minimum_detectable_effect, propose_holdout_share};
pub use report::{LiftReport, OutcomeReport, Verdict};
pub use sample_ratio::{SampleRatio, sample_ratio};
pub use summary::{Lift, Plan};
pub use sums::{Moments, Sums};
pub use unit::{Arm, Covariate, OUTCOMES, Outcome, Pair, Unit};

//! Whether the arms have the sizes that were planned.

use crate::statistics::float;
use serde::Serialize;
use statrs::function::erf::erfc;

/// The sizes of the arms against the plan.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SampleRatio {
    /// Chi-square with one degree of freedom.
    pub chi2: f64,
    /// How likely a deviation at least this large is by chance.
    pub p: f64,
    /// Whether results can be relied upon.
    pub holds: bool,
}

/// Sizes that are less likely than this mean that something other than the draw decided who is in which arm.
const MIN_P: f64 = 0.001;
/// Smaller trials are not judged.
const MIN_UNITS: u64 = 100;

/// Compares the sizes of the arms with the planned share of treated units. Each planned share needs a comparison of its own: units
/// that were drawn with different shares must not be added.
///
/// If it does not hold, the usual causes are: units that were filtered after the draw in one arm only, a draw that was computed
/// again instead of recorded, a share that was changed without a new version.
#[must_use]
pub fn sample_ratio(treated: u64, holdout: u64, planned_treated: f64) -> SampleRatio {
    let n = treated + holdout;
    let (expected, deviation) = (float(n) * planned_treated, float(treated) - float(n) * planned_treated);
    let chi2 = deviation * deviation / expected + deviation * deviation / (float(n) - expected);
    // Nobody yet, or an arm that is planned empty and is: nothing deviates.
    let chi2 = if chi2.is_nan() { 0.0 } else { chi2 };
    let p = erfc((chi2 / 2.0).sqrt());
    SampleRatio { chi2, p, holds: n < MIN_UNITS || p >= MIN_P }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_arm_is_noticed() {
        let rows = [
            (9_400, 600, 21.052_631_58, 4.468_387_3e-6, false),
            (9_520, 480, 0.842_105_26, 0.358_795_36, true),
            (95, 5, 0.0, 1.0, true),
            (950, 30, 7.755_102_04, 0.005_356_101_5, true),
        ];
        for (treated, holdout, chi2, p, holds) in rows {
            let found = sample_ratio(treated, holdout, 0.95);
            assert!((found.chi2 - chi2).abs() < 1e-7 && (found.p - p).abs() < 1e-8, "{found:?}");
            assert_eq!(found.holds, holds);
        }
    }

    #[test]
    fn small_trials_and_empty_arms_are_not_judged() {
        assert!(sample_ratio(40, 59, 0.95).holds, "99 units");
        assert!(!sample_ratio(40, 60, 0.95).holds, "100 units");
        assert!(sample_ratio(0, 0, 0.95).holds);
        assert!(sample_ratio(500, 0, 1.0).holds);
        assert!(!sample_ratio(400, 100, 1.0).holds, "an arm that was not planned");
    }
}

//! How many customers have to be held out.

use super::comparison::POWER_80;

/// The shares among which one is proposed, smallest first.
pub const HOLDOUT_SHARES: [f64; 4] = [0.05, 0.1, 0.2, 0.3];

/// The effect that should be seen, in proportion to the base.
pub(super) const TARGET_EFFECT: f64 = 0.2;
/// The days within which it should be seen.
const WITHIN_DAYS: f64 = 90.0;

/// The smallest difference in a share `base` that `n` units, this share of them held out, show in 80 % of cases:
/// 2.8016 sqrt(p (1 − p) (1/n1 + 1/n0)), the factor being the 97.5 % and the 80 % point of the normal distribution together.
#[must_use]
pub fn minimum_detectable_effect(base: f64, n: f64, holdout: f64) -> f64 {
    POWER_80 * (base * (1.0 - base) * (1.0 / (n * (1.0 - holdout)) + 1.0 / (n * holdout))).sqrt()
}

/// The smallest share to hold out that shows an effect of 20 % of the base within 90 days, with this many units a day. `None` if
/// none does: the journey cannot be measured alone, only all journeys together against the control group.
#[must_use]
pub fn propose_holdout_share(base: f64, units_per_day: f64) -> Option<f64> {
    let n = units_per_day * WITHIN_DAYS;
    let shows = |share: &f64| minimum_detectable_effect(base, n, *share) <= TARGET_EFFECT * base;
    // Without a base or units, nothing is shown; NaN is not less than anything.
    HOLDOUT_SHARES.into_iter().find(|share| base > 0.0 && shows(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_percent_are_too_few_for_a_small_shop() {
        let rows = [(2_000.0, 0.05, 0.109_117_99), (2_000.0, 0.2, 0.059_454_29), (50_000.0, 0.05, 0.021_823_6)];
        for (n, holdout, expected) in rows {
            assert!((minimum_detectable_effect(0.1746, n, holdout) - expected).abs() < 1e-8);
        }
        assert_eq!(propose_holdout_share(0.1746, 50_000.0 / 90.0), Some(0.05));
        assert_eq!(propose_holdout_share(0.1746, 12_000.0 / 90.0), Some(0.1));
        assert_eq!(propose_holdout_share(0.1746, 6_000.0 / 90.0), Some(0.2));
        assert_eq!(propose_holdout_share(0.1746, 2_000.0 / 90.0), None);
    }

    #[test]
    fn nothing_can_be_measured_without_units_or_orders() {
        assert_eq!(propose_holdout_share(0.1746, 0.0), None);
        assert_eq!(propose_holdout_share(0.0, 1_000.0), None);
    }
}

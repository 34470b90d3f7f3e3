//! Comparing two arms.

use super::always_valid::always_valid_half_width;
use super::sums::Moments;
use crate::statistics::Z;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Treated against held-out units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// Treated units.
    pub n_treated: f64,
    /// Held-out units.
    pub n_holdout: f64,
    /// Their mean outcomes.
    pub mean_treated: f64,
    /// See `mean_treated`.
    pub mean_holdout: f64,
    /// What the journey changed per unit: the difference of the means.
    pub diff: f64,
    /// Its standard error by Welch: the arms may vary differently.
    pub se: f64,
    /// Degrees of freedom by Welch and Satterthwaite.
    pub df: f64,
    /// The 95 % interval for a single look, by Student's t.
    pub ci: [f64; 2],
    /// How likely a difference at least this large would be by chance, at a single look.
    pub p: f64,
    /// The standard error if both arms vary as all units together: larger than `se` where a small arm happens to vary little.
    pub se_pooled: f64,
    /// The 95 % interval that holds however often it is looked at; by the larger standard error.
    pub always_valid_ci: [f64; 2],
    /// The difference in proportion to the held-out units; absent if their mean is not positive.
    pub relative: Option<Relative>,
    /// The smallest difference that a trial of this size finds in 80 % of cases, at a single look.
    pub mde_80pct_power: f64,
}

/// A difference in proportion to the held-out units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Relative {
    /// The difference over the mean of the held-out units.
    pub rel: f64,
    /// Its standard error by the delta method.
    pub se: f64,
    /// The 95 % interval for a single look.
    pub ci: [f64; 2],
}

/// A comparison of outcomes from which what was known beforehand was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cuped {
    /// The comparison.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// How much of the covariate is taken out.
    pub theta: f64,
    /// The correlation of outcome and covariate; 1 − rho² of the variance is left.
    pub rho: f64,
}

/// The 97.5 % point plus the 80 % point of the normal distribution.
pub(super) const POWER_80: f64 = Z + 0.841_621_234;

/// Compares two arms of at least two units each; `None` for fewer, or if no unit differs from any other.
#[must_use]
pub fn compare(treated: &Moments, holdout: &Moments) -> Option<Comparison> {
    if treated.n < 2.0 || holdout.n < 2.0 {
        return None;
    }
    let (mean1, mean0) = (treated.mean(), holdout.mean());
    let (part1, part0) = (treated.variance() / treated.n, holdout.variance() / holdout.n);
    let diff = mean1 - mean0;
    let se = (part1 + part0).sqrt();
    let df = (part1 + part0).powi(2) / (part1 * part1 / (treated.n - 1.0) + part0 * part0 / (holdout.n - 1.0));
    let student = StudentsT::new(0.0, 1.0, df).ok()?;
    let half = student.inverse_cdf(0.975) * se;
    let all = treated.plus(holdout);
    let se_pooled = (all.variance() * (1.0 / treated.n + 1.0 / holdout.n)).sqrt();
    let always = always_valid_half_width(all.n, se.max(se_pooled));
    let comparison = Comparison {
        n_treated: treated.n,
        n_holdout: holdout.n,
        mean_treated: mean1,
        mean_holdout: mean0,
        diff,
        se,
        df,
        ci: [diff - half, diff + half],
        p: 2.0 * student.sf((diff / se).abs()),
        se_pooled,
        always_valid_ci: [diff - always, diff + always],
        relative: relative((mean1, part1), (mean0, part0)),
        mde_80pct_power: POWER_80 * se,
    };
    (se > 0.0 && half.is_finite()).then_some(comparison)
}

/// Compares two arms after taking out what the covariate says (CUPED: Deng, Xu, Kohavi and Walker 2013):
/// theta = cov(y, x)/var(x) over both arms, y' = y − theta (x − mean). `None` if the covariate is the same for all.
#[must_use]
pub fn compare_adjusted(treated: &Moments, holdout: &Moments) -> Option<Cuped> {
    let all = treated.plus(holdout);
    let theta = all.covariance() / all.covariate_variance();
    let rho = all.covariance() / (all.covariate_variance() * all.variance()).sqrt();
    let mean = all.x / all.n;
    let comparison = compare(&treated.adjusted(theta, mean), &holdout.adjusted(theta, mean))?;
    theta.is_finite().then_some(Cuped { comparison, theta, rho })
}

fn relative((mean1, part1): (f64, f64), (mean0, part0): (f64, f64)) -> Option<Relative> {
    let rel = (mean1 - mean0) / mean0;
    let se = (part1 / (mean0 * mean0) + mean1 * mean1 * part0 / mean0.powi(4)).sqrt();
    (mean0 > 0.0).then_some(Relative { rel, se, ci: [rel - Z * se, rel + Z * se] })
}

#[cfg(test)]
mod tests {
    use super::super::sums::Sums;
    use super::super::unit::Pair;
    use super::*;

    fn moments(pairs: &[(i64, i64)]) -> Moments {
        let mut sums = Sums::default();
        pairs.iter().for_each(|(y, x)| sums.add(Pair { y: *y, x: *x }));
        sums.moments(1.0, 1.0)
    }

    fn arms() -> (Moments, Moments) {
        (moments(&[(0, 1), (0, 2), (10, 8), (20, 15), (0, 0), (5, 4)]), moments(&[(0, 2), (4, 5), (0, 1), (12, 9)]))
    }

    #[track_caller]
    fn assert_near(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-8, "{found} instead of {expected}");
    }

    #[test]
    fn the_arms_are_compared_by_welch() {
        let (treated, holdout) = arms();
        let found = compare(&treated, &holdout).expect("two arms");
        assert_near(found.diff, 1.833_333_333_3);
        assert_near(found.se, 4.323_707_257);
        assert_near(found.df, 7.905_485_836);
        assert_near(found.ci[0], -8.157_940_4);
        assert_near(found.ci[1], 11.824_607_07);
        assert_near(found.p, 0.682_854_077);
        let relative = found.relative.expect("the holdout buys");
        assert_near(relative.rel, 0.458_333_333_3);
        assert_near(relative.se, 1.315_967_641_4);
        assert_near(relative.ci[0], -2.120_915_85);
        assert_near(relative.ci[1], 3.037_582_52);
    }

    #[test]
    fn what_was_known_beforehand_is_taken_out() {
        let (treated, holdout) = arms();
        let found = compare_adjusted(&treated, &holdout).expect("two arms");
        assert_near(found.theta, 1.440_779_610_2);
        assert_near(found.rho, 0.988_730_047_4);
        let found = found.comparison;
        assert_near(found.mean_treated, 5.401_099_450_3);
        assert_near(found.mean_holdout, 4.648_350_824_6);
        assert_near(found.se, 0.670_361_530_2);
        assert_near(found.df, 5.968_230_109_4);
        assert_near(found.ci[0], -0.889_685_85);
        assert_near(found.p, 0.304_610_691_9);
    }

    #[test]
    fn arms_without_units_or_differences_are_not_compared() {
        let (treated, _) = arms();
        assert_eq!(compare(&treated, &moments(&[(1, 1)])), None);
        assert_eq!(compare(&Moments::default(), &Moments::default()), None);
        assert_eq!(compare(&moments(&[(0, 0); 50]), &moments(&[(0, 0); 50])), None);
        assert_eq!(
            compare_adjusted(&moments(&[(0, 3), (1, 3)]), &moments(&[(0, 3), (2, 3)])),
            None,
            "the covariate is constant"
        );
    }

    #[test]
    fn without_orders_in_the_holdout_nothing_is_relative() {
        let found = compare(&moments(&[(0, 0), (1, 0), (3, 0)]), &moments(&[(0, 0); 3])).expect("they differ");
        assert_eq!(found.relative, None);
        assert!(found.se_pooled > 0.0);
    }
}

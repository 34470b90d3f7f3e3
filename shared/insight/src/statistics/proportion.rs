//! Shares of customers.

use super::numbers::{Z, float};
use crate::estimate::Estimate;

/// The share of `k` among `n` with the interval of Wilson (1927), which never leaves 0 to 1 and is right for small counts too.
/// No number for fewer than 30.
#[must_use]
pub fn wilson(k: u64, n: u64) -> Estimate {
    let (share, lo, hi) = wilson_interval(float(k), float(n));
    Estimate::from_enough(share, lo, hi, n)
}

/// Share, lower and upper end, whatever `n` is; not finite for none.
pub(crate) fn wilson_interval(k: f64, n: f64) -> (f64, f64, f64) {
    let share = k / n;
    let z2 = Z * Z;
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends rounding could leave a trace of the interval outside.
    (share, (centre - half).max(0.0).min(share), (centre + half).min(1.0).max(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_of_a_hundred() {
        let (share, lo, hi) = wilson(15, 100).numbers().expect("enough");
        assert_eq!(share, 0.15);
        assert!((lo - 0.093_059_85).abs() < 1e-8 && (hi - 0.232_835_6).abs() < 1e-7, "{lo} {hi}");
    }

    #[test]
    fn none_and_all_have_an_end_at_the_border() {
        assert_eq!(wilson(0, 40).lo, Some(0.0));
        assert_eq!(wilson(40, 40).hi, Some(1.0));
        assert!(wilson(0, 40).hi > Some(0.05));
    }

    #[test]
    fn fewer_than_thirty_have_no_share() {
        assert_eq!(wilson(3, 29), Estimate::too_few(29));
        assert_eq!(wilson(0, 0), Estimate::too_few(0));
    }
}

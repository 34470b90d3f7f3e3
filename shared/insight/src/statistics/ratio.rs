//! Shares of orders or money, which come in customers.

use super::numbers::{Z, float, float_sum};
use crate::estimate::{Because, Estimate, Needs};
use serde::{Deserialize, Serialize};

/// Sums for the ratio of two totals over customers, such as the value of returning customers among all value.
///
/// Orders of one customer are not independent, so the interval comes from how customers differ: the linearised variance of a
/// ratio, sum (a − R b)² n/(n−1) / (sum b)² (Cochran, Sampling Techniques, 1977, 6.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatioSums {
    /// Customers.
    pub n: u64,
    /// The sum above the line.
    pub a: i128,
    /// The sum below the line.
    pub b: i128,
    aa: i128,
    ab: i128,
    bb: i128,
}

impl RatioSums {
    /// Adds a customer.
    pub fn add(&mut self, a: i128, b: i128) {
        self.n += 1;
        self.a += a;
        self.b += b;
        self.aa = self.aa.saturating_add(a.saturating_mul(a));
        self.ab = self.ab.saturating_add(a.saturating_mul(b));
        self.bb = self.bb.saturating_add(b.saturating_mul(b));
    }

    /// Adds the customers of another.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.a += other.a;
        self.b += other.b;
        self.aa = self.aa.saturating_add(other.aa);
        self.ab = self.ab.saturating_add(other.ab);
        self.bb = self.bb.saturating_add(other.bb);
    }

    /// The ratio with its interval, kept within 0 to 1 if it is a share. No number if the sum below the line is not positive.
    #[must_use]
    pub fn share(&self) -> Estimate {
        if self.b <= 0 {
            return match Estimate::from_enough(0.0, 0.0, 0.0, self.n) {
                enough if enough.is_shown() => Estimate::not_yet(self.n, Because::NothingToCompare, Needs::OtherData),
                too_few => too_few,
            };
        }
        let (n, b) = (float(self.n), float_sum(self.b));
        let ratio = float_sum(self.a) / b;
        let squares = float_sum(self.aa) - 2.0 * ratio * float_sum(self.ab) + ratio * ratio * float_sum(self.bb);
        let se = (squares.max(0.0) * n / (n - 1.0)).sqrt() / b;
        // With refunds a ratio can lie outside; then its interval may too.
        let (lo, hi) = (ratio - Z * se, ratio + Z * se);
        let (lo, hi) = if (0.0..=1.0).contains(&ratio) { (lo.max(0.0), hi.min(1.0)) } else { (lo, hi) };
        Estimate::from_enough(ratio, lo, hi, self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_comes_from_how_customers_differ() {
        let mut alike = RatioSums::default();
        let mut different = RatioSums::default();
        for customer in 0..100 {
            alike.add(5, 10);
            different.add(if customer % 2 == 0 { 10 } else { 0 }, 10);
        }
        assert_eq!(alike.share().numbers(), Some((0.5, 0.5, 0.5)));
        let (share, lo, hi) = different.share().numbers().expect("enough");
        // As for the share of 50 among 100 customers, with 99 for 100 in the variance.
        let half = Z * (0.25_f64 / 99.0).sqrt();
        assert!((share - 0.5).abs() < 1e-12 && (hi - lo - 2.0 * half).abs() < 1e-12, "{lo} {hi}");
    }

    #[test]
    fn nothing_is_divided_by_refunds() {
        let mut sums = RatioSums::default();
        for _ in 0..40 {
            sums.add(1, -1);
        }
        assert!(matches!(sums.share().shown, crate::Shown::NotYet { because: Because::NothingToCompare, .. }));
        assert_eq!(RatioSums::default().share(), Estimate::too_few(0));
    }
}

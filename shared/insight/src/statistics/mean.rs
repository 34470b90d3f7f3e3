//! Means over customers.

use super::numbers::{Z, float, float_sum};
use crate::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// Sums for a mean and its standard error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeanSums {
    /// How many.
    pub n: u64,
    /// Their sum.
    pub sum: i128,
    /// The sum of their squares. It stops at the largest number that there is, which takes a thousand customers who each spent
    /// more than any currency has.
    pub squares: i128,
}

impl MeanSums {
    /// Adds a value.
    pub fn add(&mut self, value: i128) {
        self.n += 1;
        self.sum = self.sum.saturating_add(value);
        self.squares = self.squares.saturating_add(value.saturating_mul(value));
    }

    /// Adds the values of another.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.sum = self.sum.saturating_add(other.sum);
        self.squares = self.squares.saturating_add(other.squares);
    }

    /// The mean; not finite for none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        float_sum(self.sum) / float(self.n)
    }

    /// The variance of the sample (n − 1); not finite for fewer than two.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let (n, sum) = (float(self.n), float_sum(self.sum));
        // Large sums whose difference is small: rounding may leave a trace below zero.
        let squares = (float_sum(self.squares) - sum * sum / n).max(0.0);
        squares / (n - 1.0)
    }

    /// The standard error of the mean.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        (self.variance() / float(self.n)).sqrt()
    }

    /// The mean with its interval, if there are at least 30.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let (mean, half) = (self.mean(), Z * self.standard_error());
        Estimate::from_enough(mean, mean - half, mean + half, self.n)
    }
}

/// The standard deviation of a sample (n − 1); not finite for fewer than two.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> f64 {
    let n = float(values.len() as u64);
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_standard_error_are_those_of_the_sample() {
        let mut sums = MeanSums::default();
        [2, 4, 4, 4, 5, 5, 7, 9].iter().for_each(|value| sums.add(*value));
        assert_eq!(sums.mean(), 5.0);
        assert!((sums.variance() - 32.0 / 7.0).abs() < 1e-12);
        assert!((sums.standard_error() - (32.0_f64 / 56.0).sqrt()).abs() < 1e-12);
        assert_eq!(sums.estimate(), Estimate::too_few(8));
    }

    #[test]
    fn thirty_have_a_mean_with_an_interval() {
        let mut sums = MeanSums::default();
        (0..30).for_each(|n| sums.add(if n % 2 == 0 { 0 } else { 10 }));
        let (mean, lo, hi) = sums.estimate().numbers().expect("enough");
        let half = Z * (25.0_f64 / 29.0).sqrt();
        assert!(mean == 5.0 && (lo - 5.0 + half).abs() < 1e-12 && (hi - 5.0 - half).abs() < 1e-12);
    }
}

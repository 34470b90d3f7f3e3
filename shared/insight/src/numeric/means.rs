//! How far predictions were off.

use crate::estimate::Estimate;
use crate::statistics::Z;

/// Errors of predictions, to be averaged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Errors {
    n: u64,
    sum: f64,
    squares: f64,
}

impl Errors {
    /// Adds an error.
    pub(crate) fn add(&mut self, error: f64) {
        self.n += 1;
        self.sum += error;
        self.squares += error * error;
    }

    /// Their mean, with its interval.
    pub(crate) fn mean(&self) -> Estimate {
        let (mean, half) = self.mean_and_half();
        Estimate::from_enough(mean, mean - half, mean + half, self.n)
    }

    /// The root of their mean, with its interval: the usual size of an error, if these are squares.
    pub(crate) fn root_mean(&self) -> Estimate {
        let (mean, half) = self.mean_and_half();
        Estimate::from_enough(mean.sqrt(), (mean - half).max(0.0).sqrt(), (mean + half).sqrt(), self.n)
    }

    fn mean_and_half(&self) -> (f64, f64) {
        let n = self.n as f64;
        let mean = self.sum / n;
        let variance = (self.squares / n - mean * mean).max(0.0) * n / (n - 1.0);
        (mean, Z * (variance / n).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::Errors;

    #[test]
    fn errors_are_averaged_with_an_interval() {
        let mut errors = Errors::default();
        (0..100).for_each(|place| errors.add(if place % 2 == 0 { 1.0 } else { 3.0 }));
        let (mean, lo, hi) = errors.mean().numbers().expect("enough");
        assert_eq!(mean, 2.0);
        assert!((hi - lo - 2.0 * 1.96 / 99.0_f64.sqrt()).abs() < 1e-4, "{lo} to {hi}");
        assert_eq!(errors.root_mean().value, Some(2.0_f64.sqrt()));
    }

    #[test]
    fn no_errors_have_no_mean() {
        assert!(!Errors::default().mean().is_shown() && !Errors::default().root_mean().is_shown());
    }
}

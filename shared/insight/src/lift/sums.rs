//! The sums that comparisons are computed from.

use super::unit::Pair;
use crate::statistics::{float, float_sum};
use serde::{Deserialize, Serialize};

/// Sums of an outcome y and its covariate x over the units of an arm. Integers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is the sum of what it is called")]
pub struct Sums {
    pub n: u64,
    pub y: i128,
    pub yy: i128,
    pub x: i128,
    pub xx: i128,
    pub xy: i128,
}

/// The largest outcome or covariate of one unit that is looked at, either way: the squares of a million of them still have a sum.
const MAX: i64 = 10_000_000_000_000_000;

impl Sums {
    /// Adds a unit.
    pub fn add(&mut self, pair: Pair) {
        let (y, x) = (i128::from(pair.y.clamp(-MAX, MAX)), i128::from(pair.x.clamp(-MAX, MAX)));
        self.merge(&Self { n: 1, y, yy: y * y, x, xx: x * x, xy: x * y });
    }

    /// Adds the units of another.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.y += other.y;
        self.yy = self.yy.saturating_add(other.yy);
        self.x += other.x;
        self.xx = self.xx.saturating_add(other.xx);
        self.xy = self.xy.saturating_add(other.xy);
    }

    /// The same as floats, outcome and covariate in units of their own (major units of money, for example).
    #[must_use]
    pub fn moments(&self, unit_of_y: f64, unit_of_x: f64) -> Moments {
        Moments {
            n: float(self.n),
            y: float_sum(self.y) * unit_of_y,
            yy: float_sum(self.yy) * unit_of_y * unit_of_y,
            x: float_sum(self.x) * unit_of_x,
            xx: float_sum(self.xx) * unit_of_x * unit_of_x,
            xy: float_sum(self.xy) * unit_of_x * unit_of_y,
        }
    }
}

/// [`Sums`] as floats.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[expect(missing_docs, reason = "each is the sum of what it is called")]
pub struct Moments {
    pub n: f64,
    pub y: f64,
    pub yy: f64,
    pub x: f64,
    pub xx: f64,
    pub xy: f64,
}

impl Moments {
    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            n: self.n + other.n,
            y: self.y + other.y,
            yy: self.yy + other.yy,
            x: self.x + other.x,
            xx: self.xx + other.xx,
            xy: self.xy + other.xy,
        }
    }

    /// The mean outcome.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.y / self.n
    }

    /// The sample variance of the outcome.
    #[must_use]
    pub fn variance(&self) -> f64 {
        ((self.yy - self.y * self.y / self.n) / (self.n - 1.0)).max(0.0)
    }

    /// The sample variance of the covariate.
    #[must_use]
    pub fn covariate_variance(&self) -> f64 {
        ((self.xx - self.x * self.x / self.n) / (self.n - 1.0)).max(0.0)
    }

    /// The sample covariance of both.
    #[must_use]
    pub fn covariance(&self) -> f64 {
        (self.xy - self.x * self.y / self.n) / (self.n - 1.0)
    }

    /// The outcome less what the covariate says of it: y − theta (x − mean). The covariate is gone then.
    #[must_use]
    pub fn adjusted(&self, theta: f64, mean: f64) -> Self {
        // With d = x − mean: sums of d and d² and of y d.
        let (d, dd) = (self.x - self.n * mean, self.xx - 2.0 * mean * self.x + self.n * mean * mean);
        let yd = self.xy - mean * self.y;
        Self {
            n: self.n,
            y: self.y - theta * d,
            yy: self.yy - 2.0 * theta * yd + theta * theta * dd,
            ..Self::default()
        }
    }
}

//! Sums over all customers' gaps.

use super::gap_prior::GapPrior;
use serde::{Deserialize, Serialize};

/// The sums of which the shop's rhythm is computed. Logarithms are whole billionths, so that sums merge into the same bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GapSums {
    pub(super) customers: u64,
    pub(super) gaps: u64,
    /// Sum over customers of the square of their number of gaps.
    squared_counts: u128,
    sum: i128,
    squares: i128,
    /// Sum over customers of the square of their sum, divided by their number of gaps.
    between: i128,
}

/// A logarithm of 1 in the sums.
const ONE: f64 = 1e9;

/// What the sums come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Components {
    pub(super) prior: GapPrior,
    /// The mean square between customers.
    pub(super) between_square: f64,
    /// Gaps per customer, as an analysis of variance counts them if they differ in number.
    pub(super) gaps_per_customer: f64,
    /// Mean over gaps of the number of gaps of their customer, as a share of all gaps.
    pub(super) concentration: f64,
}

impl GapSums {
    /// Adds the completed gaps of a customer, in days. Gaps of zero days are passed over.
    pub(super) fn add(&mut self, gaps: impl Iterator<Item = u32>) {
        let (mut count, mut sum, mut squares) = (0_u64, 0_i128, 0_i128);
        for days in gaps.filter(|days| *days > 0) {
            let log = in_billionths(f64::from(days).ln());
            count += 1;
            sum += log;
            squares += log * log;
        }
        if count > 0 {
            self.customers += 1;
            self.gaps += count;
            self.squared_counts += u128::from(count) * u128::from(count);
            self.sum += sum;
            self.squares += squares;
            self.between += sum * sum / i128::from(count);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.customers += other.customers;
        self.gaps += other.gaps;
        self.squared_counts += other.squared_counts;
        self.sum += other.sum;
        self.squares += other.squares;
        self.between += other.between;
    }

    /// The components of variance by the method of moments (one-way random effects). Nothing without two customers, or if no
    /// customer has two gaps.
    pub(super) fn components(&self) -> Option<Components> {
        if self.customers < 2 || self.gaps <= self.customers {
            return None;
        }
        let (customers, gaps) = (self.customers as f64, self.gaps as f64);
        let mu = self.sum as f64 / ONE / gaps;
        // The differences are taken while the sums are whole.
        let within = (self.squares - self.between) as f64 / (ONE * ONE);
        let between = (self.between - self.sum * self.sum / i128::from(self.gaps)) as f64 / (ONE * ONE);
        let var_within = (within / (gaps - customers)).max(0.0);
        let between_square = (between / (customers - 1.0)).max(0.0);
        let concentration = self.squared_counts as f64 / (gaps * gaps);
        let gaps_per_customer = (gaps - gaps * concentration) / (customers - 1.0);
        let var_between = ((between_square - var_within) / gaps_per_customer).max(0.0);
        let prior = GapPrior { mu, var_within, var_between };
        Some(Components { prior, between_square, gaps_per_customer, concentration })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a logarithm of a number of days, below 23")]
fn in_billionths(log: f64) -> i128 {
    (log * ONE).round() as i128
}

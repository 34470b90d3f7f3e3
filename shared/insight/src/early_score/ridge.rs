//! Logistic regression with a ridge penalty.

use crate::numeric::{Derivatives, Minimum, NoMinimum, minimise};

/// Fits the chance of an outcome: the intercept first, then a weight for each feature. The weights, not the intercept, are
/// held small by a penalty of half of `penalty` times the sum of their squares.
pub(super) fn fit(rows: &[Vec<f64>], outcomes: &[bool], penalty: f64) -> Result<Minimum, NoMinimum> {
    let size = rows.first().map_or(1, |row| row.len() + 1);
    let share = outcomes.iter().filter(|outcome| **outcome).count() as f64 / outcomes.len().max(1) as f64;
    let mut start = vec![0.0; size];
    start[0] = log_odds(share.clamp(1e-3, 1.0 - 1e-3));
    let tolerance = 1e-10 * outcomes.len().max(1) as f64;
    minimise(&start, tolerance, MAX_WEIGHT, |weights| derivatives(rows, outcomes, penalty, weights))
}

/// Weights beyond this mean that the outcome is certain, so that no weight is large enough.
const MAX_WEIGHT: f64 = 1e3;

/// The chance that the weights say for a row.
pub(super) fn chance(weights: &[f64], row: &[f64]) -> f64 {
    sigmoid(weights[0] + row.iter().zip(&weights[1..]).map(|(value, weight)| value * weight).sum::<f64>())
}

/// The logarithm of the odds of a chance.
pub(super) fn log_odds(chance: f64) -> f64 {
    (chance / (1.0 - chance)).ln()
}

fn sigmoid(value: f64) -> f64 {
    1.0 / (1.0 + (-value).exp())
}

fn derivatives(rows: &[Vec<f64>], outcomes: &[bool], penalty: f64, weights: &[f64]) -> Derivatives {
    let size = weights.len();
    let mut out = Derivatives::zero(size);
    let mut extended = vec![1.0; size];
    for (row, outcome) in rows.iter().zip(outcomes) {
        extended[1..].copy_from_slice(row);
        let at: f64 = extended.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        // ln(1 + e^at) - outcome * at, without overflow.
        out.value += at.max(0.0) + (-at.abs()).exp().ln_1p() - if *outcome { at } else { 0.0 };
        let chance = sigmoid(at);
        let off = chance - if *outcome { 1.0 } else { 0.0 };
        out.gradient.iter_mut().zip(&extended).for_each(|(slope, value)| *slope += off * value);
        out.hessian.add_outer(&extended, chance * (1.0 - chance));
    }
    for (place, weight) in weights.iter().enumerate().skip(1) {
        out.value += 0.5 * penalty * weight * weight;
        out.gradient[place] += penalty * weight;
        out.hessian.add(place, place, penalty);
    }
    out
}

#[cfg(test)]
#[path = "ridge_tests.rs"]
mod tests;

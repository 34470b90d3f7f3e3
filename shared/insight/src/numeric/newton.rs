//! Newton's method with a bounded step.

use super::Symmetric;

/// A function's value at a point, with its first and second derivatives.
#[derive(Debug, Clone)]
pub(crate) struct Derivatives {
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
    pub(crate) hessian: Symmetric,
}

impl Derivatives {
    /// Zero everywhere, to be added to.
    pub(crate) fn zero(size: usize) -> Self {
        Self { value: 0.0, gradient: vec![0.0; size], hessian: Symmetric::zero(size) }
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.gradient.iter().all(|slope| slope.is_finite())
    }

    fn steepness(&self) -> f64 {
        self.gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt()
    }
}

/// Where a function is smallest.
#[derive(Debug, Clone)]
pub(crate) struct Minimum {
    pub(crate) point: Vec<f64>,
    pub(crate) value: f64,
    /// The inverse of the second derivatives.
    pub(crate) covariance: Symmetric,
    /// Number of steps.
    pub(crate) steps: usize,
}

/// Why no minimum was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoMinimum {
    /// A coordinate left the range within which a minimum means anything.
    OutOfRange(usize),
    /// The function is flat where its slope ends.
    Flat,
    /// The slope did not end.
    NotConverged,
}

const MAX_STEPS: usize = 200;
/// The largest change of a coordinate in one step: a factor of 4.5, if the coordinate is a logarithm.
const MAX_STRIDE: f64 = 1.5;
const MAX_HALVINGS: usize = 40;
/// The share of the promised gain that a step has to bring (Armijo's rule).
const ENOUGH: f64 = 1e-4;
/// The share of a value by which rounding may change it.
const ROUNDING: f64 = 1e-11;

/// The minimum of `function` near `start`, where its gradient is shorter than `tolerance`.
///
/// Where the second derivatives are not positive definite, their diagonal is raised until they are (Levenberg and Marquardt);
/// a step that does not bring what it promised is halved. A coordinate beyond `limit` on either side ends the search.
pub(crate) fn minimise(
    start: &[f64],
    tolerance: f64,
    limit: f64,
    function: impl Fn(&[f64]) -> Derivatives,
) -> Result<Minimum, NoMinimum> {
    let mut point = start.to_vec();
    let mut here = function(&point);
    for steps in 0..MAX_STEPS {
        if !here.is_finite() {
            return Err(NoMinimum::NotConverged);
        }
        if let Some(coordinate) = point.iter().position(|value| value.abs() > limit) {
            return Err(NoMinimum::OutOfRange(coordinate));
        }
        if here.steepness() < tolerance {
            let covariance = here.hessian.inverse().ok_or(NoMinimum::Flat)?;
            return Ok(Minimum { point, value: here.value, covariance, steps });
        }
        let direction = direction(&here).ok_or(NoMinimum::NotConverged)?;
        let Some((next, there)) = step(&point, &here, &direction, &function) else {
            // No step brings anything: only rounding is left of the slope, or the function is flat.
            return Err(if here.hessian.inverse().is_none() { NoMinimum::Flat } else { NoMinimum::NotConverged });
        };
        point = next;
        here = there;
    }
    Err(NoMinimum::NotConverged)
}

/// A direction in which the function falls.
fn direction(here: &Derivatives) -> Option<Vec<f64>> {
    let size = here.gradient.len();
    let downhill: Vec<f64> = here.gradient.iter().map(|slope| -slope).collect();
    let scale = (0..size).map(|row| here.hessian.at(row, row).abs()).fold(here.steepness(), f64::max);
    let mut raise = 0.0;
    for _ in 0..MAX_HALVINGS {
        let mut hessian = here.hessian.clone();
        for row in 0..size {
            hessian.add(row, row, raise);
        }
        if let Some(found) = hessian.solve(&downhill) {
            return Some(found);
        }
        raise = if raise == 0.0 { scale * 1e-6 } else { raise * 10.0 };
    }
    None
}

fn step(
    point: &[f64],
    here: &Derivatives,
    direction: &[f64],
    function: &impl Fn(&[f64]) -> Derivatives,
) -> Option<(Vec<f64>, Derivatives)> {
    let longest = direction.iter().fold(0.0, |longest: f64, change| longest.max(change.abs()));
    let promised: f64 = here.gradient.iter().zip(direction).map(|(slope, change)| slope * change).sum();
    // Close to the minimum the gain is smaller than the rounding of a sum over many customers; the gradient still tells.
    let rounding = here.value.abs() * ROUNDING;
    let mut length = if longest > MAX_STRIDE { MAX_STRIDE / longest } else { 1.0 };
    for _ in 0..MAX_HALVINGS {
        let next: Vec<f64> = point.iter().zip(direction).map(|(value, change)| value + length * change).collect();
        let there = function(&next);
        if there.is_finite() && there.value <= here.value + ENOUGH * length * promised + rounding {
            return Some((next, there));
        }
        length /= 2.0;
    }
    None
}

#[cfg(test)]
#[path = "newton_tests.rs"]
mod tests;

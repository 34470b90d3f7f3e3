//! The parameters under which a shop's histories are most likely.

use super::group::Group;
use super::likelihood::Likelihood;
use super::model::{Model, Parameters};
use crate::numeric::{Minimum, NoMinimum, Symmetric, minimise};

/// A fitted order model.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The model that was fitted.
    pub model: Model,
    /// The most likely parameters.
    pub parameters: Parameters,
    /// The logarithm of the likelihood under them.
    pub log_likelihood: f64,
    /// Number of customers.
    pub customers: u64,
    /// Covariance of the logarithms of `r`, `alpha`, `a`, `b`.
    pub(super) covariance: Symmetric,
    /// Number of steps that the search took.
    pub steps: usize,
}

/// Why a model could not be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFit {
    /// No customers, or none with a day of history.
    NoHistory,
    /// The histories do not determine the parameters: the customers do not differ enough.
    NotDetermined,
    /// The search came to no end.
    NotConverged,
}

/// A search has ended when the gradient per customer is shorter than this.
const TOLERANCE: f64 = 1e-8;
/// The largest logarithm of a parameter, on either side of zero. Beyond it the distributions have no spread left.
pub(super) const MAX_LOG_PARAMETER: f64 = 12.0;

impl Fit {
    /// Finds the most likely parameters.
    ///
    /// # Errors
    ///
    /// If the histories do not determine the parameters: the likelihood is flat where its slope ends, or it grows towards
    /// parameters whose logarithm is beyond 12.
    pub fn new(model: Model, groups: &[Group]) -> Result<Self, NoFit> {
        let likelihood = Likelihood::new(model, groups);
        let oldest = groups.iter().map(|group| group.standing.age).fold(0.0, f64::max);
        // Written so that it refuses what is not a number, too.
        if !(oldest > 0.0 && oldest.is_finite() && likelihood.customers() > 0.0) {
            return Err(NoFit::NoHistory);
        }
        let found = search(&likelihood, oldest)?;
        Ok(Self {
            model,
            parameters: Parameters::from_logs(&found.point),
            log_likelihood: -found.value,
            customers: groups.iter().map(|group| group.customers).sum(),
            covariance: found.covariance,
            steps: found.steps,
        })
    }

    /// Standard errors of the logarithms of `r`, `alpha`, `a` and `b`.
    #[must_use]
    pub fn standard_errors(&self) -> [f64; 4] {
        [0, 1, 2, 3].map(|row| self.covariance.at(row, row).sqrt())
    }
}

/// Tries the usual start and, if the search ends nowhere from there, one where customers order more evenly.
fn search(likelihood: &Likelihood<'_>, oldest: f64) -> Result<Minimum, NoFit> {
    let starts = [
        Parameters { r: 0.3, alpha: 0.2 * oldest, a: 1.0, b: 2.0 },
        Parameters { r: 2.0, alpha: oldest, a: 0.5, b: 5.0 },
    ];
    let mut failure = NoFit::NotConverged;
    for start in starts {
        let tolerance = TOLERANCE * likelihood.customers();
        match minimise(&start.to_logs(), tolerance, MAX_LOG_PARAMETER, |logs| likelihood.by_logs(logs)) {
            Ok(found) => return Ok(found),
            Err(NoMinimum::OutOfRange(_) | NoMinimum::Flat) => failure = NoFit::NotDetermined,
            Err(NoMinimum::NotConverged) => {}
        }
    }
    Err(failure)
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;

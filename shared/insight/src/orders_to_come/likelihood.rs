//! The likelihood of an order model.
//!
//! With `n = repeats`, `t` = recency, `T` = age and `k` = how many times the customer could have been lost before the last order,
//! the likelihood of both models is
//!
//! ```text
//! G(r+n)/G(r) * alpha^r * B(a, b+m)/B(a, b) * (alpha+T)^-(r+n) * (1 + e^u)
//! u = ln(a / (b+k)) + (r+n) * ln((alpha+T) / (alpha+t))
//! ```
//!
//! where `m` = how many times the customer was not lost if they are alive, and `e^u` is the odds that they were lost after the last
//! order. As `n` and `m` are whole, each quotient of gamma functions is a product: `G(r+n)/G(r) = r (r+1) … (r+n-1)`. Their
//! logarithms are summed over all customers at once: the term of step `j` counts as often as there are customers who got so far.

use super::group::Group;
use super::model::{Model, Parameters};
use crate::numeric::Derivatives;

/// Groups, prepared for many evaluations.
pub(super) struct Likelihood<'a> {
    model: Model,
    groups: &'a [Group],
    customers: f64,
    /// How many customers have more than `j` repeats.
    repeated: Vec<f64>,
    /// How many customers have survived more than `j` times if they are alive.
    survived: Vec<f64>,
}

const R: usize = 0;
const ALPHA: usize = 1;
const A: usize = 2;
const B: usize = 3;

impl<'a> Likelihood<'a> {
    pub(super) fn new(model: Model, groups: &'a [Group]) -> Self {
        Self {
            model,
            groups,
            customers: groups.iter().map(|group| group.customers as f64).sum(),
            repeated: steps(groups, |repeats| repeats),
            survived: steps(groups, |repeats| model.survived_alive(repeats)),
        }
    }

    pub(super) fn customers(&self) -> f64 {
        self.customers
    }

    /// The logarithm of the likelihood.
    #[cfg(test)]
    pub(super) fn log(&self, parameters: Parameters) -> f64 {
        -self.negative(parameters).value
    }

    /// The negative log-likelihood with its derivatives by the logarithms of the parameters.
    pub(super) fn by_logs(&self, logs: &[f64]) -> Derivatives {
        let parameters = Parameters::from_logs(logs);
        let plain = self.negative(parameters);
        let scale = [parameters.r, parameters.alpha, parameters.a, parameters.b];
        let mut out = Derivatives::zero(4);
        out.value = plain.value;
        for row in 0..4 {
            out.gradient[row] = plain.gradient[row] * scale[row];
            for column in 0..=row {
                out.hessian.add(row, column, plain.hessian.at(row, column) * scale[row] * scale[column]);
            }
            out.hessian.add(row, row, out.gradient[row]);
        }
        out
    }

    fn negative(&self, parameters: Parameters) -> Derivatives {
        let mut sums = Sums::default();
        sums.add_steps(&self.repeated, &self.survived, parameters);
        for group in self.groups {
            sums.add_group(self.model, group, parameters);
        }
        let mut out = Derivatives::zero(4);
        out.value = -sums.value;
        for row in 0..4 {
            out.gradient[row] = -sums.gradient[row];
            for column in 0..=row {
                out.hessian.add(row, column, -sums.hessian[row][column]);
            }
        }
        out
    }
}

/// Sums over customers. Of the second derivatives only the lower triangle is used.
#[derive(Default)]
struct Sums {
    value: f64,
    gradient: [f64; 4],
    hessian: [[f64; 4]; 4],
}

impl Sums {
    fn add_steps(&mut self, repeated: &[f64], survived: &[f64], Parameters { r, a, b, .. }: Parameters) {
        for (step, customers) in repeated.iter().enumerate() {
            let at = r + step as f64;
            self.value += customers * at.ln();
            self.gradient[R] += customers / at;
            self.hessian[R][R] -= customers / (at * at);
        }
        for (step, customers) in survived.iter().enumerate() {
            let (at, both) = (b + step as f64, a + b + step as f64);
            self.value += customers * (at / both).ln();
            self.gradient[A] -= customers / both;
            self.gradient[B] += customers / at - customers / both;
            let curve = customers / (both * both);
            self.hessian[A][A] += curve;
            self.hessian[B][A] += curve;
            self.hessian[B][B] += curve - customers / (at * at);
        }
    }

    fn add_group(&mut self, model: Model, group: &Group, Parameters { r, alpha, a, b }: Parameters) {
        let standing = &group.standing;
        let customers = group.customers as f64;
        let events = r + f64::from(standing.repeats);
        let (to_age, to_last) = (alpha + standing.age, alpha + standing.recency);
        let log_age = (to_age / alpha).ln();
        // alpha^r / (alpha+T)^(r+n)
        self.value -= customers * (events * log_age + f64::from(standing.repeats) * alpha.ln());
        self.gradient[R] -= customers * log_age;
        self.gradient[ALPHA] += customers * (r / alpha - events / to_age);
        self.hessian[ALPHA][R] += customers * (1.0 / alpha - 1.0 / to_age);
        self.hessian[ALPHA][ALPHA] += customers * (events / (to_age * to_age) - r / (alpha * alpha));
        if !model.may_be_lost(standing.repeats) {
            return;
        }
        // ln(1 + e^u)
        let survived = b + f64::from(model.survived(standing.repeats));
        let log_silence = (to_age / to_last).ln();
        let u = (a / survived).ln() + events * log_silence;
        let lost = if u > 0.0 { 1.0 / (1.0 + (-u).exp()) } else { u.exp() / (1.0 + u.exp()) };
        self.value += customers * if u > 0.0 { u + (-u).exp().ln_1p() } else { u.exp().ln_1p() };
        let slope = 1.0 / to_age - 1.0 / to_last;
        let by = [log_silence, events * slope, 1.0 / a, -1.0 / survived];
        let weight = customers * lost;
        let spread = weight * (1.0 - lost);
        for row in 0..4 {
            self.gradient[row] += weight * by[row];
            for column in 0..=row {
                self.hessian[row][column] += spread * by[row] * by[column];
            }
        }
        self.hessian[ALPHA][R] += weight * slope;
        self.hessian[ALPHA][ALPHA] += weight * events * (1.0 / (to_last * to_last) - 1.0 / (to_age * to_age));
        self.hessian[A][A] -= weight / (a * a);
        self.hessian[B][B] += weight / (survived * survived);
    }
}

/// How many customers get beyond each step, if each takes as many as `of` says.
fn steps(groups: &[Group], of: impl Fn(u32) -> u32) -> Vec<f64> {
    let most = groups.iter().map(|group| of(group.standing.repeats)).max().unwrap_or(0);
    let mut ends = vec![0_u64; most as usize];
    for group in groups {
        if let Some(last) = of(group.standing.repeats).checked_sub(1) {
            ends[last as usize] += group.customers;
        }
    }
    let mut beyond = 0;
    let mut steps: Vec<f64> = ends
        .iter()
        .rev()
        .map(|ended| {
            beyond += ended;
            beyond as f64
        })
        .collect();
    steps.reverse();
    steps
}

#[cfg(test)]
#[path = "likelihood_tests.rs"]
mod tests;

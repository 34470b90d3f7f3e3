//! The expected number of orders of a customer who is alive.
//!
//! With `s = b` plus the times that the customer has survived, `e = r + repeats`, `c = a + s - 1` and `z = t / (alpha + T + t)`, it is
//!
//! ```text
//! c / (a-1) * (1 - (1-z)^e * 2F1(e, s; c; z))
//! ```
//!
//! the mean of `(1 - e^(-rate * chance * t)) / chance` over what is known of the customer's rate and chance to be lost. The
//! series of `2F1` overflows for customers with many orders, and what remains of the difference is rounding where `a` is near 1.
//! Euler's transformation avoids both: `2F1(e, s; c; z) = (1-z)^(a-1-e) * 2F1(c-e, a-1; c; z)`. Where the series of that one
//! would have terms of both signs, the first is used, with its terms scaled.
//!
//! The coefficients of the series do not depend on `t`, so that several times cost little more than one.

use super::model::Parameters;

/// More terms are not added. They would change a result that is off by less than a millionth.
const MAX_TERMS: u32 = 1_000_000;
/// A series ends where the rest of it is a smaller share of the sum than this.
const NEGLIGIBLE: f64 = 1e-15;
/// With `a` up to this no sum of a transformed series is beyond what a double can hold.
const MAX_UNSCALED: f64 = 20.0;

/// What is known of a customer who is alive.
pub(super) struct Alive {
    /// Orders, as the rate's distribution counts them: `r + repeats`.
    pub(super) events: f64,
    /// Times survived, as the chance's distribution counts them: `b` and more.
    pub(super) survived: f64,
    /// `alpha + T`, in weeks.
    pub(super) exposure: f64,
}

/// The expected numbers of orders within this many weeks, if the customer is alive now.
pub(super) fn expected_orders<const N: usize>(alive: &Alive, parameters: Parameters, weeks: [f64; N]) -> [f64; N] {
    let weeks = weeks.map(|weeks| if weeks.is_nan() { 0.0 } else { weeks.max(0.0) });
    if parameters.a + alive.survived >= alive.events {
        transformed(alive, parameters, weeks)
    } else {
        weeks.map(|weeks| scaled(alive, parameters, weeks))
    }
}

/// After Euler's transformation. All terms after the first have one sign if `a + s >= e`.
fn transformed<const N: usize>(alive: &Alive, Parameters { a, .. }: Parameters, weeks: [f64; N]) -> [f64; N] {
    let less = a - 1.0;
    let c = a + alive.survived - 1.0;
    let series = Series { p: c - alive.events + 1.0, q: a, c: c + 1.0, d: 2.0 };
    let z = weeks.map(|weeks| weeks / (alive.exposure + weeks));
    let tails = if a <= MAX_UNSCALED { series.sums(z) } else { z.map(|z| series.scaled_sum(z)) };
    std::array::from_fn(|place| {
        let log_rest = -(weeks[place] / alive.exposure).ln_1p();
        // (1 - (1-z)^(a-1)) / (a-1), which is -ln(1-z) at a = 1.
        let lost = if less.abs() < 1e-12 { -log_rest } else { -(less * log_rest).exp_m1() / less };
        let tail = &tails[place];
        c * lost - (c - alive.events) * z[place] * tail.value * (less * log_rest + tail.log_scale).exp()
    })
}

/// By the terms of the series as it stands, all of which are above zero.
fn scaled(alive: &Alive, Parameters { a, .. }: Parameters, weeks: f64) -> f64 {
    let a = if (a - 1.0).abs() < 1e-6 { 1.0 + 1e-6 } else { a };
    let z = weeks / (alive.exposure + weeks);
    let log_rest = -(weeks / alive.exposure).ln_1p();
    let c = a + alive.survived - 1.0;
    let tail = Series { p: alive.events + 1.0, q: alive.survived + 1.0, c: c + 1.0, d: 2.0 }.scaled_sum(z);
    let first = alive.events * alive.survived * z;
    let none = alive.events * log_rest;
    (-c * none.exp_m1() - first * tail.value * (none + tail.log_scale).exp()) / (a - 1.0)
}

/// The sum of `z^k * (p)_k (q)_k / ((c)_k (d)_k)` for `z < 1`, with all terms above zero.
struct Series {
    p: f64,
    q: f64,
    c: f64,
    d: f64,
}

/// A sum, divided by `e^log_scale` so that it can be written.
struct Sum {
    value: f64,
    log_scale: f64,
}

impl Series {
    fn ratio(&self, step: u32) -> f64 {
        let k = f64::from(step);
        (self.p + k) * (self.q + k) / ((self.c + k) * (self.d + k))
    }

    /// The sums for several `z`.
    fn sums<const N: usize>(&self, z: [f64; N]) -> [Sum; N] {
        let largest = z.iter().copied().fold(0.0, f64::max);
        let (mut sums, mut powers, mut coefficient) = ([1.0; N], [1.0; N], 1.0);
        // Of the largest z, whose series is the last to end.
        let (mut last, mut longest) = (1.0, 1.0);
        for step in 0..MAX_TERMS {
            let ratio = self.ratio(step);
            coefficient *= ratio;
            for place in 0..N {
                powers[place] *= z[place];
                sums[place] += coefficient * powers[place];
            }
            last *= ratio * largest;
            longest += last;
            if is_negligible(last, longest, ratio * largest, largest) {
                break;
            }
        }
        sums.map(|value| Sum { value, log_scale: 0.0 })
    }

    /// The sum for one `z`, however large.
    fn scaled_sum(&self, z: f64) -> Sum {
        const RESCALE_AT: f64 = 1e200;
        let mut sum = Sum { value: 1.0, log_scale: 0.0 };
        let mut term = 1.0;
        for step in 0..MAX_TERMS {
            let ratio = self.ratio(step) * z;
            term *= ratio;
            sum.value += term;
            if is_negligible(term, sum.value, ratio, z) {
                break;
            }
            if sum.value > RESCALE_AT {
                sum.value /= RESCALE_AT;
                term /= RESCALE_AT;
                sum.log_scale += RESCALE_AT.ln();
            }
        }
        sum
    }
}

/// Whether what follows a term does not matter: no ratio of later terms is above the larger of this one and `z`.
fn is_negligible(term: f64, sum: f64, ratio: f64, z: f64) -> bool {
    ratio < 1.0 && term <= NEGLIGIBLE * sum * (1.0 - ratio.max(z))
}

#[cfg(test)]
#[path = "expected_orders_tests.rs"]
mod tests;

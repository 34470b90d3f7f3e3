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

use super::model::Parameters;

/// More terms are not added. They would change a result that is off by less than a millionth.
const MAX_TERMS: u32 = 1_000_000;
/// A series ends where the rest of it is a smaller share of the sum than this.
const NEGLIGIBLE: f64 = 1e-15;

/// What is known of a customer who is alive.
pub(super) struct Alive {
    /// Orders, as the rate's distribution counts them: `r + repeats`.
    pub(super) events: f64,
    /// Times survived, as the chance's distribution counts them: `b` and more.
    pub(super) survived: f64,
    /// `alpha + T`, in weeks.
    pub(super) exposure: f64,
}

/// The expected number of orders in the next `weeks`, if the customer is alive now.
pub(super) fn expected_orders(alive: &Alive, parameters: Parameters, weeks: f64) -> f64 {
    if weeks.is_nan() || weeks <= 0.0 {
        return 0.0;
    }
    if parameters.a + alive.survived >= alive.events {
        transformed(alive, parameters, weeks)
    } else {
        scaled(alive, parameters, weeks)
    }
}

/// After Euler's transformation. All terms after the first have one sign if `a + s >= e`.
fn transformed(alive: &Alive, Parameters { a, .. }: Parameters, weeks: f64) -> f64 {
    let z = weeks / (alive.exposure + weeks);
    let log_rest = -(weeks / alive.exposure).ln_1p();
    let less = a - 1.0;
    let c = a + alive.survived - 1.0;
    // (1 - (1-z)^(a-1)) / (a-1), which is -ln(1-z) at a = 1.
    let lost = if less.abs() < 1e-12 { -log_rest } else { -(less * log_rest).exp_m1() / less };
    let first = (c - alive.events) * z;
    let tail = sum_of_series(c - alive.events + 1.0, a, c + 1.0, 2.0, z);
    c * lost - first * tail.value * (less * log_rest + tail.log_scale).exp()
}

/// By the terms of the series as it stands, all of which are above zero.
fn scaled(alive: &Alive, Parameters { a, .. }: Parameters, weeks: f64) -> f64 {
    let a = if (a - 1.0).abs() < 1e-6 { 1.0 + 1e-6 } else { a };
    let z = weeks / (alive.exposure + weeks);
    let log_rest = -(weeks / alive.exposure).ln_1p();
    let c = a + alive.survived - 1.0;
    let tail = sum_of_series(alive.events + 1.0, alive.survived + 1.0, c + 1.0, 2.0, z);
    let first = alive.events * alive.survived * z;
    let none = alive.events * log_rest;
    (-c * none.exp_m1() - first * tail.value * (none + tail.log_scale).exp()) / (a - 1.0)
}

/// A sum, divided by `e^log_scale` so that it can be written.
struct Scaled {
    value: f64,
    log_scale: f64,
}

/// The sum of `z^k * (p)_k (q)_k / ((c)_k (d)_k)`, all terms above zero, `z < 1`.
fn sum_of_series(p: f64, q: f64, c: f64, d: f64, z: f64) -> Scaled {
    const RESCALE_AT: f64 = 1e200;
    let mut sum = Scaled { value: 1.0, log_scale: 0.0 };
    let mut term = 1.0;
    for step in 0..MAX_TERMS {
        let k = f64::from(step);
        let ratio = (p + k) / (c + k) * ((q + k) / (d + k)) * z;
        term *= ratio;
        sum.value += term;
        // From here on no ratio is above the larger of this one and `z`.
        if ratio < 1.0 && term <= NEGLIGIBLE * sum.value * (1.0 - ratio.max(z)) {
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

#[cfg(test)]
#[path = "expected_orders_tests.rs"]
mod tests;

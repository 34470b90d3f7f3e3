//! Intervals that hold however often they are looked at.

/// The number of units at which the interval is narrowest in proportion.
pub const ALWAYS_VALID_FOR: f64 = 5_000.0;

/// The error that is allowed over all looks together.
const ALPHA: f64 = 0.05;

/// Half the width of a 95 % interval that may be looked at every day: the probability that it ever leaves out the true value is
/// 5 % over all looks together, where an ordinary interval looked at daily leaves it out in a sixth to a third of all cases.
///
/// se · sqrt(n) · sqrt(2 (n rho² + 1) ln(sqrt(n rho² + 1)/0.05) / (n rho)²), with
/// rho² = (−2 ln 0.05 + ln(1 − 2 ln 0.05)) / [`ALWAYS_VALID_FOR`]: the asymptotic confidence sequence of Waudby-Smith, Arbour,
/// Sinha, Kennedy and Ramdas (2021).
#[must_use]
pub fn always_valid_half_width(n: f64, standard_error: f64) -> f64 {
    let rho2 = rho_squared();
    let grown = n * rho2 + 1.0;
    standard_error * n.sqrt() * (2.0 * grown * (grown.sqrt() / ALPHA).ln() / (n * n * rho2)).sqrt()
}

fn rho_squared() -> f64 {
    (-2.0 * ALPHA.ln() + (1.0 - 2.0 * ALPHA.ln()).ln()) / ALWAYS_VALID_FOR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_wide_as_published() {
        assert!((rho_squared().sqrt() - 0.039_840_066_771_373_68).abs() < 1e-15);
        let rows = [
            (500.0, 0.05, 0.192_752_731_7),
            (5_000.0, 0.0135, 0.040_975_321_4),
            (23_570.0, 0.0135, 0.042_471_356_5),
            (1_000_000.0, 0.001, 0.003_656_536_5),
        ];
        for (n, se, expected) in rows {
            let found = always_valid_half_width(n, se);
            assert!((found / expected - 1.0).abs() < 1e-8, "{found} instead of {expected}");
        }
    }
}

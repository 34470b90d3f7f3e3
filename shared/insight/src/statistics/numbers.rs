//! From the integers of summaries to floats, and back to whole days.

/// The 97.5 % point of the normal distribution: what a 95 % interval is wide on either side, in standard errors.
pub const Z: f64 = 1.959_963_985;

/// An integer as a float. Counts and sums are far below 2^53, where every integer has one; a sum beyond it is rounded.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub const fn float(n: u64) -> f64 {
    n as f64
}

/// A sum as a float, rounded beyond 2^53.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub const fn float_sum(n: i128) -> f64 {
    n as f64
}

/// A float as whole days, rounded; 0 for anything below.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
pub fn whole_days(days: f64) -> u32 {
    days.round().clamp(0.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_rounded_and_never_negative() {
        assert_eq!([0.4, 0.5, 41.6, -3.0, f64::NAN, f64::INFINITY].map(whole_days), [0, 1, 42, 0, 0, u32::MAX]);
        assert_eq!((float(3), float_sum(-7)), (3.0, -7.0));
    }
}

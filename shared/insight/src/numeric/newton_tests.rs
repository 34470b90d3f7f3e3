use super::{Derivatives, NoMinimum, minimise};

/// Rosenbrock's valley: curved, and not convex on its way.
fn valley(point: &[f64]) -> Derivatives {
    let (x, y) = (point[0], point[1]);
    let mut out = Derivatives::zero(2);
    out.value = (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
    out.gradient = vec![-2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)];
    out.hessian.add(0, 0, 2.0 - 400.0 * (y - 3.0 * x * x));
    out.hessian.add(1, 0, -400.0 * x);
    out.hessian.add(1, 1, 200.0);
    out
}

#[test]
fn the_bottom_of_a_curved_valley_is_found() {
    let found = minimise(&[-1.2, 1.0], 1e-10, 12.0, valley).expect("a minimum");
    assert!((found.point[0] - 1.0).abs() < 1e-9 && (found.point[1] - 1.0).abs() < 1e-9, "{:?}", found.point);
    assert!((found.covariance.at(0, 0) - 0.5).abs() < 1e-8);
}

#[test]
fn a_slope_without_end_leaves_the_range() {
    let falling = |point: &[f64]| {
        let mut out = Derivatives::zero(1);
        out.value = (-point[0]).exp();
        out.gradient[0] = -out.value;
        out.hessian.add(0, 0, out.value);
        out
    };
    assert_eq!(minimise(&[0.0], 1e-10, 12.0, falling).err(), Some(NoMinimum::OutOfRange(0)));
}

#[test]
fn a_flat_function_has_no_minimum() {
    assert_eq!(minimise(&[0.0, 0.0], 1e-10, 12.0, |_| Derivatives::zero(2)).err(), Some(NoMinimum::Flat));
}

#[test]
fn a_function_that_is_not_a_number_has_no_minimum() {
    let broken = |_: &[f64]| Derivatives { value: f64::NAN, ..Derivatives::zero(1) };
    assert_eq!(minimise(&[0.0], 1e-10, 12.0, broken).err(), Some(NoMinimum::NotConverged));
}

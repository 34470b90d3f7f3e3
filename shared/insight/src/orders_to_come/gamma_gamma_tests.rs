use super::by_logs;
use crate::orders_to_come::{NoFit, ValueFit, ValueGroup, ValueParameters};

fn group(repeats: u32, mean: f64) -> ValueGroup {
    ValueGroup { repeats, mean, customers: 1 }
}

/// Customers who differ in what they spend, and whose orders differ too.
fn varied() -> Vec<ValueGroup> {
    (1_u32..600)
        .map(|number| {
            let repeats = 1 + number % 7;
            let usual = 10.0 * 1.5_f64.powf(f64::from((number * 7_919) % 97) / 24.0 - 2.0);
            let apart = (f64::from((number * 104_729) % 89) / 44.5 - 1.0) / f64::from(repeats).sqrt();
            group(repeats, usual * (1.0 + 0.8 * apart))
        })
        .collect()
}

#[test]
fn expected_values_lie_between_the_customers_and_everybodys() {
    let parameters = ValueParameters { p: 6.25, q: 3.74, gamma: 15.44 };
    for (repeats, mean, expected) in
        [(2, 22.35, 24.663_713_91), (1, 11.77, 18.916_852_06), (0, 0.0, 35.218_978_1), (7, 73.74, 71.469_670_9)]
    {
        let found = parameters.expected_value(repeats, mean);
        assert!((found / expected - 1.0).abs() < 1e-8, "{found} instead of {expected}");
    }
}

#[test]
fn the_derivatives_are_those_of_small_differences() {
    let groups = [group(1, 0.4), group(1, 2.0), group(2, 1.1), group(9, 0.7)];
    let at = [1.2, 0.9, -0.3];
    let found = by_logs(&groups, &at);
    for row in 0..3 {
        let step = 1e-5;
        let (mut above, mut below) = (at, at);
        above[row] += step;
        below[row] -= step;
        let (above, below) = (by_logs(&groups, &above), by_logs(&groups, &below));
        assert!((found.gradient[row] - (above.value - below.value) / (2.0 * step)).abs() < 1e-6, "slope {row}");
        for column in 0..3 {
            let curve = (above.gradient[column] - below.gradient[column]) / (2.0 * step);
            assert!((found.hessian.at(row, column) - curve).abs() < 1e-6, "curve {row} {column}");
        }
    }
}

#[test]
fn the_currency_changes_the_scale_and_nothing_else() {
    let dollars = ValueFit::new(&varied()).expect("a fit");
    let cents: Vec<_> = varied().iter().map(|group| ValueGroup { mean: group.mean * 100.0, ..*group }).collect();
    let cents = ValueFit::new(&cents).expect("a fit");
    assert!((dollars.parameters.p / cents.parameters.p - 1.0).abs() < 1e-6);
    assert!((dollars.parameters.gamma * 100.0 / cents.parameters.gamma - 1.0).abs() < 1e-6);
    let unit = 599.0 * 100.0_f64.ln();
    assert!((dollars.log_likelihood - unit - cents.log_likelihood).abs() < 1e-6);
}

#[test]
fn values_that_are_all_equal_determine_nothing() {
    assert_eq!(
        ValueFit::new(&[ValueGroup { repeats: 2, mean: 10.0, customers: 900 }]).err(),
        Some(NoFit::NotDetermined)
    );
}

#[test]
fn values_of_zero_and_below_are_passed_over() {
    let bad = [group(3, 0.0), group(2, -4.0), group(0, 9.0), group(1, f64::NAN)];
    assert_eq!(ValueFit::new(&bad).err(), Some(NoFit::NoHistory));
    let mut mixed = varied();
    mixed.extend(bad);
    let (mixed, plain) = (ValueFit::new(&mixed).expect("a fit"), ValueFit::new(&varied()).expect("a fit"));
    assert_eq!(mixed.customers, plain.customers);
    assert_eq!(mixed.log_likelihood, plain.log_likelihood);
}

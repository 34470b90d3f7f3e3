use super::{Alive, expected_orders, scaled, transformed};
use crate::orders_to_come::Parameters;

/// r, alpha, a, b, repeats, age, weeks, whether it is MBG/NBD, and the result with 40 digits (mpmath).
type Case = (f64, f64, f64, f64, u32, f64, f64, bool, f64);

const CASES: [Case; 12] = [
    (0.25, 4.4, 0.8, 2.4, 2, 38.86, 39.0, false, 1.688_973_040_335_143_5),
    // A customer with ten thousand orders.
    (0.25, 4.4, 0.8, 2.4, 10_000, 500.0, 52.0, false, 990.901_090_733_003_1),
    (0.25, 4.4, 0.8, 2.4, 10_000, 500.0, 52.0, true, 990.904_865_492_041_4),
    // c below zero, and at zero.
    (0.25, 4.4, 0.3, 0.2, 0, 10.0, 39.0, false, 0.406_934_077_388_365_96),
    (0.25, 4.4, 0.3, 0.7, 0, 10.0, 39.0, false, 0.512_750_146_096_778),
    // Long against alpha.
    (0.25, 0.05, 0.8, 2.4, 0, 0.0, 104.0, true, 18.390_187_038_705_548),
    // Customers who are nearly alike.
    (900.0, 1800.0, 0.8, 2.4, 5, 20.0, 52.0, true, 13.815_237_319_499_033),
    (900.0, 90.0, 0.8, 2.4, 300, 20.0, 156.0, true, 696.273_086_899_583),
    (7.5, 4.4, 0.6, 0.5, 1, 20.0, 39.0, false, 5.647_333_872_538_65),
    // a close to 1, very large and very small.
    (0.25, 4.4, 1.000_000_001, 2.4, 3, 20.0, 39.0, true, 3.716_077_020_925_416_4),
    (0.25, 4.4, 40_000.0, 90_000.0, 3, 20.0, 39.0, true, 2.364_286_871_797_783),
    (0.25, 4.4, 0.0001, 900.0, 3, 20.0, 39.0, false, 5.194_670_183_252_989),
];

fn case((r, alpha, a, b, repeats, age, weeks, modified, expected): Case) -> (Alive, Parameters, f64, f64) {
    let repeats = f64::from(repeats);
    let survived = b + repeats + if modified { 1.0 } else { 0.0 };
    (Alive { events: r + repeats, survived, exposure: alpha + age }, Parameters { r, alpha, a, b }, weeks, expected)
}

#[test]
fn expected_orders_are_those_of_40_digits() {
    for given in CASES {
        let (alive, parameters, weeks, expected) = case(given);
        let [found] = expected_orders(&alive, parameters, [weeks]);
        assert!((found / expected - 1.0).abs() < 1e-9, "{given:?}: {found}");
    }
}

#[test]
fn both_forms_of_the_series_agree() {
    for given in CASES.into_iter().take(6) {
        let (alive, parameters, weeks, _) = case(given);
        let [one] = transformed(&alive, parameters, [weeks]);
        let other = scaled(&alive, parameters, weeks);
        assert!((one / other - 1.0).abs() < 1e-9, "{given:?}: {one} and {other}");
    }
}

#[test]
fn several_times_are_as_good_as_one_each() {
    for given in CASES {
        let (alive, parameters, weeks, _) = case(given);
        let times = [1.0, weeks / 10.0, weeks, 3.0 * weeks];
        let together = expected_orders(&alive, parameters, times);
        for (time, found) in times.into_iter().zip(together) {
            let [alone] = expected_orders(&alive, parameters, [time]);
            assert!((found / alone - 1.0).abs() < 1e-12, "{given:?} {time}: {found} and {alone}");
        }
        assert!(together.is_sorted(), "{together:?}");
    }
}

#[test]
fn no_time_brings_no_orders() {
    for given in CASES {
        let (alive, parameters, _, _) = case(given);
        let none = expected_orders(&alive, parameters, [0.0, -3.0, f64::NAN]);
        assert!(none.iter().all(|orders| orders.abs() < 1e-12), "{given:?}: {none:?}");
    }
}

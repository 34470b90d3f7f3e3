//! The numbers of an independent implementation (numpy and scipy, checked against `lifelines` and `lifetimes`).

use rekindle_insight::Estimate;
use serde_json::Value;
use std::path::PathBuf;

/// What must come out on the sample (`cdnow_sample`), with `vectors`. The file is in the repository.
pub(crate) fn sample() -> Value {
    serde_json::from_str(include_str!("expected_sample.json")).expect("JSON")
}

/// What must come out on all customers (`cdnow_master`), from the folder in `REKINDLE_CASES`.
pub(crate) fn master() -> Option<Value> {
    let text = std::fs::read_to_string(cases()?.join("insight/expected.json")).expect("expected.json");
    serde_json::from_str(&text).ok()
}

/// The folder with cases from outside. Without it, a test that needs one says that it was skipped.
pub(crate) fn cases() -> Option<PathBuf> {
    let cases = std::env::var_os("REKINDLE_CASES").map(PathBuf::from);
    if cases.is_none() {
        println!("skipped: REKINDLE_CASES names no folder");
    }
    cases
}

/// Asserts that a number is as near to the one expected as its tolerance says.
#[track_caller]
pub(crate) fn assert_near(found: f64, expected: &Value, tolerance: f64, what: &str) {
    let expected = expected.as_f64().unwrap_or_else(|| panic!("{what} is not expected"));
    assert!((found - expected).abs() <= tolerance, "{what}: {found} instead of {expected}");
}

/// Asserts that an estimate is shown, with the value expected and the ends `lo` and `hi` of `interval`.
#[track_caller]
pub(crate) fn assert_estimate(found: &Estimate, value: &Value, interval: &Value, tolerance: f64, what: &str) {
    let (found, lo, hi) = found.numbers().unwrap_or_else(|| panic!("{what} is not shown"));
    assert_near(found, value, tolerance, what);
    assert_near(lo, &interval["lo"], tolerance, &format!("{what}, the lower end"));
    assert_near(hi, &interval["hi"], tolerance, &format!("{what}, the upper end"));
}

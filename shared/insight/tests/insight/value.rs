//! The value of customers against their cost, and the season.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::season::{Season, SeasonReport};
use rekindle_insight::value::{LtvReport, Terms, ValueCurve};
use rekindle_insight::{Estimate, Language};
use serde_json::{Value, json};

fn ltv(customers: &[Customer], margin: f64, cac: f64) -> LtvReport {
    LtvReport::new(&summary_of(ValueCurve::new(history()), customers), &Terms { margin, cac, future: None })
}

fn assert_expected(customers: &[Customer], expected: &Value) {
    let ltv_cac = &expected["ltv_cac"];
    let report = ltv(customers, 0.3, 10.0);
    let curve = ltv_cac["curve"].as_array().expect("a curve");
    assert_eq!(report.curve.len(), curve.len());
    for (found, expected) in report.curve.iter().zip(curve) {
        assert_eq!(
            (json!(found.age_days), json!(found.customers)),
            (expected["age_days"].clone(), expected["customers"].clone())
        );
        assert_near(found.revenue.value.expect("shown"), &expected["revenue"], 1e-5, "revenue");
        assert_near(found.margin.value.expect("shown"), &expected["margin"], 1e-5, "margin");
        assert_near(found.se_margin, &expected["se_margin"], 1e-5, "its standard error");
    }
    assert_near(report.payback_age_days.value.expect("shown"), &ltv_cac["payback_age_days"], 0.0, "payback");
    assert_near(report.ltv_to_cac_at_last.value.expect("shown"), &ltv_cac["ltv_to_cac_at_last"], 1e-5, "LTV to CAC");

    let season = &expected["season"];
    let found = json!(SeasonReport::new(&summary_of(Season::new(history()), customers)));
    for key in ["occasions_by_weekday_mon_first", "occasions_by_month", "months", "index_shown"] {
        assert_eq!(found[key], season[key], "{key}");
    }
}

#[test]
fn the_sample_has_the_expected_value_and_season() {
    assert_expected(&sample(), &expected::sample()["cdnow_sample"]);
}

#[test]
fn all_customers_have_the_expected_value_and_season() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    assert_expected(&customers, &expected["cdnow_master"]);
}

#[test]
fn when_a_customer_has_paid_for_their_cost_is_said() {
    let customers = sample();
    let report = ltv(&customers, 0.3, 10.0);
    assert_eq!(
        report.sentence(Language::English),
        "A customer pays back their cost within 30 days, and has brought 3.0 times it after 450 days."
    );
    assert_eq!(report.meets_conventions(), Some(false), "2.98 is less than three");
    assert_eq!(ltv(&customers, 0.3, 9.0).meets_conventions(), Some(true));
    let dear = ltv(&customers, 0.3, 25.0);
    let (value, lo, hi) = dear.payback_age_days.numbers().expect("within the curve");
    assert!(lo < value && value < hi, "{lo} {value} {hi}");
    assert!(!ltv(&customers, 0.3, 1_000.0).payback_age_days.is_shown());
    assert!(!ltv(&customers, 0.3, 0.0).ltv_to_cac_at_last.is_shown());
    assert!(!ltv(&customers[..29], 0.3, 10.0).ltv_to_cac_at_last.is_shown());
}

#[test]
fn what_is_still_expected_is_added() {
    let terms = Terms { margin: 0.5, cac: 10.0, future: Some(Estimate::shown(20.0, 10.0, 40.0, 900)) };
    let report = LtvReport::new(&summary_of(ValueCurve::new(history()), &sample()), &terms);
    let (with, without) = (report.ltv_to_cac_with_forecast.expect("one"), report.ltv_to_cac_at_last);
    assert!((with.value.expect("shown") - without.value.expect("shown") - 1.0).abs() < 1e-9);
    assert!((with.hi.expect("shown") - without.hi.expect("shown") - 2.0).abs() < 1e-9);
    assert_eq!(with.n, 900);
}

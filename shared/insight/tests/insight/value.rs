//! The value of customers against their cost, and the season.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::season::{Season, SeasonReport};
use rekindle_insight::value::{LtvReport, Terms, ValueCurve};
use rekindle_insight::{Buyer, Day, Estimate, History, Language, Occasion, Summary};
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

#[test]
fn the_curve_ends_where_the_customers_become_others() {
    let day = |day| Day::from_number(10_000 + day);
    let mut summary = ValueCurve::new(History::from_the_beginning(day(119)));
    let mut add = |customers: std::ops::Range<i32>, first: i32| {
        for place in customers {
            let order = |at, value| Occasion { day: day(first + at), value, lines: 1 };
            let hash = Buyer::hash_of("shop", &place.to_string());
            summary.add(&Buyer::new(hash, [order(0, 1_000), order(29, 100), order(30, 50), order(31, 50)]));
        }
    };
    // 120, 90 and 60 days are known of 100 customers in all; 79 of the 99 who are known for 60 days are known for 90.
    add(0..79, 30);
    add(79..99, 60);
    add(99..100, 90);
    let report = LtvReport::new(&summary, &Terms { margin: 0.5, cac: 5.6, future: None });
    let ages: Vec<_> = report.curve.iter().map(|age| (age.age_days, age.customers, age.revenue.value)).collect();
    assert_eq!(ages, [(30, 100, Some(11.0)), (60, 99, Some(12.0))]);
    assert_eq!(report.payback_age_days.numbers(), Some((60.0, 60.0, 60.0)));
    assert_eq!(summary.first_orders_in(day(60).month()), 20);
    assert_eq!(summary.first_orders_in(day(600).month()), 0);
}

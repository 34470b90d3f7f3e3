//! The honeymoon.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::Language;
use rekindle_insight::honeymoon::{Honeymoon, HoneymoonReport, Verdict};
use serde_json::Value;

fn report(customers: &[Customer]) -> HoneymoonReport {
    HoneymoonReport::new(&summary_of(Honeymoon::new(history()), customers))
}

fn assert_expected(report: &HoneymoonReport, expected: &Value) {
    let found = serde_json::to_value(report).expect("JSON");
    for key in [
        "burn_in_days",
        "early_weeks",
        "late_days",
        "eligible",
        "loyal",
        "weekly_occasions",
        "tau_weeks_mle",
        "posterior_weeks",
        "seen",
    ] {
        assert_eq!(found[key], expected[key], "{key}");
    }
    for key in ["phi", "lr", "early_rate_per_week", "later_rate_per_week", "ratio"] {
        let tolerance = 1e-6 * expected[key].as_f64().expect("a number");
        assert_near(found[key].as_f64().expect("a number"), &expected[key], tolerance, key);
    }
    let median = f64::from(u32::try_from(report.posterior_weeks.median).expect("weeks"));
    assert_near(7.0 * median, &expected["honeymoon_days"], 0.0, "days");
}

#[test]
fn in_the_sample_it_is_seen_but_its_length_is_uncertain() {
    let report = report(&sample());
    assert_expected(&report, &expected::sample()["cdnow_sample"]["honeymoon"]);
    assert_eq!(report.verdict, Verdict::LengthUncertain);
    assert!(!report.honeymoon_days.is_shown());
    assert_eq!(
        report.sentence(Language::English),
        "Customers who stay order 1.7 times as often in the beginning. How long that lasts is uncertain: between 2 and 9 weeks."
    );
}

#[test]
fn in_all_customers_it_lasts_six_weeks() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    let report = report(&customers);
    assert_expected(&report, &expected["cdnow_master"]["honeymoon"]);
    assert_eq!(report.honeymoon_days.numbers(), Some((42.0, 42.0, 49.0)));
    assert_eq!(
        report.sentence(Language::English),
        "Customers who stay order 1.4 times as often in their first 6 weeks (6–7). After that the honeymoon is over."
    );
    assert_eq!(
        report.sentence(Language::Russian),
        "Те, кто остаётся, заказывают в 1,4 раза чаще в первые 6 недель (6–7). Потом медовый месяц заканчивается."
    );
}

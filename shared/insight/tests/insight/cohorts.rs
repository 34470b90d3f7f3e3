//! Cohorts.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::cohorts::{Cohorts, CohortsReport};
use rekindle_insight::{Day, History, Language};
use serde_json::{Value, json};

fn report(customers: &[Customer]) -> CohortsReport {
    CohortsReport::new(&summary_of(Cohorts::new(history()), customers))
}

fn assert_expected(report: &CohortsReport, expected: &Value) {
    assert_eq!(report.cohorts.len(), expected.as_object().expect("cohorts").len());
    for (month, cohort) in &report.cohorts {
        let expected = &expected[month.to_string()];
        assert_eq!(
            (json!(cohort.customers), json!(cohort.active)),
            (expected["customers"].clone(), expected["active"].clone())
        );
        for (months, found) in cohort.revenue_per_customer_cum.iter().enumerate() {
            let (value, lo, hi) = found.numbers().expect("shown");
            assert_near(value, &expected["revenue_per_customer_cum"][months], 1e-5, "value");
            assert!(lo < value && value < hi);
        }
        assert_eq!(cohort.share[0].value, Some(1.0));
    }
}

#[test]
fn the_sample_has_the_expected_cohorts() {
    let report = report(&sample());
    assert_expected(&report, &expected::sample()["cdnow_sample"]["cohorts"]);
    assert_eq!(
        report.sentence(Language::English).replace('\u{a0}', " "),
        "14.6 % (13.3–16.1) of new customers order again in the month after their first."
    );
}

#[test]
fn all_customers_have_the_expected_cohorts() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    assert_expected(&report(&customers), &expected["cdnow_master"]["cohorts"]);
}

#[test]
fn a_month_that_is_not_over_has_no_cell_and_one_within_burn_in_no_number() {
    let customers = sample();
    let history = History::complete_from(Day::from_number(9_862), history().through.plus(-1));
    let report = CohortsReport::new(&summary_of(Cohorts::new(history), &customers));
    let january = report.cohorts.values().next().expect("January 1997");
    assert_eq!((january.customers, january.active.len()), (781, 17));
    assert!(january.share.iter().chain(&january.revenue_per_customer_cum).all(|estimate| !estimate.is_shown()));
}

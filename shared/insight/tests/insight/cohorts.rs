//! Cohorts.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::cohorts::{Cohorts, CohortsReport};
use rekindle_insight::{Buyer, Day, History, Language, Occasion, Summary};
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

#[test]
fn the_latest_36_months_are_kept_and_values_stay_with_their_month() {
    let day = |day| Day::from_number(10_000 + day);
    let month = |place: i32| day(0).month().plus(place);
    let history = History::from_the_beginning(month(39).last_day());
    let mut summary = Cohorts::new(history);
    for place in 0..40 {
        for customer in 0..30 {
            let order = |months, value| Occasion {
                day: month(place + months).first_day().plus(customer % 28),
                value,
                lines: 1,
            };
            let hash = Buyer::hash_of("shop", &format!("{place} {customer}"));
            // A second order two months later, and a refund of half of it the month after.
            summary.add(&Buyer::new(hash, [order(0, 1_000), order(2, 800), order(3, -400)]));
        }
    }
    let report = CohortsReport::new(&summary);
    assert_eq!((report.cohorts.len(), report.cohorts.keys().next().copied()), (36, Some(month(4))));
    let first = &report.cohorts[&month(4)];
    assert_eq!(first.active[..5], [30, 0, 30, 30, 0]);
    let values: Vec<f64> = first.revenue_per_customer_cum.iter().take(5).filter_map(|value| value.value).collect();
    assert_eq!(values, [10.0, 10.0, 18.0, 14.0, 14.0]);
    assert_eq!((first.active.len(), report.cohorts[&month(39)].active.len()), (36, 1));
}

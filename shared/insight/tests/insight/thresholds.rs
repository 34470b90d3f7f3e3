//! Learned thresholds.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::thresholds::{CLASSES, Class, Direction, Threshold, Thresholds, ThresholdsReport, propose};
use rekindle_insight::{Estimate, Language};
use serde_json::Value;

fn summary(customers: &[Customer]) -> Thresholds {
    summary_of(Thresholds::new(history()), customers)
}

/// A bootstrap's ends: within one and a half of its standard error.
#[track_caller]
fn assert_interval(found: &Estimate, interval: &Value, se: &Value) {
    let (_, lo, hi) = found.numbers().expect("shown");
    let tolerance = 1.5 * se.as_f64().expect("a number");
    assert_near(lo, &interval[0], tolerance, "the lower end");
    assert_near(hi, &interval[1], tolerance, "the upper end");
}

fn assert_expected(customers: &[Customer], expected: &Value) {
    let report = ThresholdsReport::new(&summary(customers));
    for (class, name) in CLASSES.into_iter().zip(["first", "second", "regular"]) {
        let (found, intervals, expected) =
            (report.of(class), &expected["thresholds_interval_95"][name], &expected["thresholds"][name]);
        assert_eq!(found.horizon.map(u64::from), expected["horizon"].as_u64(), "{name}");
        assert_eq!(
            (found.n_gaps, found.n_cust),
            (expected["n_gaps"].as_u64().expect("n"), expected["n_cust"].as_u64().expect("n")),
            "{name}"
        );
        assert_near(found.q80.value.expect("shown"), &expected["q80"], 0.0, name);
        assert_near(found.q95.value.expect("shown"), &expected["q95"], 0.0, name);
        assert_near(found.returned_within_horizon.value.expect("shown"), &expected["returned_within_G"], 1e-6, name);
        assert_interval(&found.q80, &intervals["q80"], &intervals["se"][0]);
        assert_interval(&found.q95, &intervals["q95"], &intervals["se"][1]);
        assert_eq!(found.events, expected["events"], "{name}");
    }
}

#[test]
fn the_sample_has_the_expected_thresholds() {
    assert_expected(&sample(), &expected::sample()["cdnow_sample"]);
}

#[test]
fn all_customers_have_the_expected_thresholds() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    assert_expected(&customers, &expected["cdnow_master"]);
}

#[test]
fn what_was_learned_ninety_days_ago_is_compared_with_what_happened() {
    let report = ThresholdsReport::new(&summary(&sample()));
    let found = report.regular.back_test.expect("enough gaps were known");
    let share = |estimate: Estimate| (estimate.value.expect("shown") * 1_000.0).round() / 10.0;
    assert_eq!((share(found.ordered), share(found.flagged)), (14.5, 33.4));
}

#[test]
fn a_threshold_that_is_far_off_is_proposed_with_its_interval() {
    let summary = summary(&sample());
    let proposal = propose(&summary, Class::First, Threshold::Inactive, 90).expect("far from 166");
    assert_eq!((proposal.old, proposal.n), (90, 1_139));
    assert!(
        (160..166).contains(&proposal.new) && proposal.lo < proposal.new && proposal.new < proposal.hi,
        "{proposal:?}"
    );
    assert_eq!(proposal.direction(), Direction::Up);
    assert_eq!(
        proposal.sentence(Language::English),
        "Customers who ordered once would be inactive after 164 days (148–182) instead of 90: learned from 1,139 returns."
    );
    assert!(
        proposal
            .sentence(Language::Russian)
            .starts_with("Покупателей с одним заказом предлагается считать неактивными через 164 дн.")
    );
    let lower = propose(&summary, Class::Regular, Threshold::Lapsed, 500).expect("far from 306");
    assert_eq!((lower.direction(), lower.threshold, lower.class), (Direction::Down, Threshold::Lapsed, Class::Regular));
    assert_eq!(propose(&summary, Class::First, Threshold::Inactive, 150), None, "less than 15 % off");
    assert_eq!(propose(&summary, Class::Regular, Threshold::Lapsed, 290), None);
    assert_eq!(propose(&summary, Class::Regular, Threshold::Lapsed, 0), None);
}

#[test]
fn few_customers_give_no_proposal() {
    let customers = sample();
    assert_eq!(propose(&summary(&customers[..40]), Class::Second, Threshold::Inactive, 20), None);
    assert_eq!(propose(&summary(&[]), Class::First, Threshold::Inactive, 20), None);
}

#[test]
fn they_are_said_in_sentences() {
    let report = ThresholdsReport::new(&summary(&sample()));
    let sentences = report.sentences(Language::English).join("\n").replace('\u{a0}', " ");
    assert_eq!(
        sentences,
        "Of those who return within a year after their first order, 80 % do so within 166 days (149–184).\n\
         Of those who return within a year after their second order, 80 % do so within 167 days (156–179).\n\
         Of regular customers who return within a year, 80 % do so within 159 days (147–172)."
    );
    assert_eq!(report.sentences(Language::Russian).len(), 3);
}

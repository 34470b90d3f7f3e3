//! Second orders.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_estimate, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::Language;
use rekindle_insight::second_order::{SecondOrder, SecondOrderReport};
use serde_json::Value;

fn report(customers: &[Customer]) -> SecondOrderReport {
    SecondOrderReport::new(&summary_of(SecondOrder::new(history()), customers))
}

fn assert_expected(report: &SecondOrderReport, expected: &Value) {
    assert_eq!(report.customers, expected["customers"]);
    assert_eq!(report.second_orders, expected["second_orders"]);
    assert_eq!(report.first_day_from.expect("a day").to_string(), expected["first_day_from"]);
    assert_eq!(report.first_day_to.expect("a day").to_string(), expected["first_day_to"]);
    for (days, within) in &report.shares {
        let expected = &expected["shares"][days.to_string()];
        assert_estimate(&within.share, &expected["share"], expected, 1e-7, &format!("{days} days"));
        assert_near(within.se.expect("shown"), &expected["se"], 1e-7, "the standard error");
        assert_near(within.at_risk, &expected["at_risk"], 0.0, "at risk");
    }
    assert_eq!(report.horizon_days, expected["horizon_days"].as_u64().and_then(|days| u32::try_from(days).ok()));
    assert_near(
        report.share_within_horizon.value.expect("shown"),
        &expected["share_within_horizon"],
        1e-7,
        "the horizon",
    );
    assert_eq!(serde_json::to_value(&report.quartiles_of_all).expect("JSON"), expected["quartiles_of_all"]);
    let days = &expected["days_by_which_share_of_those_returning_within_horizon"];
    let found = &report.days_by_which_share_of_those_returning_within_horizon;
    for (key, found) in [("q25", found.q25), ("q50", found.q50), ("q80", found.q80), ("q90", found.q90)] {
        assert_near(found.value.expect("shown"), &days[key], 0.0, key);
    }
    let mature = &expected["mature_90"];
    assert_estimate(&report.mature_90.share, &mature["share"], mature, 1e-7, "within 90 days");
    assert_eq!(
        (report.mature_90.share.n, report.mature_90.returned),
        (mature["n"].as_u64().expect("n"), mature["returned"].as_u64().expect("n"))
    );
    for (step, found) in &report.ladder {
        let expected = &expected["ladder"][step.to_string()];
        assert_eq!(
            (found.customers, found.horizon.map(u64::from)),
            (expected["customers"].as_u64().expect("n"), expected["horizon"].as_u64())
        );
        assert_eq!(found.went_on, expected["went_on"]);
        assert_near(
            found.share_within_horizon.value.expect("shown"),
            &expected["share_within_horizon"],
            1e-7,
            "a step",
        );
    }
}

#[test]
fn the_sample_comes_back_as_expected() {
    assert_expected(&report(&sample()), &expected::sample()["cdnow_sample"]["second_order"]);
}

#[test]
fn all_customers_come_back_as_expected() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    assert_expected(&report(&customers), &expected["cdnow_master"]["second_order"]);
}

#[test]
fn it_is_said_in_a_sentence() {
    let report = report(&sample());
    assert_eq!(
        report.sentence(Language::English).replace('\u{a0}', " "),
        "17.4 % (15.9–19.0) of first-time buyers are back within 30 days; half of those who come back within a year do so within 50 days."
    );
    assert_eq!(
        report.sentence(Language::Russian).replace('\u{a0}', " "),
        "17,4 % (15,9–19,0) новых покупателей возвращаются в течение 30 дней; половина тех, кто возвращается в течение года, делает это в течение 50 дней."
    );
    assert_eq!(
        report.ladder_sentence(Language::English).expect("one").replace('\u{a0}', " "),
        "The hard step is the one to order 2: 45.6 % take it."
    );
}

//! Second orders.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_estimate, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::second_order::{SecondOrder, SecondOrderReport};
use rekindle_insight::{Buyer, Day, History, Language, Occasion, Summary};
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
    for (key, found) in &report.quartiles_of_all {
        assert_eq!(found.value, expected["quartiles_of_all"][key].as_f64(), "{key}");
    }
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

/// A customer with orders on these days.
fn buyer(place: usize, days: &[i32]) -> Buyer {
    let order = |day: &i32| Occasion { day: Day::from_number(10_000 + day), value: 100, lines: 1 };
    Buyer::new(Buyer::hash_of("shop", &place.to_string()), days.iter().map(order))
}

#[test]
fn customers_before_and_after_a_change_are_told_apart_and_months_too() {
    let through = Day::from_number(10_000 + 200);
    let history = History::from_the_beginning(through);
    // Half of the first 60 come back after a week, all of the next 60 do; the last one comes when it is over.
    let customers: Vec<Buyer> = (0..120)
        .map(|place| {
            let first = i32::try_from(place).expect("small") / 2;
            if place < 60 && place % 2 == 0 { buyer(place, &[first]) } else { buyer(place, &[first, first + 7]) }
        })
        .chain([buyer(120, &[201])])
        .collect();
    let report = |mut summary: SecondOrder| {
        customers.iter().for_each(|customer| summary.add(customer));
        SecondOrderReport::new(&summary)
    };
    let change = Day::from_number(10_000 + 30);
    let share = |report: &SecondOrderReport| report.shares[&7].share.value;
    let before = report(SecondOrder::of_first_days(history, Day::from_number(0), change.plus(-1)));
    let after = report(SecondOrder::of_first_days(history, change, through));
    let all = report(SecondOrder::new(history));
    assert_eq!((before.customers, after.customers, all.customers), (60, 60, 120));
    assert_eq!((share(&before), share(&after), share(&all)), (Some(0.5), Some(1.0), Some(0.75)));
    assert_eq!((before.first_day_to, after.first_day_from), (Some(change.plus(-1)), Some(change)));
    let months: Vec<(String, u64, u64)> =
        all.months.iter().map(|(month, of)| (month.to_string(), of.customers, of.second_orders)).collect();
    // Day 10,000 is 1997-05-19.
    assert_eq!(
        months,
        [("1997-05".to_owned(), 26, 13), ("1997-06".to_owned(), 60, 43), ("1997-07".to_owned(), 34, 34)]
    );
    assert!(!all.months.values().next().expect("May").shares[&7].share.is_shown(), "26 are too few");
    assert_eq!(all.mature_90.share.n, 120);
}

#[test]
fn half_of_all_are_back_by_a_day_with_its_interval() {
    let history = History::from_the_beginning(Day::from_number(10_000 + 300));
    let mut summary = SecondOrder::new(history);
    (0..400).for_each(|place| summary.add(&buyer(place, &[0, 1 + i32::try_from(place / 4).expect("small")])));
    let report = SecondOrderReport::new(&summary);
    let (day, lo, hi) = report.quartiles_of_all["p50"].numbers().expect("reached");
    assert!(day == 50.0 && (44.0..47.0).contains(&lo) && (54.0..57.0).contains(&hi), "{lo} {hi}");
    assert_eq!(report.ladder[&2].customers, 400);
    assert_eq!(
        report.ladder_sentence(Language::English).expect("one").replace('\u{a0}', " "),
        "The hard step is the one to order 3: 0.0 % take it."
    );
}

#[test]
fn months_longer_ago_than_three_years_have_no_curve_of_their_own() {
    let mut summary = SecondOrder::new(History::from_the_beginning(Day::from_number(10_000 + 1_200)));
    (0..1_200).for_each(|place| summary.add(&buyer(place, &[i32::try_from(place).expect("small")])));
    assert_eq!(SecondOrderReport::new(&summary).months.len(), 36);
}

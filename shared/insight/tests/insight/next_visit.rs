//! The next visit.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::{assert_merges, summary_of};
use proptest::prelude::*;
use rekindle_insight::next_visit::{
    GapPrior, NextVisit, NextVisitForecast, NextVisitReport, OwnGaps, Rhythms, VisitGroup,
};
use rekindle_insight::{Because, Buyer, Day, Estimate, History, Language, Needs, Occasion, Shown, Summary};
use serde_json::Value;

fn report(customers: &[Customer]) -> NextVisitReport {
    NextVisitReport::new(&summary_of(NextVisit::new(history()), customers))
}

#[track_caller]
fn assert_within(found: Estimate, expected: &Value, relative: f64, what: &str) {
    let (value, lo, hi) = found.numbers().unwrap_or_else(|| panic!("{what} is not shown"));
    assert_near(value, expected, relative * value.abs(), what);
    assert!(lo <= value && value <= hi, "{what}: {value} is outside {lo} to {hi}");
}

fn assert_group(found: &VisitGroup, expected: &Value) {
    assert_eq!(found.visits, expected["visits"]);
    if expected.get("hit20_shrunk_median").is_none() {
        assert!(!found.hit20_shrunk_median.is_shown());
        return;
    }
    assert_eq!(
        (found.censored, found.customers),
        (expected["censored"].as_u64().expect("n"), expected["customers"].as_u64().expect("n"))
    );
    for (key, share) in [
        ("hit20_own_mean_gap", found.hit20_own_mean_gap),
        ("hit20_shrunk_median", found.hit20_shrunk_median),
        ("cover_80", found.cover_80),
        ("within_3_days", found.within_3_days),
        ("within_7_days", found.within_7_days),
    ] {
        assert_within(share, &expected[key], 1e-6, key);
    }
}

fn assert_expected(found: &NextVisitReport, expected: &Value) {
    let prior = &expected["gap_prior"];
    assert_eq!(
        (found.gap_prior.gaps, found.gap_prior.customers),
        (prior["gaps"].as_u64().expect("n"), prior["customers"].as_u64().expect("n"))
    );
    for (key, estimate) in [
        ("mu", found.gap_prior.mu),
        ("var_within", found.gap_prior.var_within),
        ("var_between", found.gap_prior.var_between),
        ("k0", found.gap_prior.k0),
    ] {
        assert_within(estimate, &prior[key], 1e-6, key);
    }
    let expected = &expected["next_visit"];
    assert_eq!(found.test.split_day.expect("a day").to_string(), expected["split_day"]);
    assert_eq!(found.prior.train_gaps, expected["prior"]["train_gaps"]);
    assert_eq!(found.prior.train_customers, expected["prior"]["train_customers"]);
    for (key, estimate) in [
        ("mu", found.prior.mu),
        ("var_within", found.prior.var_within),
        ("var_between", found.prior.var_between),
        ("k0", found.prior.k0),
    ] {
        assert_within(estimate, &expected["prior"][key], 1e-6, key);
    }
    let groups = &expected["groups"];
    assert_group(&found.test.groups.at_least_1_gap, &groups["at_least_1_gap"]);
    assert_group(&found.test.groups.at_least_3_gaps, &groups["at_least_3_gaps"]);
    assert_group(&found.test.groups.regular, &groups["regular_5_gaps_sd_log_below_0.35"]);
    assert_near(
        found.test.hit20_if_gaps_were_exponential,
        &expected["hit20_if_gaps_were_exponential"],
        1e-8,
        "by chance",
    );
}

#[test]
fn the_samples_visits_are_foretold_as_expected() {
    let found = report(&sample());
    assert_expected(&found, &expected::sample()["cdnow_sample"]);
    assert_eq!(
        found.sentence(Language::English),
        "Customers with a regular rhythm: 4. Too few of their visits could be predicted so far to say how well that works."
    );
}

#[test]
fn all_customers_visits_are_foretold_as_expected() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    let found = report(&customers);
    assert_expected(&found, &expected["cdnow_master"]);
    assert!(!found.better_than_chance, "17 of 100 may be chance");
    assert_eq!(
        found.sentence(Language::English),
        "For 16 customers we know the rhythm: 17 of 100 predictions were within 20\u{a0}%, no more than by chance (15). For the \
         others there is none."
    );
    assert_eq!(
        found.sentence(Language::Russian),
        "Ритм известен для 16 покупателей: 17 из 100 прогнозов сбылись с точностью до 20\u{a0}%, не больше, чем случайно (15). У \
         остальных ритма нет."
    );
}

#[test]
fn a_customers_mean_is_drawn_towards_the_shops() {
    let vector = &expected::sample()["vectors"]["shrunk_gap"];
    let number = |key: &str| vector[key].as_f64().expect("a number");
    let prior = GapPrior { mu: number("mu"), var_within: number("var_within"), var_between: number("var_between") };
    assert_eq!(prior.gaps_of_prior(), Some(number("k0")));
    let gaps = vector["gaps"].as_array().expect("gaps").iter().filter_map(Value::as_u64);
    let predicted = prior.predict(&OwnGaps::new(gaps.map(|gap| u32::try_from(gap).expect("small"))));
    assert_near(predicted.log_mean, &vector["log_mean"], 1e-8, "log_mean");
    assert_near(predicted.median(), &vector["median_days"], 1e-7, "median");
    assert_near(predicted.variance, &vector["predictive_var"], 1e-12, "variance");
    assert_near(predicted.interval_80().0, &vector["interval_80"][0], 1e-6, "lower end");
    assert_near(predicted.interval_80().1, &vector["interval_80"][1], 1e-6, "upper end");
}

const RHYTHMS: Rhythms = Rhythms {
    prior: GapPrior { mu: 3.4, var_within: 0.1, var_between: 0.5 },
    regular_hit_rate: Some(0.4),
    better_than_chance: true,
};

#[test]
fn a_date_is_given_only_if_the_rhythm_is_regular() {
    let regular = OwnGaps::new([28, 30, 31, 29, 30]);
    let NextVisitForecast::Date { days, window, remind_after, hit_rate } = RHYTHMS.forecast(&regular, 3) else {
        panic!("no date")
    };
    assert!((29.0..31.0).contains(&days) && window.0 < days && days < window.1, "{days} {window:?}");
    assert!(remind_after.is_some_and(|day| day > window.0 && day < days));
    assert_eq!(hit_rate, 0.4);
    for irregular in [OwnGaps::new([28, 30, 31, 29]), OwnGaps::new([2, 90, 7, 30, 11])] {
        assert!(matches!(RHYTHMS.forecast(&irregular, 3), NextVisitForecast::Window { .. }));
    }
    let unchecked = Rhythms { regular_hit_rate: None, ..RHYTHMS };
    assert!(matches!(unchecked.forecast(&regular, 3), NextVisitForecast::Window { .. }), "nobody could be checked");
    assert_eq!(RHYTHMS.forecast(&OwnGaps::default(), 3), NextVisitForecast::Nothing);
}

#[test]
fn nobody_is_reminded_by_a_rhythm_that_may_be_chance() {
    let rhythms = Rhythms { better_than_chance: false, ..RHYTHMS };
    let forecast = rhythms.forecast(&OwnGaps::new([28, 30, 31, 29, 30]), 3);
    assert!(matches!(forecast, NextVisitForecast::Date { remind_after: None, .. }), "{forecast:?}");
}

#[test]
fn no_visit_is_expected_before_today() {
    let regular = OwnGaps::new([28, 30, 31, 29, 30]);
    for silence in 0..60 {
        let NextVisitForecast::Date { days, window, remind_after, .. } = RHYTHMS.forecast(&regular, silence) else {
            continue;
        };
        let silence = f64::from(silence);
        assert!(window.0 >= silence && days >= window.0 && window.1 >= days, "{silence}: {days} {window:?}");
        assert!(remind_after.is_none_or(|day| day > silence));
    }
    assert_eq!(RHYTHMS.forecast(&regular, 200), NextVisitForecast::Nothing, "the rhythm is given up");
}

#[test]
fn gaps_without_any_variance_are_foretold_exactly() {
    let prior = GapPrior { mu: 30.0_f64.ln(), var_within: 0.0, var_between: 0.0 };
    let rhythms = Rhythms { prior, regular_hit_rate: Some(1.0), better_than_chance: true };
    let own = OwnGaps::new([30; 6]);
    assert_eq!(prior.gaps_of_prior(), None);
    let NextVisitForecast::Date { days, window, .. } = rhythms.forecast(&own, 10) else { panic!("no date") };
    assert!((days - 30.0).abs() < 1e-9 && (window.1 - window.0).abs() < 1e-9, "{days} {window:?}");
    assert_eq!(rhythms.forecast(&own, 31), NextVisitForecast::Nothing);
}

fn order(day: i32) -> Occasion {
    Occasion { day: Day::from_number(day), value: 500, lines: 1 }
}

fn report_of(buyers: &[Buyer], through: i32) -> NextVisitReport {
    let mut summary = NextVisit::new(History::from_the_beginning(Day::from_number(through)));
    buyers.iter().for_each(|buyer| summary.add(buyer));
    NextVisitReport::new(&summary)
}

fn assert_no_nonsense(report: &NextVisitReport) {
    let json = serde_json::to_value(report).expect("JSON");
    let prior = serde_json::to_value(report.gap_prior).expect("JSON");
    let shares = json["groups"].as_object().expect("groups").values().chain([&prior, &json["prior"]]);
    for estimate in shares.filter_map(Value::as_object).flat_map(|group| group.values()) {
        let is_shown = estimate.get("shown").is_none_or(|shown| shown == "yes");
        assert!(!is_shown || estimate.get("value").is_none_or(Value::is_number), "{estimate}");
    }
    for language in [Language::English, Language::Russian] {
        let sentence = report.sentence(language);
        assert!(!sentence.is_empty() && !sentence.contains("NaN"), "{sentence}");
    }
}

#[test]
fn a_handful_of_customers_has_no_rhythm() {
    for customers in [0, 1, 3] {
        let buyers: Vec<Buyer> = (0..customers).map(|hash| Buyer::new(hash, [10, 20, 33].map(order))).collect();
        let report = report_of(&buyers, 900);
        assert_eq!(
            report.gap_prior.mu.shown,
            Shown::NotYet { because: Because::TooFewReturned, needs: Needs::Returned(30 - customers) }
        );
        assert_eq!(report.rhythms, None);
        assert_no_nonsense(&report);
    }
}

#[test]
fn a_single_day_has_no_gaps_and_one_gap_each_no_scatter() {
    let one_day: Vec<Buyer> = (0..500).map(|hash| Buyer::new(hash, [order(10)])).collect();
    assert_no_nonsense(&report_of(&one_day, 10));
    let one_gap: Vec<Buyer> = (0..500).map(|hash| Buyer::new(hash, [order(10), order(40)])).collect();
    let report = report_of(&one_gap, 900);
    assert!(!report.gap_prior.mu.is_shown() && report.rhythms.is_none());
    assert_no_nonsense(&report);
}

#[test]
fn customers_who_all_come_every_30_days_are_foretold() {
    let buyers: Vec<Buyer> = (0..100)
        .map(|hash: u64| {
            let first = i32::try_from(hash % 30).expect("small");
            Buyer::new(hash, (0..20).map(|visit| order(first + visit * 30)))
        })
        .collect();
    let report = report_of(&buyers, 620);
    assert_eq!(report.gap_prior.var_within.value, Some(0.0));
    assert!(!report.gap_prior.k0.is_shown(), "nothing varies");
    assert_eq!(report.test.groups.regular.hit20_shrunk_median.value, Some(1.0));
    assert!(report.better_than_chance);
    assert_eq!(report.regular_customers, 100);
    assert_eq!(
        report.sentence(Language::English),
        "For 100 customers we know the rhythm: 100 of 100 predictions were within 20\u{a0}%. For the others there is none."
    );
    assert_no_nonsense(&report);
}

#[test]
fn one_customer_with_ten_thousand_orders_is_one_customer() {
    let mut buyers: Vec<Buyer> = (0..200)
        .map(|hash: u64| {
            let gap = 5 + i32::try_from(hash % 60).expect("small");
            Buyer::new(hash, (0..4).map(|visit| order(100 + visit * gap + visit * visit)))
        })
        .collect();
    let without = report_of(&buyers, 10_200);
    buyers.push(Buyer::new(777, (0..10_000).map(|day| order(day + 100))));
    let report = report_of(&buyers, 10_200);
    assert_eq!(report.gap_prior.customers, without.gap_prior.customers + 1);
    assert_no_nonsense(&report);
}

proptest! {
    #[test]
    fn any_order_and_split_gives_the_same_bytes(
        customers in proptest::collection::vec((any::<u64>(), proptest::collection::vec(0..800_i32, 0..12)), 0..60),
        cuts in proptest::collection::vec(0_usize..60, 0..3),
    ) {
        let orders = |days: Vec<i32>| days.into_iter().map(order).collect::<Vec<_>>();
        let buyers: Vec<Buyer> = customers.into_iter().map(|(hash, days)| Buyer::new(hash, orders(days))).collect();
        assert_merges(&NextVisit::new(History::from_the_beginning(Day::from_number(700))), &buyers, &cuts);
        assert_no_nonsense(&report_of(&buyers, 900));
    }
}

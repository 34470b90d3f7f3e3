//! The honeymoon.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::Language;
use rekindle_insight::honeymoon::{Honeymoon, HoneymoonReport, Step, Verdict, find_step};
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
    let median = f64::from(u32::try_from(report.fall.expect("enough").posterior_weeks.median).expect("weeks"));
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
        "Customers who stay order 1.7 times as often in the beginning as later. How long that lasts is uncertain: between 2 and 9 weeks."
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
        "Customers who stay order 1.4 times as often in their first 6 weeks (6–7) as later. After that the honeymoon is over."
    );
    assert_eq!(
        report.sentence(Language::Russian),
        "Те, кто остаётся, заказывают в 1,4 раза чаще в первые 6 недель (6–7), чем потом. Дальше медовый месяц заканчивается."
    );
}

/// The weekly orders, in the first 26 weeks after the day of the first, of the customers whom the report calls loyal.
fn weekly_counts(customers: &[Customer]) -> Vec<[u64; 26]> {
    let counts = customers.iter().map(|customer| {
        let first = customer.buyer.occasions()[0].day;
        let (mut weeks, mut late) = ([0; 26], 0);
        for occasion in &customer.buyer.occasions()[1..] {
            match (occasion.day.since(first) - 1) / 7 {
                week @ 0..26 => weeks[week as usize] += 1,
                26..52 => late += 1,
                _ => {}
            }
        }
        (weeks, late)
    });
    counts.filter(|(_, late)| *late >= 2).map(|(weeks, _)| weeks).collect()
}

/// Finds the step in these customers' weeks, with their overdispersion.
fn step(counts: &[[u64; 26]]) -> Step {
    let n = counts.len() as f64;
    let (mut variances, mut means) = (0.0, 0.0);
    for week in 0..26 {
        let mean = counts.iter().map(|weeks| weeks[week] as f64).sum::<f64>() / n;
        variances += counts.iter().map(|weeks| (weeks[week] as f64 - mean).powi(2)).sum::<f64>() / (n - 1.0);
        means += mean;
    }
    let weekly: Vec<u64> = (0..26).map(|week| counts.iter().map(|weeks| weeks[week]).sum()).collect();
    find_step(&weekly, (variances / means).max(1.0))
}

#[test]
fn shuffled_weeks_have_no_honeymoon() {
    let Some(customers) = master() else { return };
    let mut random = fastrand::Rng::with_seed(1);
    let mut counts = weekly_counts(&customers);
    assert_eq!(counts.len(), 3_012);
    let seen = (0..300).filter(|_| {
        counts.iter_mut().for_each(|weeks| random.shuffle(weeks));
        let step = step(&counts);
        step.likelihood_ratio >= 10.0 && step.ratio() >= 1.15
    });
    let seen = seen.count();
    println!("seen in {seen} of 300 permutations");
    assert!(seen <= 15, "{seen} of 300");
}

#[test]
fn three_hundred_loyal_customers_give_a_range_that_holds_the_six_weeks() {
    let Some(customers) = master() else { return };
    let mut random = fastrand::Rng::with_seed(2);
    let counts = weekly_counts(&customers);
    let holds = (0..300).filter(|_| {
        let drawn: Vec<[u64; 26]> = random.choose_multiple(counts.iter().copied(), 300);
        let [p05, _, p95] = step(&drawn).posterior;
        (p05..=p95).contains(&6)
    });
    let holds = holds.count();
    println!("six weeks are within the range in {holds} of 300 draws");
    assert!(holds >= 255, "{holds} of 300");
}

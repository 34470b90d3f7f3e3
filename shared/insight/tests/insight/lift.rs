//! The lift of a journey that does nothing: every tenth (of all customers: twentieth) customer is called held out.

use crate::cdnow::{Customer, history, master, sample, through};
use crate::expected::{self, assert_near};
use rekindle_insight::lift::{
    Arm, Covariate, Lift, LiftReport, Pair, Plan, Sums, Unit, Verdict, always_valid_half_width, compare,
};
use rekindle_insight::{Because, Day, History, Language, Needs, Shown};
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash, Hasher};

fn arm(customer: &Customer, holdout_of: u64) -> Arm {
    if customer.id.is_multiple_of(holdout_of) { Arm::Holdout } else { Arm::Treated }
}

fn lift(
    customers: &[Customer],
    holdout_of: u32,
    covariate: Covariate,
    trigger: impl Fn(&Customer) -> Day,
    cap: Option<i64>,
) -> Lift {
    let mut lift =
        Lift::new(history(), Plan { holdout_millionths: 1_000_000 / holdout_of, window: 90, covariate, cap });
    for customer in customers {
        lift.add(&Unit::new(&customer.buyer, arm(customer, u64::from(holdout_of)), trigger(customer), 90, covariate));
    }
    lift
}

#[track_caller]
fn assert_comparison(found: &Value, expected: &Value, what: &str) {
    for (key, expected) in expected.as_object().expect("numbers") {
        // A value that cancels out is as near as what it is the difference of.
        let close = |found: &Value, expected: &Value| {
            let size = expected.as_f64().expect("a number").abs();
            let tolerance = if key == "p" { 1e-6 } else { 1e-7 * size + 1e-8 };
            assert_near(
                found.as_f64().unwrap_or_else(|| panic!("{what}: {key} is not there")),
                expected,
                tolerance,
                &format!("{what}: {key}"),
            );
        };
        match (key.as_str(), expected) {
            ("relative", _) => assert_comparison(&found["relative"], expected, what),
            ("cuped_on_first_amount", _) => assert_comparison(&found["cuped"], expected, what),
            (_, Value::Array(ends)) => {
                ends.iter().enumerate().for_each(|(end, expected)| close(&found[key][end], expected));
            }
            _ => close(&found[key], expected),
        }
    }
}

fn assert_expected(customers: &[Customer], holdout_of: u32, expected: &Value) {
    let first = |customer: &Customer| customer.buyer.occasions()[0].day;
    let uncapped = LiftReport::new(&lift(customers, holdout_of, Covariate::FirstValue, first, None), None);
    let cap = uncapped.revenue_cap_p99_of_buyers.expect("buyers");
    let lift_of_all = &expected["lift"];
    assert_near(cap, &lift_of_all["revenue_cap_p99_of_buyers"], 1e-9, "the cap");
    #[expect(clippy::cast_possible_truncation, reason = "some hundred dollars")]
    let cap = (cap * 100.0).round() as i64;
    let report = json!(LiftReport::new(&lift(customers, holdout_of, Covariate::FirstValue, first, Some(cap)), None));
    assert_near(report["srm"]["chi2"].as_f64().expect("chi2"), &lift_of_all["srm"]["chi2"], 1e-7, "chi2");
    assert_near(report["srm"]["p"].as_f64().expect("p"), &lift_of_all["srm"]["p"], 1e-7, "p");
    for outcome in ["any", "orders", "revenue", "rev_cap"] {
        assert_comparison(&report[outcome], &lift_of_all[outcome], outcome);
    }

    let as_of = through().plus(-90);
    let report = json!(LiftReport::new(&lift(customers, holdout_of, Covariate::SameBefore, |_| as_of, None), None));
    let mature = &expected["lift_mature"];
    for outcome in ["orders", "revenue"] {
        assert_comparison(&report[outcome], &mature[outcome]["raw"], outcome);
        assert_comparison(&report[outcome]["cuped"], &mature[outcome]["cuped"], outcome);
        assert_near(
            report[outcome]["variance_left"].as_f64().expect("a number"),
            &mature[outcome]["variance_left"],
            1e-7,
            "variance left",
        );
    }
}

#[test]
fn the_sample_has_the_expected_lift() {
    assert_expected(&sample(), 10, &expected::sample()["cdnow_sample"]);
}

#[test]
fn all_customers_have_the_expected_lift() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    assert_expected(&customers, 20, &expected["cdnow_master"]);
}

#[test]
fn a_journey_that_does_nothing_is_not_proven() {
    let customers = sample();
    let first = |customer: &Customer| customer.buyer.occasions()[0].day;
    let summary = lift(&customers, 10, Covariate::FirstValue, first, None);
    let report = LiftReport::new(&summary, None);
    let Verdict::NotProven { would_be_seen, seen_by } = report.verdict else { panic!("{:?}", report.verdict) };
    assert!((would_be_seen.expect("a share") - 0.278_259).abs() < 1e-5, "{would_be_seen:?}");
    assert_eq!(seen_by, None, "nobody has come for a year");
    assert_eq!(
        report.sentence(Language::English),
        "No effect is proven yet: the journey changes the share that orders within 90 days by -3.5 points (-13.5 to 6.4)."
    );
    assert!(!report.cost_per_additional_order(1_000.0).is_shown());
    let day = through().plus(-5);
    assert_eq!(
        LiftReport::new(&summary, Some(day)).verdict,
        Verdict::Proven { since: day },
        "what was proven stays so"
    );
}

#[test]
fn wrong_proportions_and_small_holdouts_are_not_interpreted() {
    let customers = sample();
    let first = |customer: &Customer| customer.buyer.occasions()[0].day;
    let lift_of_plan = |share: u32, holdout_of: u64| {
        let plan = Plan { holdout_millionths: share, window: 90, covariate: Covariate::FirstValue, cap: None };
        let mut lift = Lift::new(history(), plan);
        for customer in &customers {
            lift.add(&Unit::new(
                &customer.buyer,
                arm(customer, holdout_of),
                first(customer),
                90,
                Covariate::FirstValue,
            ));
        }
        LiftReport::new(&lift, None)
    };
    let report = lift_of_plan(50_000, 10);
    assert_eq!((report.verdict, report.any.details), (Verdict::Withheld, None));
    assert_eq!(report.sentence(Language::English), "Not yet: the groups do not have the planned sizes.");
    let report = lift_of_plan(40_000, 25);
    assert_eq!((report.n_holdout, report.verdict, report.any.cuped), (94, Verdict::TooFewToTell, None));
    assert_eq!(report.sentence(Language::English), "Not yet: too few customers; 6 more are needed.");
}

/// A uniform number for a customer in an assignment.
fn draw(customer: u64, assignment: u64) -> f64 {
    let mut hasher = DefaultHasher::new();
    (customer, assignment).hash(&mut hasher);
    f64::from(u32::try_from(hasher.finish() >> 32).expect("32 bits")) / f64::from(u32::MAX)
}

/// What is looked at every day: for each day of the trial the units that are complete by then.
struct Trial {
    days: Vec<Vec<(u64, [i64; 3])>>,
}

fn trial() -> Option<Trial> {
    let customers = master()?;
    let start = customers.iter().map(|customer| customer.buyer.occasions()[0].day).min()?;
    let units = customers.iter().map(|customer| {
        let trigger = customer.buyer.occasions()[0].day;
        let unit = Unit::new(&customer.buyer, Arm::Treated, trigger, 30, Covariate::FirstValue);
        (trigger.since(start), customer.id, unit.pairs.map(|pair| pair.y))
    });
    let units: Vec<(u32, u64, [i64; 4])> = units.collect();
    let mut values: Vec<i64> = units.iter().filter(|(_, _, y)| y[0] > 0).map(|(_, _, y)| y[2]).collect();
    values.sort_unstable();
    let cap = values[values.len() * 99 / 100];
    let mut days = vec![Vec::new(); 84];
    for (day, id, [any, orders, value, _]) in units {
        days[day as usize].push((id, [any, orders, value.min(cap)]));
    }
    Some(Trial { days })
}

/// The first day on which the always-valid interval excludes zero, for each outcome; looked at every day from 100 held-out
/// customers with 20 buyers on.
fn proven_on(trial: &Trial, assignment: u64, share: f64, uplift: f64) -> [Option<usize>; 3] {
    let (mut sums, mut proven) = ([[Sums::default(); 3]; 2], [None; 3]);
    let mut raised = 0.0;
    for (day, units) in trial.days.iter().enumerate() {
        for (id, outcomes) in units {
            let treated = draw(*id, assignment) >= share;
            for (place, sums) in sums[usize::from(treated)].iter_mut().enumerate() {
                let mut y = outcomes[place];
                if place == 0 && treated && y == 0 && uplift > 0.0 {
                    // Of those who would not have ordered, as many do as make the share grow by the uplift.
                    raised += uplift * 0.1746 / (1.0 - 0.1746);
                    if raised >= 1.0 {
                        raised -= 1.0;
                        y = 1;
                    }
                }
                sums.add(Pair { y, x: 0 });
            }
        }
        let [holdout, treated] = &sums;
        if holdout[0].n < 100 || holdout[0].y < 20 {
            continue;
        }
        for (place, proven) in proven.iter_mut().enumerate() {
            let (treated, holdout) = (treated[place].moments(1.0, 1.0), holdout[place].moments(1.0, 1.0));
            let found = compare(&treated, &holdout).expect("they differ");
            if proven.is_none() && (found.always_valid_ci[0] > 0.0 || found.always_valid_ci[1] < 0.0) {
                *proven = Some(day);
            }
        }
    }
    proven
}

#[test]
fn a_journey_that_does_nothing_is_rarely_called_proven_however_often_it_is_looked_at() {
    let Some(trial) = trial() else { return };
    for share in [0.05, 0.1, 0.2, 0.5] {
        let mut false_proofs = [0_u32; 3];
        for assignment in 0..400 {
            let proven = proven_on(&trial, assignment, share, 0.0);
            false_proofs.iter_mut().zip(proven).for_each(|(count, proven)| *count += u32::from(proven.is_some()));
        }
        println!("holdout {share}: {false_proofs:?} of 400 assignments");
        assert!(false_proofs.iter().all(|count| *count <= 20), "holdout {share}: {false_proofs:?} of 400 assignments");
    }
}

#[test]
fn an_effect_of_twenty_percent_is_proven_in_most_trials() {
    let Some(trial) = trial() else { return };
    let proven = (0..100).filter(|assignment| proven_on(&trial, *assignment, 0.1, 0.2)[0].is_some()).count();
    println!("holdout 0.1: proven in {proven} of 100");
    assert!(proven >= 80, "{proven} of 100");
}

#[test]
fn the_interval_that_is_always_valid_is_wider() {
    for n in [200.0, 5_000.0, 1e6] {
        assert!(always_valid_half_width(n, 1.0) > 1.54 * 1.96);
    }
}

/// A trial in which every `one_in`-th treated unit orders, and every eighth held-out one; half of all are held out.
fn trial_of(units: i64, one_in: i64, days: i32) -> Lift {
    let through = Day::from_number(10_000);
    let plan = Plan { holdout_millionths: 500_000, window: 30, covariate: Covariate::SameBefore, cap: None };
    let mut lift = Lift::new(History::from_the_beginning(through), plan);
    for n in 0..units {
        let arm = if n % 2 == 0 { Arm::Treated } else { Arm::Holdout };
        let orders = i64::from(n / 2 % if arm == Arm::Treated { one_in } else { 8 } == 0);
        let pair = |y| Pair { y, x: n % 3 };
        let trigger = through.plus(-i32::try_from(n).expect("small") % days);
        lift.add(&Unit { arm, trigger, pairs: [pair(orders), pair(orders), pair(orders * 500), pair(orders * 500)] });
    }
    lift
}

#[test]
fn an_effect_is_proven_and_an_order_has_a_cost() {
    // 40 of 100 days are too young: units of days 0 to 29 are pending.
    let report = LiftReport::new(&trial_of(10_000, 4, 100), None);
    assert_eq!((report.n_treated + report.n_holdout, report.pending), (7_000, 3_000));
    assert_eq!(report.verdict, Verdict::Proven { since: Day::from_number(10_000) });
    let (diff, lo, _) = report.any.effect.numbers().expect("shown");
    assert!((diff - 0.125).abs() < 0.02 && lo > 0.0, "{diff} {lo}");
    let (cost, lo, hi) = report.cost_per_additional_order(1_000.0).numbers().expect("proven");
    assert!((cost - 1_000.0 / (diff * 3_500.0)).abs() < 1e-9 && lo < cost && cost < hi, "{lo} {cost} {hi}");
    assert!(
        report
            .sentence(Language::English)
            .starts_with("Proven since 1997-05-19: the journey changes the share that orders within 30 days by ")
    );
    assert!(
        report
            .sentence(Language::Russian)
            .starts_with("Доказано с 1997-05-19: доля заказавших в течение 30 дней меняется на ")
    );
    let (relative, lo, hi) = report.any.effect_relative.numbers().expect("the holdout buys");
    assert!((relative - 1.0).abs() < 0.2 && 0.0 < lo && lo < relative && relative < hi);
}

#[test]
fn a_harmful_journey_is_proven_harmful() {
    let report = LiftReport::new(&trial_of(20_000, 40, 100), None);
    assert_eq!(report.verdict, Verdict::Proven { since: Day::from_number(10_000) });
    assert!(report.any.effect.hi < Some(0.0));
    assert!(!report.cost_per_additional_order(1_000.0).is_shown());
}

#[test]
fn when_an_effect_would_be_seen_follows_from_the_rate_of_new_units() {
    let report = LiftReport::new(&trial_of(2_000, 8, 100), None);
    let Verdict::NotProven { would_be_seen, seen_by } = report.verdict else { panic!("{:?}", report.verdict) };
    let would_be_seen = would_be_seen.expect("the holdout buys");
    // 1,400 units are complete, 600 pending, 20 come a day.
    let needed = 1_400.0 * (would_be_seen / 0.2).powi(2);
    let days = ((needed - 2_000.0) / 20.0).ceil() + 30.0;
    assert!(days > 30.0);
    let found = seen_by.expect("units come").since(Day::from_number(10_000));
    assert!((f64::from(found) - days).abs() < 1.0, "{found} instead of {days}");
    assert!(report.sentence(Language::English).contains("An effect of 20\u{a0}% would be seen by 1997-"));
    assert_eq!(report.proposed_holdout, None, "1,800 units in 90 days show no effect of 20 %");
    assert!(
        report.holdout_sentence(Language::English).expect("one").starts_with("You cannot measure this journey alone")
    );
    assert_eq!(LiftReport::new(&trial_of(40, 8, 100), None).holdout_sentence(Language::English), None);
    let large = LiftReport::new(&trial_of(60_000, 8, 100), None);
    let Verdict::NotProven { would_be_seen, seen_by } = large.verdict else { panic!("{:?}", large.verdict) };
    assert!(would_be_seen < Some(0.2));
    assert_eq!(seen_by, Some(Day::from_number(10_000)), "it would be seen already");
    assert_eq!(large.proposed_holdout, Some(0.05));
    let said = large.holdout_sentence(Language::Russian).expect("one").replace('\u{a0}', " ");
    assert_eq!(said, "Контрольная группа в 5 % покажет эффект в 20 % за 90 дней.");
}

#[test]
fn nothing_is_said_before_a_hundred_are_held_out_and_twenty_of_them_bought() {
    let report = LiftReport::new(&trial_of(288, 8, 100), None);
    assert_eq!((report.n_holdout, report.verdict), (99, Verdict::TooFewToTell));
    assert_eq!(report.any.effect.shown, Shown::NotYet { because: Because::TooFewAtRisk, needs: Needs::Customers(1) });
    let report = LiftReport::new(&trial_of(400, 8, 100), None);
    let Shown::NotYet { because: Because::TooFewReturned, needs: Needs::Returned(missing) } = report.any.effect.shown
    else {
        panic!("{:?}", report.any.effect)
    };
    assert!((1..=5).contains(&missing), "{missing}");
    assert_eq!(report.any.effect.n, report.n_holdout);
}

//! Whatever a shop's history is like, there is a result or what is missing for it: never a number without an interval, never one of
//! fewer than thirty, never a panic.

use crate::summaries::scale;
use proptest::prelude::*;
use rekindle_insight::cohorts::{Cohorts, CohortsReport};
use rekindle_insight::honeymoon::{Honeymoon, HoneymoonReport, Verdict};
use rekindle_insight::lift::{Arm, Covariate, Lift, LiftReport, Plan, Unit};
use rekindle_insight::overview::{Overview, OverviewReport};
use rekindle_insight::repeat::{Repeat, RepeatReport};
use rekindle_insight::rfm::{CutsReport, RfmCuts, SEGMENTS, SegmentMoves, SegmentsReport};
use rekindle_insight::scenarios::{IdealProfile, ProfileReport, ScenarioReport, Scenarios};
use rekindle_insight::season::{Season, SeasonReport};
use rekindle_insight::second_order::{SecondOrder, SecondOrderReport};
use rekindle_insight::thresholds::{CLASSES, Threshold, Thresholds, ThresholdsReport, propose};
use rekindle_insight::value::{LtvReport, Terms, ValueCurve};
use rekindle_insight::{Because, Buyer, Day, History, Language, Needs, Occasion, Shown, Summary};
use serde_json::{Value, json};

const FROM: i32 = 10_000;

fn summary_of<S: Summary>(mut empty: S, buyers: &[Buyer]) -> S {
    buyers.iter().for_each(|buyer| empty.add(buyer));
    empty
}

fn order(day: i32, value: i64) -> Occasion {
    Occasion { day: Day::from_number(FROM + day), value, lines: 1 }
}

fn buyers(orders: impl IntoIterator<Item = Vec<Occasion>>) -> Vec<Buyer> {
    let buyer =
        |(place, orders): (usize, Vec<Occasion>)| Buyer::new(Buyer::hash_of("shop", &place.to_string()), orders);
    orders.into_iter().enumerate().map(buyer).collect()
}

fn history(days: i32) -> History {
    History::from_the_beginning(Day::from_number(FROM + days))
}

/// All reports with all their sentences.
fn reports(buyers: &[Buyer], history: History) -> Value {
    let (before, after) = (history.through.plus(-28), history.through);
    let overview = OverviewReport::new(&summary_of(Overview::new(history), buyers));
    let second_order = SecondOrderReport::new(&summary_of(SecondOrder::new(history), buyers));
    let repeat = RepeatReport::new(&summary_of(Repeat::new(history), buyers));
    let of_thresholds = summary_of(Thresholds::new(history), buyers);
    let thresholds = ThresholdsReport::new(&of_thresholds);
    let honeymoon = HoneymoonReport::new(&summary_of(Honeymoon::new(history), buyers));
    let cuts = CutsReport::new(&summary_of(RfmCuts::new(history, before), buyers));
    let segments = SegmentsReport::new(&summary_of(SegmentMoves::new(history, before, after, scale()), buyers));
    let cohorts = CohortsReport::new(&summary_of(Cohorts::new(history), buyers));
    let terms = Terms { margin: 0.3, cac: 10.0, future: None };
    let ltv = LtvReport::new(&summary_of(ValueCurve::new(history), buyers), &terms);
    let season = SeasonReport::new(&summary_of(Season::new(history), buyers));
    let of_scenarios = summary_of(Scenarios::new(history, scale()), buyers);
    let scenarios = SEGMENTS.map(|segment| ScenarioReport::new(&of_scenarios, segment));
    let plan = Plan { holdout_millionths: 500_000, window: 30, covariate: Covariate::FirstValue, cap: None };
    let (mut lift, mut profile) = (Lift::new(history, plan), IdealProfile::new(history, scale()));
    for buyer in buyers {
        let arm = if buyer.hash() % 2 == 0 { Arm::Holdout } else { Arm::Treated };
        let trigger = buyer.occasions().first().map_or(history.through, |occasion| occasion.day);
        lift.add(&Unit::new(buyer, arm, trigger, 30, Covariate::FirstValue));
        let categories = buyer.occasions().iter().map(|occasion| (occasion.lines, occasion.day));
        profile.add(buyer, &categories.collect::<Vec<_>>());
    }
    let lift = LiftReport::new(&lift, None);
    let profiles = SEGMENTS.map(|segment| ProfileReport::new(&profile, segment));
    let mut sentences = Vec::new();
    for language in [Language::English, Language::Russian] {
        sentences.extend([
            overview.sentence(language),
            second_order.sentence(language),
            second_order.ladder_sentence(language).unwrap_or_default(),
            repeat.sentence(language),
            honeymoon.sentence(language),
            cohorts.sentence(language),
            ltv.sentence(language),
            season.sentence(language),
            lift.sentence(language),
        ]);
        sentences.extend(thresholds.sentences(language));
        sentences.extend(SEGMENTS.map(|segment| segments.sentence(segment, language).unwrap_or_default()));
        sentences.extend(scenarios.iter().map(|scenario| scenario.sentence(language)));
    }
    for class in CLASSES {
        for threshold in [Threshold::Inactive, Threshold::Lapsed] {
            let _ = propose(&of_thresholds, class, threshold, 90);
        }
    }
    profiles.iter().for_each(|profile| drop(profile.gaps(&[1, 2, 3])));
    json!({
        "overview": overview, "second_order": second_order, "repeat": repeat, "thresholds": thresholds, "honeymoon": honeymoon,
        "cuts": cuts, "segments": segments, "cohorts": cohorts, "ltv_cac": ltv, "season": season, "scenarios": scenarios,
        "lift": lift, "profiles": profiles, "sentences": sentences,
    })
}

/// Asserts that every estimate in a report has an interval around its value and at least thirty behind it, or neither.
#[track_caller]
fn assert_whole(report: &Value, path: &str) {
    match report {
        Value::Object(fields) => {
            if let (Some(shown), Some(value)) = (fields.get("shown"), fields.get("value")) {
                let (lo, hi, n) = (&fields["lo"], &fields["hi"], fields["n"].as_u64().expect("n"));
                if shown == "yes" {
                    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{path} is not finite"));
                    assert!(number(lo) <= number(value) && number(value) <= number(hi), "{path}: {report}");
                    assert!(n >= 30, "{path}: {report}");
                } else {
                    assert!(value.is_null() && lo.is_null() && hi.is_null(), "{path}: {report}");
                    assert!(!shown["not_yet"]["because"].is_null(), "{path}: {report}");
                }
            }
            fields.iter().for_each(|(key, value)| assert_whole(value, &format!("{path}.{key}")));
        }
        Value::Array(items) => items.iter().for_each(|item| assert_whole(item, path)),
        Value::String(text) => assert!(!text.contains("NaN") && !text.contains("inf"), "{path}: {text}"),
        _ => {}
    }
}

fn count_shown(report: &Value) -> usize {
    match report {
        Value::Object(fields) => {
            let own = usize::from(fields.get("shown").is_some_and(|shown| shown == "yes"));
            own + fields.values().map(count_shown).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(count_shown).sum(),
        _ => 0,
    }
}

#[test]
fn none_one_and_three_customers_give_no_number() {
    for customers in [0, 1, 3] {
        let buyers = buyers((0..customers).map(|n| vec![order(n, 100), order(n + 40, 200), order(n + 80, 300)]));
        let report = reports(&buyers, history(800));
        assert_whole(&report, "reports");
        assert_eq!(count_shown(&report), 0, "{report}");
        let missing = json!({"not_yet": {"because": "too_few_at_risk", "needs": {"customers": 30 - customers}}});
        assert_eq!(report["second_order"]["shares"]["30"]["shown"], missing);
        assert_eq!(report["repeat"]["ever"]["shown"], missing);
    }
}

#[test]
fn orders_that_are_all_on_one_day_have_no_time_between_them() {
    let buyers = buyers((0..500).map(|n| vec![order(0, n), order(0, n)]));
    let report = reports(&buyers, history(0));
    assert_whole(&report, "reports");
    assert_eq!(report["overview"]["occasions"], 500);
    assert_eq!(
        report["second_order"]["shares"]["7"]["shown"],
        json!({"not_yet": {"because": "history_too_short", "needs": {"days": 7}}})
    );
    assert_eq!(report["thresholds"]["first"]["q80"]["shown"]["not_yet"]["because"], "too_few_returned");
    assert_eq!(report["honeymoon"]["verdict"], "too_few_loyal");
    // The same a year later: nobody came back, which is a result.
    let report = reports(&buyers, history(400));
    assert_whole(&report, "reports");
    assert_eq!(report["second_order"]["shares"]["30"]["value"], 0.0);
    assert_eq!(report["repeat"]["ever"]["value"], 0.0);
}

#[test]
fn a_history_that_begins_in_the_middle_leaves_out_who_was_there_before() {
    // Customers order every 20 days. Who came before the history began seems new on its first days.
    let orders = |n: i32| (0..40).map(|visit| order(n + visit * 20, 1_000)).collect();
    let buyers = buyers((0..400).map(|n| orders(if n < 300 { n % 20 } else { n })));
    let incomplete = History::complete_from(Day::from_number(FROM), Day::from_number(FROM + 700));
    let report = reports(&buyers, incomplete);
    assert_whole(&report, "reports");
    assert_eq!(report["second_order"]["customers"], 100);
    assert_eq!(report["honeymoon"]["burn_in_days"], 91);
    assert_eq!(report["ltv_cac"]["curve"][0]["customers"], 100);
    assert_eq!(report["repeat"]["customers"], 400, "who ordered again is known of all");
    assert_eq!(report["overview"]["may_begin_in_the_middle"], false, "it is said already");
    let complete = reports(&buyers, History { complete_from: None, ..incomplete });
    assert_eq!(complete["overview"]["may_begin_in_the_middle"], true);
    assert!(
        complete["sentences"][0]
            .as_str()
            .expect("a sentence")
            .contains("if the shop is older than this history, say so")
    );
    // A history of 400 days: the last year reaches into the burn-in, and it is not known who was new then.
    let short = reports(&buyers, History { through: Day::from_number(FROM + 400), ..incomplete });
    assert_eq!(
        short["repeat"]["last_365"]["revenue_share_returning"]["shown"],
        json!({"not_yet": {"because": "history_incomplete", "needs": {"days": 55}}})
    );
}

#[test]
fn one_customer_with_ten_thousand_orders_weighs_as_much_as_another_regular() {
    let few = |n: i32| vec![order(n, 100), order(n + 30, 100), order(n + 60, 100), order(n + 120, 100)];
    let regulars = || (0..100).map(few);
    let without = reports(&buyers(regulars()), history(10_100));
    let with = reports(&buyers(regulars().chain([(0..10_000).map(|day| order(day, 100)).collect()])), history(10_100));
    assert_whole(&with, "reports");
    assert_eq!(with["overview"]["occasions"], 10_400);
    assert_eq!(with["thresholds"]["regular"]["n_gaps"], 100 * 2 + 9_998);
    assert_eq!(with["thresholds"]["regular"]["q80"]["value"], without["thresholds"]["regular"]["q80"]["value"]);
    assert_eq!(with["honeymoon"]["loyal"], 1, "the others have stopped");
}

#[test]
fn refunds_of_everything_leave_orders_without_value() {
    let buyers =
        buyers((0..200).map(|n| vec![order(n, 0), order(n + 50, 5_000), order(n + 50, -5_000), order(n + 100, -300)]));
    let report = reports(&buyers, history(1_000));
    assert_whole(&report, "reports");
    assert_eq!(report["overview"]["zero_amount_occasions"], 400);
    assert_eq!(report["repeat"]["ever"]["value"], 1.0, "orders that were refunded are orders");
    assert_eq!(report["repeat"]["last_365"]["revenue_share_returning"]["value"], Value::Null);
    assert_eq!(report["ltv_cac"]["payback_age_days"]["shown"]["not_yet"]["because"], "history_too_short");
    assert_eq!(report["season"]["index"][0]["shown"]["not_yet"]["because"], "nothing_to_compare");
}

#[test]
fn orders_after_the_last_complete_day_and_clocks_that_jumped_change_nothing() {
    let known = |n: i32| vec![order(n % 300, 100), order(n % 300 + 40, 100)];
    let with_future = |n: i32| known(n).into_iter().chain([order(401, 900), order(900_000, 900)]).collect();
    let report = |orders: &dyn Fn(i32) -> Vec<Occasion>| reports(&buyers((0..300).map(orders)), history(400));
    let mut with = report(&with_future);
    let mut without = report(&known);
    // Outcomes of a trial and categories are the caller's to cut; everything else is.
    for report in [&mut with, &mut without] {
        report["profiles"] = Value::Null;
    }
    assert_eq!(with, without);
}

#[test]
fn customers_who_stay_alike_have_no_honeymoon() {
    let buyers = buyers((0..300).map(|n| (0..60).map(|week| order(n + week * 7, 1_000)).collect()));
    let report = HoneymoonReport::new(&summary_of(Honeymoon::new(history(800)), &buyers));
    assert_eq!((report.verdict, report.loyal, report.seen), (Verdict::NotSeen, 300, false));
    assert_eq!(
        report.sentence(Language::English),
        "No honeymoon can be seen in your history (300 loyal customers looked at)."
    );
    assert_eq!(report.honeymoon_days.shown, Shown::NotYet { because: Because::NothingSeen, needs: Needs::OtherData });
}

#[test]
fn a_short_history_takes_a_shorter_window() {
    let buyers = buyers((0..300).map(|n| (0..40).map(|week| order(n % 10 + week * 7, 1_000)).collect()));
    let weeks = |days| HoneymoonReport::new(&summary_of(Honeymoon::new(history(days)), &buyers)).early_weeks;
    assert_eq!([380, 373, 270, 200, 100].map(weeks), [26, 26, 18, 13, 26]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_number_has_an_interval_or_is_missing(
        orders in proptest::collection::vec(
            proptest::collection::vec((-60_i32..900, prop_oneof![-9_000_i64..90_000, Just(0), any::<i64>()]), 0..9), 0..150
        ),
        days in 0_i32..900,
        incomplete in any::<bool>(),
    ) {
        let buyers = buyers(orders.into_iter().map(|orders| orders.into_iter().map(|(day, value)| order(day, value)).collect()));
        let history = history(days);
        let history = if incomplete { History::complete_from(Day::from_number(FROM), history.through) } else { history };
        assert_whole(&reports(&buyers, history), "reports");
    }
}

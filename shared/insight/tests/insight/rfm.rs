//! Scores, segments and moves.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near, cases};
use crate::summaries::summary_of;
use jiff::civil::date;
use rekindle_insight::rfm::{
    AnchoredCuts, CutsReport, QuintileCuts, RfmCuts, RfmFacts, Scale, Segment, SegmentMoves, SegmentsReport,
};
use rekindle_insight::thresholds::{Thresholds, ThresholdsReport};
use rekindle_insight::{Day, Language};
use serde_json::{Value, json};

fn days() -> (Day, Day) {
    (Day::from_date(date(1997, 12, 31)), Day::from_date(date(1998, 3, 31)))
}

fn cuts(customers: &[Customer], day: Day) -> RfmCuts {
    summary_of(RfmCuts::new(history(), day), customers)
}

fn quintiles(customers: &[Customer], day: Day) -> QuintileCuts {
    cuts(customers, day).quintiles().expect("customers")
}

fn segments(customers: &[Customer], (before, after): (Day, Day), scale: Scale) -> SegmentsReport {
    SegmentsReport::new(&summary_of(SegmentMoves::new(history(), before, after, scale), customers))
}

fn assert_expected(customers: &[Customer], expected: &Value) {
    let (before, after) = days();
    for (day, key) in [(before, "cuts_0"), (after, "cuts_1")] {
        let found = CutsReport::new(&cuts(customers, day)).expect("customers");
        let found = serde_json::to_value(found).expect("JSON");
        assert_eq!((&found["R"], &found["F"]), (&expected[key]["R"], &expected[key]["F"]));
        for place in 0..4 {
            assert_near(found["M"][place].as_f64().expect("a number"), &expected[key]["M"][place], 1e-9, key);
        }
    }
    let report = segments(customers, (before, after), Scale::Quintile(quintiles(customers, before)));
    let found = serde_json::to_value(&report).expect("JSON");
    for key in [
        "as_of_0",
        "as_of_1",
        "counts_0",
        "counts_1_cuts_of_0",
        "customers_0",
        "customers_1",
        "new_between",
        "score_counts_0",
        "moves_rows_from_cols_to",
        "moves",
    ] {
        assert_eq!(found[key], expected[key], "{key}");
    }
    let own = segments(customers, (after, after), Scale::Quintile(quintiles(customers, after)));
    assert_eq!(json!(own.counts_0), expected["counts_1_own_cuts"]);

    let thresholds = ThresholdsReport::new(&summary_of(Thresholds::new(history().as_of(before)), customers));
    let anchored = AnchoredCuts::learned(&thresholds, [45, 90, 180], quintiles(customers, before).value);
    let expected = &expected["anchored_0"];
    let classes = &expected["recency_cuts_by_class"];
    assert_eq!(json!(anchored.silence), json!([classes["first"], classes["second"], classes["regular"]]));
    let report = segments(customers, (before, after), Scale::Anchored(anchored));
    assert_eq!(json!(report.counts_0), expected["counts"]);
    assert_eq!(json!(report.score_counts_0.r), expected["R_counts"]);
}

#[test]
fn the_sample_has_the_expected_segments() {
    assert_expected(&sample(), &expected::sample()["cdnow_sample"]["rfm"]);
}

#[test]
fn all_customers_have_the_expected_segments() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    assert_expected(&customers, &expected["cdnow_master"]["rfm"]);
}

#[test]
fn every_customer_of_the_sample_has_the_expected_scores() {
    let Some(cases) = cases() else { return };
    let customers = sample();
    let (day, _) = days();
    let scale = Scale::Quintile(quintiles(&customers, day));
    let mut reader = csv::Reader::from_path(cases.join("insight/cdnow_rfm_1997-12-31.csv")).expect("the file");
    let mut compared = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let customer = &customers[row[0].parse::<usize>().expect("a number") - 1];
        let facts = RfmFacts::new(&customer.buyer, day).expect("ordered");
        let scores = scale.scores(&facts);
        let found = [
            facts.silence.to_string(),
            facts.frequency.to_string(),
            scores.r.to_string(),
            scores.f.to_string(),
            scores.m.to_string(),
            Segment::from_facts(&facts, &scale).code().to_owned(),
        ];
        assert_eq!(found, [&row[1], &row[2], &row[4], &row[5], &row[6], &row[7]], "customer {}", customer.id);
        compared += 1;
    }
    assert_eq!(compared, 2_357);
}

#[test]
fn moves_are_said_in_sentences() {
    let customers = sample();
    let report = segments(&customers, days(), Scale::Quintile(quintiles(&customers, days().0)));
    assert_eq!(
        report.sentence(Segment::Loyal, Language::English).expect("one"),
        "212 customers were loyal 90 days ago: 48 are dormant now, 41 active, 39 champions."
    );
    assert_eq!(
        report.sentence(Segment::Champions, Language::Russian).expect("one"),
        "379 покупателей были в сегменте «лучшие» 90 дней назад; теперь там же — 236, активные — 64, лояльные — 60."
    );
    assert_eq!(report.sentence(Segment::New, Language::English), None);
}

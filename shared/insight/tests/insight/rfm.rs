//! Scores, segments and moves.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near, cases};
use crate::summaries::{scale, summary_of};
use jiff::civil::date;
use rekindle_insight::rfm::{
    AnchoredCuts, QuintileCuts, RfmCuts, RfmFacts, RfmReport, Scale, Segment, SegmentMoves, SegmentsReport,
};
use rekindle_insight::thresholds::{Thresholds, ThresholdsReport};
use rekindle_insight::{Buyer, Day, Language, Occasion, Summary};
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
    let moves = |from, to, scale| summary_of(SegmentMoves::new(history(), from, to, scale), customers);
    let (cuts_0, cuts_1) = (cuts(customers, before), cuts(customers, after));
    let quintile = |cuts: &RfmCuts| Scale::Quintile(cuts.quintiles().expect("customers"));
    let thresholds = ThresholdsReport::new(&summary_of(Thresholds::new(history().as_of(before)), customers));
    let value = quintiles(customers, before).value;
    let anchored = Scale::Anchored(AnchoredCuts::learned(&thresholds, [45, 90, 180], value));
    let report = RfmReport::new(
        [&cuts_0, &cuts_1],
        &moves(before, after, quintile(&cuts_0)),
        &moves(after, after, quintile(&cuts_1)),
        &moves(before, after, anchored),
    );
    assert_contains(&json!(report), expected, "rfm");
}

/// Asserts that everything expected is there and equal; what else there is does not matter.
#[track_caller]
fn assert_contains(found: &Value, expected: &Value, path: &str) {
    match expected {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, expected)| assert_contains(&found[key], expected, &format!("{path}.{key}")));
        }
        Value::Array(items) => {
            assert_eq!(found.as_array().map(Vec::len), Some(items.len()), "{path}");
            items.iter().zip(0..).for_each(|(expected, place)| assert_contains(&found[place], expected, path));
        }
        Value::Number(_) if found.is_f64() => assert_near(found.as_f64().expect("a number"), expected, 1e-9, path),
        _ => assert_eq!(found, expected, "{path}"),
    }
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

#[test]
fn who_came_between_the_two_days_has_appeared() {
    let day = |day| Day::from_number(10_000 + day);
    let order = |at| Occasion { day: day(at), value: 100, lines: 1 };
    let mut summary = SegmentMoves::new(history(), day(100), day(128), scale());
    for (place, orders) in [vec![order(90)], vec![order(90), order(120)], vec![order(110)], vec![order(140)], vec![]]
        .into_iter()
        .enumerate()
    {
        summary.add(&Buyer::new(Buyer::hash_of("shop", &place.to_string()), orders));
    }
    let report = SegmentsReport::new(&summary);
    assert_eq!((report.customers_0, report.customers_1, report.new_between), (2, 3, 1));
    assert_eq!((report.appeared["new"], report.counts_0["new"], report.counts_1_cuts_of_0["new"]), (1, 2, 2));
    assert_eq!(report.moves[Segment::New.index()][Segment::New.index()], 1);
    assert_eq!(report.moves[Segment::New.index()][Segment::Active.index()], 1);
    assert_eq!(
        report.sentence(Segment::New, Language::English).expect("two"),
        "2 customers were new 28 days ago: 1 are active now, 1 still are."
    );
}

#[test]
fn limits_that_could_not_be_learned_are_the_policys() {
    let thresholds = ThresholdsReport::new(&Thresholds::new(history()));
    assert_eq!(AnchoredCuts::learned(&thresholds, [45, 90, 180], [0; 4]).silence, [[45, 90, 180]; 3]);
    assert_eq!(RfmCuts::new(history(), days().0).quintiles(), None);
}

#[test]
fn the_window_ends_on_the_day_and_has_365_days() {
    let day = |day| Day::from_number(10_000 + day);
    let order = |at, value| Occasion { day: day(at), value, lines: 1 };
    let buyer = Buyer::new(1, [order(0, 1), order(1, 2), order(365, 4), order(366, 8)]);
    let facts = RfmFacts::new(&buyer, day(365)).expect("ordered");
    assert_eq!((facts.silence, facts.frequency, facts.value, facts.occasions), (0, 2, 6, 3));
    assert_eq!(RfmFacts::new(&buyer, day(-1)), None);
}

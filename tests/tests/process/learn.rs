//! `rekindle learn`: what a file of orders tells, in sentences and as numbers.

use rekindle_tests::program::run;
use serde_json::Value;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/cdnow-sample.csv");

fn learned(more: &[&str]) -> String {
    let ended = run(&[&["learn", "--orders", SAMPLE], more].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    ended.stdout
}

#[test]
fn a_real_history_is_told_in_sentences() {
    insta::assert_snapshot!(learned(&["--margin", "0.3", "--acquisition-cost", "10"]));
}

#[test]
fn and_in_russian() {
    insta::assert_snapshot!(learned(&["--language", "ru"]));
}

#[test]
fn every_number_has_its_interval_as_json() {
    let learned: Value = serde_json::from_str(&learned(&["--json"])).expect("JSON");
    assert_eq!((&learned["currency"], &learned["rejected_rows"]), (&"USD".into(), &0.into()));
    assert_eq!((&learned["data"]["customers"], &learned["data"]["occasions"]), (&2_357.into(), &6_696.into()));
    let within_30 = &learned["second_order"]["shares"]["30"];
    for (key, expected) in [("value", 0.17395), ("lo", 0.15924), ("hi", 0.18986)] {
        let found = within_30[key].as_f64().expect("a number");
        assert!((found - expected).abs() < 1e-5, "{key}: {found}");
    }
    assert_eq!(within_30["shown"], "yes");
    assert_eq!(learned["data"]["orders"], 6_919);
    assert!(learned["btyd"]["mbgnbd"]["r"]["value"].is_f64() && learned["gap_prior"]["k0"]["value"].is_f64());
    assert_eq!(learned["thresholds"]["first"]["q80"]["value"], 166.0);
    assert_eq!(learned["ltv_cac"], Value::Null, "nobody said what a customer costs");
}

#[test]
fn a_small_history_says_what_is_missing_and_an_empty_one_that_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("customer_id,order_id,ordered_at,amount,currency,status\n{rows}"))
            .expect("written");
        path.to_str().expect("a path").to_owned()
    };
    let small = file(
        "small.csv",
        "1,a,2026-01-01,10.00,EUR,paid\n2,b,2026-01-03,5.00,EUR,paid\n2,c,2026-01-05,5.00,SEK,paid\n",
    );
    let ended = run(&["learn", "--orders", &small]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stderr, "left out: 1 in SEK (each currency is a history of its own)\n");
    insta::assert_snapshot!(ended.stdout);
    let empty = file("empty.csv", "1,a,2026-01-01,10.00,EUR,cancelled\n");
    let ended = run(&["learn", "--orders", &empty]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("has no order that counts"), "{}", ended.stderr);
    let ended = run(&["learn", "--orders", &small, "--margin", "30"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
}

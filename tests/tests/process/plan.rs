//! `rekindle plan`: what people read of it, its answers to wrong use, and that it says what `demo` then does.

use rekindle_tests::program::run;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/cdnow-sample.csv");
const QUARTER: [&str; 3] = ["--orders", SAMPLE, "--until=1997-04-01"];

fn planned(more: &[&str]) -> String {
    let ended = run(&[&["plan"], more].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{more:?}");
    ended.stdout
}

fn write(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn the_first_quarter_of_a_real_shop_as_people_read_it() {
    insta::assert_snapshot!(planned(&[&QUARTER[..], &["--daily-quota", "200"]].concat()));
}

#[test]
fn what_another_policy_changes_as_text_and_as_a_comment() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = write(&folder, "policy.toml", "[stages]\ninactive_after = \"60d\"\n\n[frequency_cap]\ntotal = 2\n");
    let against = [&QUARTER[..], &["--against", &other]].concat();
    insta::assert_snapshot!(planned(&against));
    insta::assert_snapshot!(planned(&[&against[..], &["--markdown"]].concat()));
}

#[test]
fn a_demo_without_readers_does_what_the_plan_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let sample = fs::read_to_string(SAMPLE).expect("the sample");
    let mut lines = sample.lines();
    let header = lines.next().expect("a header");
    // One customer in fifty, by the last digits of their ids.
    let some = |line: &&str| matches!(&line.as_bytes()[3..5], b"17" | b"67");
    let some = lines.filter(some).collect::<Vec<_>>().join("\n");
    let orders = write(&folder, "orders.csv", &format!("{header}\n{some}\n"));
    let fixed = ["--json", "--orders", &orders, "--until", "1997-06-01"];
    let demo = run(&[&["demo", "--exit", "--port", "0", "--readers", "off"][..], &fixed].concat()).json();
    let plan: Value = serde_json::from_str(&planned(&fixed)).expect("JSON");
    for (said, done) in [
        ("customers", "customers"),
        ("orders", "orders"),
        ("stages", "stages"),
        ("messages", "messages"),
        ("held_back", "suppressed"),
    ] {
        assert_eq!(plan[said], demo[done], "{said}");
    }
    assert!(plan["messages"]["welcome"]["thanks"].as_u64() > Some(20), "{}", plan["messages"]);
    assert!(demo["unsettled"].as_object().is_some_and(|open| open.len() == usize::from(plan["waiting"] != json!(0))));
    let days = plan["days"].as_array().expect("days");
    let most = days.iter().map(|day| day["emails"].as_u64().expect("a number")).max();
    assert_eq!(plan["peak"]["emails"].as_u64(), most);
    assert!(plan["cost"]["usd"].as_f64() > Some(1.0), "{}", plan["cost"]);
    assert_eq!(plan["rejected_rows"], 0);
}

#[test]
fn a_policy_with_a_mistake_is_refused_as_set_policy_refuses_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "[stages]\nhoneymon = \"30d\"\n";
    let wrong = write(&folder, "policy.toml", text);
    let expected = rekindle_lifecycle::policy::Policy::parse(text).expect_err("refused").to_string();
    assert!(expected.contains("honeymon") && expected.contains("line 2"), "{expected}");
    for option in ["--policy", "--against"] {
        let ended = run(&["plan", "--orders", SAMPLE, option, &wrong]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{option}");
        assert_eq!(ended.stderr, format!("error: {wrong}: {}\n", expected.trim_end()).replace("\n\n", "\n"));
    }
}

#[test]
fn wrong_use_is_told_apart_from_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = write(&folder, "empty.csv", "customer_id,order_id,ordered_at,amount\n");
    let code = |arguments: &[&str]| run(&[&["plan"], arguments].concat()).code;
    assert_eq!(code(&["--orders", SAMPLE, "--markdown"]), Some(2), "nothing to compare with");
    assert_eq!(code(&["--orders", SAMPLE, "--from", "1998-01-01", "--until", "1997-01-01"]), Some(2));
    assert_eq!(code(&["--orders", SAMPLE, "--text-price", "-1"]), Some(2));
    let ended = run(&["plan", "--orders", &empty]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("has no order"), "{}", ended.stderr);
    assert!(!Path::new("plan.db").exists(), "nothing is left behind");
}

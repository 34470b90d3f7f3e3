//! What people and programs read.

use super::*;

/// Three customers, of whom one gets texts and one orders late in the evening.
fn events() -> Vec<Value> {
    let mut events = vec![
        order("anna", "a1", "2026-03-02T10:00:00Z"),
        order("anna", "a2", "2026-04-20T10:00:00Z"),
        order("bob_b", "b1", "2026-03-02T21:30:00Z"),
        order("cleo", "c1", "2026-05-04T10:00:00Z"),
    ];
    events[0]["context"]["traits"]["phone"] = json!("+442071838750");
    events[0]["context"]["traits"]["sms_marketing_consent"] = json!(true);
    events
}

const SHORTER: &str = "[experiment]\nholdout = 0.0\n[stages]\ninactive_after = \"45d\"\n[frequency_cap]\ntotal = 1\n";

fn until_june() -> Span {
    span(FROM, "2026-06-10T00:00:00Z")
}

#[test]
fn a_plan_as_text() {
    let (planned, _) = played(&events(), EVERYBODY, until_june());
    let report = report(planned, &policy(EVERYBODY), until_june(), 1_234.5);
    insta::assert_snapshot!(Report { daily_quota: Some(0), ..report }.to_text());
}

#[test]
fn a_plan_that_begins_in_the_middle_of_a_history_tells_of_its_first_day() {
    let (from, until) = ("2026-03-03T00:00:00Z", "2026-03-27T00:00:00Z");
    let (planned, _) = played(&events(), EVERYBODY, span(from, until));
    let report = report(planned, &policy(EVERYBODY), span(from, until), 2.0);
    insta::assert_snapshot!(Report { has_backlog: true, daily_quota: Some(200), ..report }.to_text());
}

#[test]
fn what_another_policy_changes_as_text() {
    insta::assert_snapshot!(compared(&events(), [EVERYBODY, SHORTER], until_june(), 2).to_text());
}

#[test]
fn and_as_a_comment_for_a_pull_request() {
    insta::assert_snapshot!(compared(&events(), [EVERYBODY, SHORTER], until_june(), 0).to_markdown());
}

#[test]
fn a_comment_may_name_customers_whatever_they_are_called() {
    let mut events = events();
    events[3]["userId"] = json!("<img src=x>|@team #1 *cleo*");
    let text = compared(&events, [EVERYBODY, SHORTER], until_june(), 9).to_markdown();
    assert!(text.contains(r"- &lt;img src=x&gt;\|&#64;team &#35;1 \*cleo\*: "), "{text}");
}

#[test]
fn the_keys_of_the_json_are_those_of_the_demo() {
    let (planned, _) = played(&events(), EVERYBODY, until_june());
    let json = report(planned.clone(), &policy(EVERYBODY), until_june(), 10.0).to_json();
    assert_eq!(json["messages"]["welcome"]["thanks"], 3);
    assert_eq!(json["stages"]["active"], planned.stages["active"]);
    assert_eq!(json["held_back"], json!(planned.held_back));
    assert_eq!(json["totals"]["text_parts"], 2 * json["totals"]["texts"].as_u64().expect("a number"));
    assert!(json["totals"]["texts"].as_u64() > Some(0), "{}", json["totals"]);
    let of_days: u64 =
        json["days"].as_array().expect("days").iter().map(|day| day["emails"].as_u64().expect("mails")).sum();
    assert_eq!(json["totals"]["emails"], of_days);
    assert_eq!((&json["cost"]["usd"], &json["first_day"]), (&json!(10.0), &Value::Null));
    assert_eq!((&json["from"], &json["until"]), (&json!("2026-03-01"), &json!("2026-06-10")));
}

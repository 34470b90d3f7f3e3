//! What another policy changes, and for whom.

use super::*;
use rekindle_lifecycle::stage::Stage;

const LATER: &str = "[experiment]\nholdout = 0.0\n[stages]\ninactive_after = \"60d\"\n";

#[test]
fn the_same_policy_changes_nothing() {
    let events = [order("anna", "1", "2026-03-02T10:00:00Z"), order("bob", "2", "2026-04-02T10:00:00Z")];
    let change = compared(&events, [EVERYBODY, EVERYBODY], span(FROM, "2026-08-01T00:00:00Z"), 5);
    assert_eq!(change.comparison, Comparison::default());
    assert_eq!(change.reports[0].planned, change.reports[1].planned);
}

#[test]
fn customers_in_another_stage_and_with_other_messages_are_named_with_both() {
    // On the last day anna ordered 80 days ago and bob ten.
    let events = [order("anna", "1", "2026-03-02T10:00:00Z"), order("bob", "2", "2026-05-11T10:00:00Z")];
    let change = compared(&events, [EVERYBODY, LATER], span(FROM, "2026-05-21T00:00:00Z"), 5);
    let comparison = &change.comparison;
    assert_eq!((comparison.customers, comparison.customers_with_other_messages, comparison.moved()), (1, 1, 1));
    assert_eq!(comparison.moves.get(&(Stage::Active, Stage::Inactive)), Some(&1));
    let anna = &comparison.first[0];
    assert_eq!((anna.id.as_str(), anna.stages), ("anna", [Some(Stage::Active), Some(Stage::Inactive)]));
    assert!(anna.messages.values().all(|[before, after]| *before == 0 && *after == 1), "{:?}", anna.messages);
    let json = change.to_json();
    assert_eq!(json["against"]["changes"]["for_whom"][0]["id"], "anna");
    assert_eq!(json["against"]["changes"]["stages"]["moves"][0]["to"], "inactive");
    assert_eq!(json["against"]["changes"]["for_whom_complete"], true);
    let reengage = json["against"]["changes"]["messages"]["reengage"].as_object().expect("a journey");
    assert!(reengage.values().all(|counts| counts["before"] == 0 && counts["after"] == 1), "{reengage:?}");
}

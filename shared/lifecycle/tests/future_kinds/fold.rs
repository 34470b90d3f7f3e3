//! What the fold makes of facts of the future.

use crate::{code, consent, fact, folded, hour, order};
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::{Consent, Folded, Permissions, Uncounted};
use rekindle_lifecycle::facts::{Event, Fact, KNOWN_CODES, Reaction, Suppression};
use rekindle_lifecycle::policy::Policy;
use serde_json::json;

fn only_uncounted(uncounted: Option<Uncounted>) -> Folded {
    let mut nothing = folded(&[]);
    nothing.uncounted = uncounted;
    nothing
}

#[test]
fn an_uncountable_fact_is_noted_and_changes_nothing_else() {
    let reaction = |how| Event::Reaction(Reaction { how, message: None, run: None, link: None });
    let wish = Fact::parse(
        r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"wish","traits":{"first_name":"Anna"}}"#,
        Some("x"),
    );
    for (fact, permission) in [
        (wish.expect("a fact"), false),
        (fact(1, order(code("shipped"))), false),
        (fact(1, reaction(code("shared"))), false),
        (fact(1, consent(code("push"), None, true)), true),
        (fact(1, consent(Channel::Email, Some(code("review")), true)), true),
    ] {
        let noted = Some(Uncounted { codes: KNOWN_CODES, permission });
        assert_eq!(folded(std::slice::from_ref(&fact)), only_uncounted(noted), "{fact:?}");
        let mut one_by_one = Folded::default();
        one_by_one.apply(&fact, &Policy::built_in().calendar).expect("folded");
        assert_eq!(one_by_one.uncounted, noted);
    }
    // An unknown cause closes the channel like any other: it is kept by its code.
    let closed = Suppression { channel: Channel::Email, cause: code("legal_hold"), address: None };
    let customer = folded(&[fact(1, Event::Suppressed(closed))]);
    assert_eq!(customer.uncounted, None);
    assert_eq!(customer.suppressed(Channel::Email, hour(2)), Some(code("legal_hold")));
}

#[test]
fn only_a_version_that_knows_more_counts_again() {
    let noted = |codes, permission| only_uncounted(Some(Uncounted { codes, permission }));
    assert!(noted(KNOWN_CODES - 1, false).can_count_more());
    assert!(!noted(KNOWN_CODES, false).can_count_more());
    assert!(!Folded::default().can_count_more());
    // A later version left a fact uncounted, then this version another one: the later version must count again.
    let mut both = noted(KNOWN_CODES + 5, false);
    both.apply(&fact(1, consent(code("push"), None, true)), &Policy::built_in().calendar).expect("folded");
    assert_eq!(both.uncounted, Some(Uncounted { codes: KNOWN_CODES, permission: true }));
    let stored = serde_json::to_value(&both).expect("JSON");
    assert_eq!(stored["un"], json!({"c": KNOWN_CODES, "p": true}));
}

#[test]
fn an_answer_to_all_purposes_holds_for_a_purpose_of_the_future_whatever_is_answered_afterwards() {
    let answers = |facts: &[Fact]| serde_json::to_value(folded(facts).permissions).expect("JSON")["o"].clone();
    let refused = fact(0, consent(Channel::Email, None, false));
    assert_eq!(answers(std::slice::from_ref(&refused)), json!({"e": "n"}));
    // Without `e*` a later version would find no answer for its own purpose, and take that as a permission.
    let granted = fact(1, consent(Channel::Email, Some(Purpose::Marketing), true));
    let hour = 3_600_000;
    let expected = json!({"em": "y", "es": ["n", hour], "er": ["n", hour], "e*": ["n", hour]});
    assert_eq!(answers(&[refused, granted]), expected);
    // Answers to the three known purposes are no answer to a later purpose.
    let each = Purpose::KNOWN.map(|purpose| fact(0, consent(Channel::Email, Some(purpose), true)));
    assert_eq!(answers(&each), json!({"em": "y", "es": "y", "er": "y"}));
}

#[test]
fn an_answer_that_is_not_understood_is_no_permission() {
    let rules = &Policy::built_in().consent;
    let permissions: Permissions =
        serde_json::from_value(json!({"t": 10_000, "o": {"em": "maybe", "es": "y"}})).expect("permissions");
    assert_eq!(permissions.consent(rules, Channel::Email, Purpose::Marketing), Consent::Refused);
    assert_eq!(permissions.consent(rules, Channel::Email, Purpose::Survey), Consent::Allowed);
    assert_eq!(permissions.consent(rules, code("push"), Purpose::Survey), Consent::Refused);
    assert_eq!(permissions.consent(rules, Channel::Email, code("review")), Consent::Refused);
}

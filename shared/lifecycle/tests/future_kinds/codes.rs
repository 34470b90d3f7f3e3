//! Codes and facts of the future: read, kept, and written back as they were.

use crate::hour;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::{Answer, Closures, Contact, Decided, Folded, Permissions, Run};
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::facts::{
    Event, Fact, FactClass, JoinCause, LeftOutReason, OptInLevel, OrderStatus, ReactionKind, ShoppingAction,
    SuppressionCause,
};
use rekindle_lifecycle::message::MessageState;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::referral::Refusal;
use rekindle_lifecycle::rules::Condition;
use rekindle_lifecycle::stage::Stage;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Every enum that is stored by codes, with its codes.
const STORED: [(&str, &[&str]); 18] = [
    ("answer", Answer::CODES),
    ("channel", Channel::CODES),
    ("condition", Condition::CODES),
    ("decision entry", Entry::KINDS),
    ("fact", Event::KINDS),
    ("fact class", FactClass::CODES),
    ("join cause", JoinCause::CODES),
    ("left out", LeftOutReason::CODES),
    ("message state", MessageState::CODES),
    ("opt-in level", OptInLevel::CODES),
    ("order status", OrderStatus::CODES),
    ("purpose", Purpose::CODES),
    ("reaction", ReactionKind::CODES),
    ("reason", Reason::CODES),
    ("referral refusal", Refusal::CODES),
    ("shopping action", ShoppingAction::CODES),
    ("stage", Stage::CODES),
    ("suppression cause", SuppressionCause::CODES),
];

#[test]
fn codes_differ_and_are_never_changed_or_removed() {
    let mut listed = String::new();
    for (name, codes) in STORED {
        let different: BTreeSet<&&str> = codes.iter().collect();
        assert_eq!(different.len(), codes.len(), "{name}");
        for code in codes {
            writeln!(listed, "{name}: {code}").expect("written");
        }
    }
    // A line may be added. If a line changes or disappears, stored items can no longer be read.
    insta::assert_snapshot!(listed);
}

#[test]
fn slots_of_consent_differ_and_are_never_changed() {
    let channels = Channel::KNOWN.map(|channel| channel.slot().expect("a known channel has a slot"));
    let purposes = Purpose::KNOWN.map(|purpose| purpose.slot().expect("a known purpose has a slot"));
    assert_eq!(channels, ['e', 's', 'h']);
    assert_eq!(purposes, ['m', 's', 'r']);
}

#[test]
fn the_lists_of_kinds_are_those_of_the_enums() {
    let expected = |error: serde_json::Error| {
        let error = error.to_string();
        let listed = error.split("expected one of ").nth(1).expect("a list").split(" at line").next();
        listed.expect("a list").split(", ").map(|code| code.trim_matches('`').to_owned()).collect::<Vec<_>>()
    };
    let fact = serde_json::from_str::<Event>(r#"{"kind":"?"}"#).expect_err("no kind of fact");
    assert_eq!(expected(fact), Event::KINDS);
}

/// Reads a code of a later version and writes it back.
fn survives<T: Serialize + DeserializeOwned>(name: &str) {
    for code in ["x", "from_the_future", "wish-list:2", &"y".repeat(31)] {
        let value: T = serde_json::from_value(json!(code)).unwrap_or_else(|error| panic!("{name} {code}: {error}"));
        assert_eq!(serde_json::to_value(&value).expect("JSON"), code, "{name}");
    }
    for text in ["", "two words", "é", &"y".repeat(32)] {
        assert!(serde_json::from_value::<T>(json!(text)).is_err(), "{name} {text}");
    }
}

#[test]
fn a_code_of_the_future_is_read_and_written_back_unchanged() {
    survives::<Answer>("answer");
    survives::<Channel>("channel");
    survives::<Condition>("condition");
    survives::<FactClass>("fact class");
    survives::<JoinCause>("join cause");
    survives::<MessageState>("message state");
    survives::<OrderStatus>("order status");
    survives::<Purpose>("purpose");
    survives::<ReactionKind>("reaction");
    survives::<Reason>("reason");
    survives::<Refusal>("referral refusal");
    survives::<Stage>("stage");
    survives::<SuppressionCause>("suppression cause");
}

fn rewritten<T: Serialize + DeserializeOwned>(stored: &Value) -> Value {
    let read: T = serde_json::from_value(stored.clone()).unwrap_or_else(|error| panic!("{stored}: {error}"));
    serde_json::to_value(read).expect("JSON")
}

#[test]
fn items_with_codes_of_the_future_are_written_back_unchanged() {
    let id = "a".repeat(26);
    for (stored, again) in [
        (
            json!({"s": {"c": {"push": {"legal_hold": 5}}, "o": {"push": 7}, "b": {"push": [1]}}}),
            rewritten::<Permissions> as fn(&Value) -> Value,
        ),
        (
            json!({"t": 10_000, "c": {"e": "y", "p": "n"}, "o": {"ev": "n", "pm": ["y", 5], "w*": "n"}}),
            rewritten::<Permissions>,
        ),
        (json!({"t": 10_000, "o": {"em": "maybe", "e*": "n", "er": "n", "es": "n"}}), rewritten::<Permissions>),
        (json!({"c": {"email": {"legal_hold": 5}}}), rewritten::<Closures>),
        (json!({"i": id, "c": "push", "a": 5, "k": 7}), rewritten::<Contact>),
        (json!({"i": "first", "a": 10, "h": "full_moon"}), rewritten::<Run>),
        (json!({"n": [{"i": "o1", "t": 5, "s": "shipped", "m": 500, "c": "EUR", "b": ["packed", 3]}]}), |stored| {
            rewritten::<Folded>(&json!({"pr": {}, "pe": {}, "or": stored}))["or"].clone()
        }),
        (json!({"entry": "experiment_joined", "arm": 3}), rewritten::<Entry>),
        (json!({"entry": "not_sent", "journey": "welcome", "reason": "full_moon"}), rewritten::<Entry>),
        (json!({"entry": "created", "journey": {"new": "form"}}), rewritten::<Entry>),
        (
            json!({"entry": "transition", "from": "vip", "to": "new", "at": "2026-03-02T10:00:00Z", "because": "x"}),
            rewritten::<Entry>,
        ),
    ] {
        assert_eq!(again(&stored), stored);
    }
    assert_eq!(rewritten::<Decided>(&json!({"co": [{"i": id, "c": "push", "a": 5}]}))["co"][0]["c"], "push");
}

#[test]
fn a_fact_of_the_future_is_kept_as_its_text() {
    for (json, class, known_class, permission) in [
        // Kinds that this version does not know.
        (
            r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"wish","product":{"b":1,"a":1.50},"n":1e3}"#,
            Some("x"),
            FactClass::Other,
            false,
        ),
        (r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"return_asked"}"#, Some("o"), FactClass::Order, false),
        (r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"quiet_day"}"#, Some("p"), FactClass::Permission, true),
        (r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"quiet_day"}"#, None, FactClass::Permission, true),
        (
            r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"wish","traits":{"email_consent":false}}"#,
            Some("x"),
            FactClass::Other,
            true,
        ),
        (
            r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"wish","traits":{"email":["two"]}}"#,
            Some("x"),
            FactClass::Other,
            true,
        ),
        // A known kind with content that this version cannot keep.
        (
            r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"consent","channel":{"new":"form"},"granted":false,"source":""}"#,
            Some("p"),
            FactClass::Permission,
            true,
        ),
    ] {
        let fact = Fact::parse(json, class).expect("a fact");
        assert!(matches!(fact.event, Event::Unrecognised(_)), "{json}");
        assert_eq!((fact.to_json().as_ref(), fact.class(), fact.id.as_str()), (json, known_class, "1"));
        assert_eq!(serde_json::to_value(&fact).expect("JSON"), serde_json::from_str::<Value>(json).expect("JSON"));
        assert_eq!(fact.uncountable().map(|fact| fact.permission), Some(permission), "{json}");
        assert_eq!(Fact::parse(&fact.to_json(), class).as_ref(), Some(&fact));
        assert!(!format!("{fact:?}").contains("product"), "its content must not be logged");
    }
    let strange = Fact::parse(r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"wish"}"#, Some("z")).expect("a fact");
    assert_eq!(strange.class().code(), "z");
    assert_eq!(strange.uncountable().map(|fact| fact.permission), Some(true), "a class of the future may be one");
    for json in ["", "{", "[]", r#"{"id":"1","kind":"wish"}"#, r#"{"at":"2026-03-02T10:00:00Z","kind":"wish"}"#] {
        assert_eq!(Fact::parse(json, Some("x")), None, "{json}");
    }
    let damaged = Fact::unreadable(hour(0), "sk".to_owned(), None, "{");
    assert_eq!((damaged.to_json().as_ref(), serde_json::to_value(&damaged).expect("JSON")), ("{", json!("{")));
    assert_eq!(damaged.uncountable().map(|fact| fact.permission), Some(true));
    assert_eq!(
        Fact::unreadable(hour(0), "sk".to_owned(), Some("x"), "{").uncountable().map(|fact| fact.permission),
        Some(false)
    );
}

//! Items that a later version of the engine stored: they are read, written back unchanged, and unknown parts never
//! count.

use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::{
    Answer, Closures, Consent, Contact, Customer, Decided, Folded, Permissions, Run, Uncounted,
};
use rekindle_lifecycle::decide::{Entry, Verdict, decide, verdict};
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, FactClass, KNOWN_CODES, OrderEvent, OrderStatus, Reaction, ReactionKind, Suppression,
    SuppressionCause, Traits,
};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
use rekindle_lifecycle::message::{Message, MessageState, NextAction, ProviderReport, Requirement, UNRECOGNISED_CHECK};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::referral::Refusal;
use rekindle_lifecycle::rules::Condition;
use rekindle_lifecycle::stage::Stage;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

fn hour(number: i64) -> Timestamp {
    "2026-03-02T10:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_hours(number)
}

/// Every enum that is stored by codes, with its codes.
const STORED: [(&str, &[&str]); 14] = [
    ("answer", Answer::CODES),
    ("channel", Channel::CODES),
    ("condition", Condition::CODES),
    ("decision entry", Entry::KINDS),
    ("fact", Event::KINDS),
    ("fact class", FactClass::CODES),
    ("message state", MessageState::CODES),
    ("order status", OrderStatus::CODES),
    ("purpose", Purpose::CODES),
    ("reaction", ReactionKind::CODES),
    ("reason", Reason::CODES),
    ("referral refusal", Refusal::CODES),
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

fn fact(at: i64, event: Event) -> Fact {
    Fact { at: hour(at), id: at.to_string(), event, traits: Traits::default() }
}

fn code<T: DeserializeOwned>(code: &str) -> T {
    serde_json::from_value(json!(code)).expect("a code")
}

fn consent(channel: Channel, purpose: Option<Purpose>, granted: bool) -> Event {
    let source = "page".to_owned();
    Event::Consent(ConsentEvent { channel, purpose, granted, source, text_version: None, own: true })
}

fn order(status: OrderStatus) -> Event {
    let order_id = OrderId::parse("o1").expect("an id");
    Event::Order(OrderEvent { order_id, status, amount: None, coupon: None, referral_code: None, ship_to: None })
}

fn folded(facts: &[Fact]) -> Folded {
    Folded::recount(facts, &Policy::built_in().calendar)
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
        assert_eq!(folded(std::slice::from_ref(&fact)), Folded { uncounted: noted, ..Folded::default() }, "{fact:?}");
        let mut one_by_one = Folded::default();
        one_by_one.apply(&fact, &Policy::built_in().calendar).expect("folded");
        assert_eq!(one_by_one.uncounted, noted);
    }
    // An unknown cause closes the channel like any other: it is kept by its code.
    let closed = Suppression { channel: Channel::Email, cause: code("legal_hold") };
    let customer = folded(&[fact(1, Event::Suppressed(closed))]);
    assert_eq!(customer.uncounted, None);
    assert_eq!(customer.permissions.suppressed(Channel::Email, hour(2)), Some(code("legal_hold")));
}

#[test]
fn only_a_version_that_knows_more_counts_again() {
    let noted = |codes, permission| Folded { uncounted: Some(Uncounted { codes, permission }), ..Folded::default() };
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

/// A customer who placed the first order an hour ago.
fn new_customer(facts: &[Fact]) -> Customer {
    let mut customer = Customer::new(ShopId::parse("tea").expect("an id"), CustomerId::parse("anna").expect("an id"));
    let traits = Traits {
        email: rekindle_lifecycle::contact::EmailAddress::parse("anna@example.com").ok(),
        ..Traits::default()
    };
    let mut all = vec![Fact { traits, ..fact(0, order(OrderStatus::Completed)) }];
    all.extend_from_slice(facts);
    customer.folded = folded(&all);
    customer
}

fn policy() -> Policy {
    Policy::parse("[experiment]\nholdout = 0.0\ncontrol_group = 0.0\n").expect("a policy")
}

#[test]
fn a_customer_with_uncounted_facts_is_checked_again_within_a_day() {
    let wish = Fact::parse(r#"{"at":"2026-03-02T10:00:00Z","id":"1","kind":"wish"}"#, Some("x")).expect("a fact");
    let mut customer = new_customer(&[wish]);
    customer.stage = Stage::Active;
    let due_at = decide(&policy(), &customer, hour(1_000)).due_at.expect("due");
    assert_eq!(due_at, hour(1_024));
}

#[test]
fn an_unreadable_permission_holds_messages_that_need_consent_until_it_is_counted() {
    let unread = fact(0, consent(code("push"), None, true));
    let (policy, customer) = (policy(), new_customer(&[unread]));
    let free = new_customer(&[]);
    let created = decide(&policy, &free, hour(2)).messages;
    assert!(!created.is_empty(), "without it the welcome is created");

    let held = decide(&policy, &customer, hour(2));
    assert_eq!(held.messages, []);
    let runs = held.decided.expect("a run").runs;
    assert!(runs.values().any(|run| run.held_by == Some(Reason::PermissionUnread) && run.done.is_empty()), "{runs:?}");
    assert!(held.due_at.is_some_and(|due_at| due_at <= hour(26)));

    // A message that was created before waits for the same time, as long as it is still useful.
    let message = &created[0];
    assert_eq!(verdict(&policy, &free, message, hour(2)), Verdict::Send);
    assert_eq!(verdict(&policy, &customer, message, hour(2)), Verdict::Later(hour(26)));
    let shortly_before = message.not_after - SignedDuration::from_hours(1);
    assert_eq!(verdict(&policy, &customer, message, shortly_before), Verdict::Later(message.not_after));
    assert_eq!(verdict(&policy, &customer, message, message.not_after), Verdict::Withdraw(Reason::PermissionUnread));
    let task = Message { channel: Channel::Task, ..message.clone() };
    assert_eq!(verdict(&policy, &customer, &task, hour(2)), Verdict::Send, "tasks are for people");
}

#[test]
fn a_step_that_was_held_until_it_was_too_late_says_why() {
    let (policy, mut customer) = (policy(), new_customer(&[fact(0, consent(code("push"), None, true))]));
    customer.decided = decide(&policy, &customer, hour(2)).decided.expect("held");
    let entries = decide(&policy, &customer, hour(24 * 30)).entries;
    let reasons: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::NotSent { step: Some(step), reason, .. } if step == "thanks" => Some(*reason),
            _ => None,
        })
        .collect();
    assert_eq!(reasons, [Reason::PermissionUnread]);
}

#[test]
fn a_customer_in_a_stage_of_the_future_stays_there() {
    let mut customer = new_customer(&[]);
    customer.stage = code("vip");
    customer.stage_since = Some(hour(-5));
    let decision = decide(&policy(), &customer, hour(2));
    assert_eq!((decision.stage, decision.stage_since), (code("vip"), Some(hour(-5))));
    assert!(!decision.entries.iter().any(|entry| matches!(entry, Entry::Transition { .. })));
    assert!(decision.due_at.is_some_and(|due_at| due_at <= hour(26)));
}

#[test]
fn a_message_with_something_of_the_future_in_it_waits_and_is_never_attempted() {
    let message = decide(&policy(), &new_customer(&[]), hour(2)).messages.remove(0);
    let now = hour(3);
    let later = UNRECOGNISED_CHECK.after(now);
    let unknown_requirement: Requirement =
        serde_json::from_value(json!({"requires": "basket"})).expect("a requirement");
    for strange in [
        Message { channel: code("push"), ..message.clone() },
        Message { purpose: code("review"), ..message.clone() },
        Message { unless: vec![Condition::Ordered, code("wished")], ..message.clone() },
        Message { requirement: unknown_requirement, ..message.clone() },
    ] {
        assert_eq!(strange.next_action(now, None), NextAction::Wait(later));
        let late = strange.not_after - SignedDuration::from_hours(1);
        assert_eq!(strange.next_action(late, None), NextAction::Wait(strange.not_after));
        assert_eq!(strange.next_action(strange.not_after, None), NextAction::Withdraw(Reason::TooLate));
        // Once an attempt was made, only the version that made it knows what the provider's silence means.
        let sending = strange.claimed(now);
        assert_eq!(
            sending.next_action(hour(900), Some(hour(900))),
            NextAction::Wait(UNRECOGNISED_CHECK.after(hour(900)))
        );
        let delivered = sending.reported(ProviderReport::Delivered, "p", now).expect("news");
        assert_eq!(delivered.next_action(now, None), NextAction::Settled);
    }
    let strange = Message { state: code("scheduled"), ..message.clone() };
    assert!(strange.state.is_open() && !strange.state.was_accepted());
    assert_eq!(strange.next_action(hour(9_000), None), NextAction::Wait(UNRECOGNISED_CHECK.after(hour(9_000))));
    assert_eq!(strange.reported(ProviderReport::Delivered, "p", now), None);
    assert_eq!(message.next_action(now, None), NextAction::Attempt);
}

#[test]
fn a_policy_with_a_code_of_the_future_is_refused_by_name() {
    let journey = |line: &str, step: &str| {
        format!(
            "[[journey]]\nid = \"a\"\ntrigger = \"order\"\npriority = 1\npurpose = \"marketing\"\n{line}\n\
             [[journey.step]]\nid = \"s\"\ndelay = \"1h\"\nchannel = \"email\"\ntemplate = \"welcome-thanks\"\n{step}\n"
        )
    };
    assert!(Policy::parse(&journey("", "")).is_ok());
    for (line, step, named) in [
        ("ends_when = [\"wished\"]", "", "wished"),
        ("", "unless = [\"wished\"]", "wished"),
        ("", "only_if = [\"ordered\", \"wished\"]", "wished"),
        ("", "fallback = \"push\"", "push"),
    ] {
        let error = Policy::parse(&journey(line, step)).expect_err("refused").to_string();
        assert!(error.contains(&format!("`{named}`")) && error.contains("line"), "{error}");
    }
    for (from, to) in [("\"marketing\"", "\"review\""), ("\"email\"", "\"push\"")] {
        let error = Policy::parse(&journey("", "").replace(from, to)).expect_err("refused").to_string();
        assert!(error.contains(&format!("`{}`", to.trim_matches('"'))), "{error}");
    }
}

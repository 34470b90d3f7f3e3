//! What is decided about customers and messages with something of the future in them.

use crate::{code, consent, fact, folded, hour, order};
use jiff::SignedDuration;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Entry, Verdict, decide, verdict};
use rekindle_lifecycle::facts::{Fact, OrderStatus, Traits};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::message::{Message, NextAction, ProviderReport, Requirement, UNRECOGNISED_CHECK};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::rules::Condition;
use rekindle_lifecycle::stage::Stage;
use serde_json::json;

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

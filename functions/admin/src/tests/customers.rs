//! Tests of exporting and erasing a customer.

use super::{now, rig, shop};
use crate::Admin;
use crate::erase::{Eraser, Limits};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::decide;
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, LeftOut, LeftOutReason, NpsAnswer, OtherEvent, Suppression, SuppressionCause, Traits,
};
use rekindle_lifecycle::message::Message;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::sending::suppressions::SuppressedAddress;
use rekindle_store::shop::task::Task;
use rekindle_store::{CustomerKey, Guarded};
use rekindle_testing::Rig;
use serde_json::{Value, json};

/// No holdout, so that the test knows who gets which message.
const POLICY: &str = "[experiment]\nholdout = 0.0\n";

fn fact(minutes_ago: i64, id: &str, event: Event) -> Fact {
    Fact { at: now() - SignedDuration::from_mins(minutes_ago), id: id.to_owned(), event, traits: Traits::default() }
}

fn eraser(rig: &Rig<Admin>) -> Eraser<'_> {
    Eraser { store: &rig.store, link_keys: &rig.function.link_keys, now: now(), at: now() }
}

fn refusal() -> Event {
    Event::Consent(ConsentEvent {
        channel: Channel::Sms,
        purpose: None,
        granted: false,
        source: "preferences page".to_owned(),
        text_version: Some("2026-01".to_owned()),
        own: true,
    })
}

/// Anna ordered two hours ago, was thanked, answered 9, refused text messages, and complained; there is a task about her.
async fn anna(rig: &Rig<Admin>) -> (CustomerKey, Vec<Message>) {
    let store = &rig.store;
    store.put_policy(&shop(), POLICY).await.expect("a policy");
    let key = rig.ordered("anna", 2).await;
    let answer = Event::NpsAnswer(NpsAnswer { score: 9, comment: Some("Fast <b>".to_owned()), may_call: None });
    let mut customer = store.customer(&key).await.expect("read");
    let policy = store.policy(&shop(), now()).await.expect("read");
    let decision = decide(&policy, &customer, now());
    let mut messages = decision.messages;
    assert_eq!(messages.len(), 1, "the first order is answered with thanks");
    customer.stage = decision.stage;
    customer.decided = decision.decided.expect("something is decided");
    let handoff = Message { channel: Channel::Task, id: task_id(&key), ..messages[0].clone() };
    messages.push(handoff);
    store.commit(&customer, &messages, &decision.entries, now()).await.expect("committed");
    let complaint = Suppression { channel: Channel::Email, cause: SuppressionCause::Complaint, address: None };
    let said = [fact(60, "m1", answer), fact(50, "m2", refusal()), fact(40, "m3", Event::Suppressed(complaint))];
    store.store_and_apply(&key, &said, now()).await.expect("applied");
    store.open_task(&task(&key)).await.expect("opened");
    (key, messages)
}

fn task_id(key: &CustomerKey) -> rekindle_lifecycle::id::MessageId {
    rekindle_lifecycle::id::MessageId::derive(&key.shop, &key.customer, "detractor", "1", "call", "handoff")
}

fn task(key: &CustomerKey) -> Task {
    Task {
        id: task_id(key),
        shop: key.shop.clone(),
        customer: key.customer.clone(),
        journey: "detractor".to_owned(),
        step: "call".to_owned(),
        title: "Call Anna".to_owned(),
        created_at: now(),
        because: "she complained".to_owned(),
        nps: None,
        history: Vec::new(),
        notes: Vec::new(),
        closed: None,
    }
}

async fn is_suppressed(rig: &Rig<Admin>, channel: Channel, address: &str) -> Option<SuppressedAddress> {
    let address = channel.row().address.parse(address).expect("an address");
    let fingerprint = rig.function.link_keys.address_fingerprint(&address);
    rig.store.suppression(&shop(), channel, &fingerprint).await.expect("read")
}

#[tokio::test]
async fn an_export_that_fits_into_no_answer_comes_in_parts() {
    let rig = rig().await;
    let anna = rig.ordered("anna", 24).await;
    for hours_ago in 1..40 {
        rig.ordered("anna", hours_ago).await;
    }
    let whole = rig.json("GET", "/v1/customers/anna/export", "").await;
    assert_eq!(whole["next_after"], Value::Null);
    let (mut facts, mut refused, mut after) = (Vec::new(), 0, None::<String>);
    for part in 0.. {
        let exported = crate::export::run_within(&rig.function, &anna, after.as_deref(), 1_000).await;
        let exported = exported.expect("answered").expect("there");
        assert!(exported.to_string().len() < 8_000, "{exported}");
        assert_eq!(exported.get("customer").is_some(), part == 0);
        facts.extend(exported["facts"].as_array().cloned().unwrap_or_default());
        refused += usize::from(exported.get("refused").is_some());
        after = exported["next_after"].as_str().map(str::to_owned);
        if after.is_none() {
            assert!(part > 3, "{part} parts");
            break;
        }
    }
    assert_eq!((json!(facts), refused), (whole["facts"].clone(), 1));
}

#[tokio::test]
async fn an_export_holds_everything_and_is_complete_whatever_its_size() {
    let rig = rig().await;
    let (key, messages) = anna(&rig).await;
    let visits: Vec<_> = (0..1_000)
        .map(|number| (key.clone(), fact(number, &format!("v{number}"), Event::Other(OtherEvent::named("visit")))))
        .collect();
    rig.store.put_facts(&visits).await.expect("stored");
    rig.json("POST", "/v1/suppressions", "channel,address,cause\nemail,anna@example.com,complaint\n").await;
    let export = rig.json("GET", "/v1/customers/anna/export", "").await;
    let count = |part: &str| export[part].as_array().map_or(0, Vec::len);
    assert_eq!((count("facts"), count("messages"), count("tasks")), (1_004, messages.len(), 1));
    assert_eq!(export["customer"]["profile"]["email"]["value"], "anna@example.com");
    let consent = json!({
        "at": "2026-03-02T11:10:00Z", "channel": "sms", "purpose": null, "granted": false,
        "source": "preferences page", "text_version": "2026-01", "said_by": "customer",
    });
    assert_eq!(export["consents"], json!([consent]));
    assert_eq!(export["suppressions"][0]["cause"], "complaint");
    assert!(export["decisions"].as_array().is_some_and(|told| told.iter().any(|one| one["entry"] == "transition")));
    assert_eq!(export["unreadable"], 0);
    rig.refused(404, "GET", "/v1/customers/bob/export", "").await;
    let shown = rig.json("GET", "/v1/customers/anna", "").await;
    assert_eq!(shown["consents"], export["consents"]);
    assert_eq!(shown["nps"], json!({ "score": 9, "at": "2026-03-02T11:00:00Z" }));
    assert_eq!(shown["permissions"]["email"]["closed_by"], "complaint");
    let other = format!("Bearer {}", rig.other_key().await);
    assert_eq!(rig.call_with(&other, "GET", "/v1/customers/anna/export", "").await.0, 404);
}

#[tokio::test]
async fn a_customer_is_erased_within_the_call_and_stays_suppressed_and_counted() {
    let rig = rig().await;
    let (key, messages) = anna(&rig).await;
    let other = format!("Bearer {}", rig.other_key().await);
    assert_eq!(rig.call_with(&other, "DELETE", "/v1/customers/anna", "").await.0, 404);
    let before = rig.json("GET", "/v1/reports/nps", "").await;
    let erased = rig.json("DELETE", "/v1/customers/anna", "").await;
    assert_eq!((&erased["erased"], &erased["pending"]), (&json!(true), &json!([])));
    assert_eq!(
        erased["removed"],
        json!({ "facts": 4, "messages": 2, "decisions": 1, "tasks": 1, "refused": 0, "deliveries": 0, "other": 0 })
    );

    for path in ["", "/timeline", "/export"] {
        rig.refused(404, "GET", &format!("/v1/customers/anna{path}"), "").await;
    }
    rig.refused(404, "GET", &format!("/v1/tasks/{}", task_id(&key)), "").await;
    let left = rig.everything().await;
    for personal in ["anna", "Fast", "+442071838750", "Call", messages[0].id.as_str(), "anna-2", "preferences page"] {
        assert!(!left.contains(personal), "{personal} is left: {left}");
    }
    // Only causes and counts remain.
    let email = is_suppressed(&rig, Channel::Email, "anna@example.com").await.expect("suppressed");
    assert_eq!((email.cause, email.erased, email.address), (SuppressionCause::Complaint, true, None));
    let sms = is_suppressed(&rig, Channel::Sms, "+442071838750").await.expect("suppressed");
    assert_eq!((sms.cause, sms.erased), (SuppressionCause::Erased, true));
    let after = rig.json("GET", "/v1/reports/nps", "").await;
    assert_eq!((&after["all"], &after["months"]), (&before["all"], &before["months"]));
    assert!(left.contains("welcome") && left.contains("thanks"), "the message is still counted: {left}");
    let fingerprint = rig.function.link_keys.customer_fingerprint(&key.shop, &key.customer);
    let mark = rig.store.erasure_mark(&fingerprint).await.expect("read").expect("marked");
    assert!(mark.complete && mark.at == now());

    // Importing the same address again does not make it known.
    rig.json("POST", "/v1/suppressions", "channel,address,cause\nemail,Anna@example.com,manual\n").await;
    assert!(!rig.everything().await.to_lowercase().contains("anna@"));
    let again = rig.json("DELETE", "/v1/customers/anna", "").await;
    assert_eq!((&again["erased"], &again["removed"]["facts"]), (&json!(true), &json!(0)));
    rig.refused(404, "DELETE", "/v1/customers/bob", "").await;
}

#[tokio::test]
async fn an_interrupted_erasure_reports_what_is_pending_and_continues_with_the_next_call() {
    let rig = rig().await;
    let (key, _) = anna(&rig).await;
    let visits: Vec<_> = (0..900)
        .map(|number| (key.clone(), fact(number, &format!("v{number}"), Event::Other(OtherEvent::named("visit")))))
        .collect();
    rig.store.put_facts(&visits).await.expect("stored");
    let mut facts_removed = 0;
    for parts in [0, 1, 1] {
        let limits = Limits { parts, ..Limits::default() };
        let told = eraser(&rig).erase_part(&key, limits).await.expect("asked").expect("known").to_json();
        assert_eq!((&told["erased"], &told["pending"]), (&json!(false), &json!(["activity"])));
        facts_removed += told["removed"]["facts"].as_u64().expect("a count");
        assert_eq!(rig.store.customer(&key).await.expect("read").version, 0, "nothing is claimed any more");
    }
    let fingerprint = rig.function.link_keys.customer_fingerprint(&key.shop, &key.customer);
    let mark = rig.store.erasure_mark(&fingerprint).await.expect("read").expect("marked");
    assert!(!mark.complete);
    let told = rig.json("DELETE", "/v1/customers/anna", "").await;
    assert_eq!(told["erased"], true);
    assert_eq!(facts_removed + told["removed"]["facts"].as_u64().expect("a count"), 904);
    assert!(!rig.everything().await.contains("anna"));
    // The cause was read from the profile, in the first call.
    let email = is_suppressed(&rig, Channel::Email, "anna@example.com").await.expect("suppressed");
    assert_eq!(email.cause, SuppressionCause::Complaint);
}

#[tokio::test]
async fn very_many_refused_events_are_looked_through_over_several_calls() {
    let rig = rig().await;
    let (key, _) = anna(&rig).await;
    let refused = |days_ago: i64, body: Value| {
        let received_at = now() - SignedDuration::from_hours(24 * days_ago);
        Refused::new(received_at, "total", "not an amount", &body.to_string())
    };
    let theirs = [
        refused(9, json!({ "userId": "anna", "total": "?" })),
        refused(5, json!({ "context": { "traits": { "email": "ANNA@example.com" } } })),
        refused(0, json!({ "userId": "anna", "total": "!" })),
    ];
    let others = [7, 6].map(|days_ago| refused(days_ago, json!({ "userId": "bob", "total": "?" })));
    rig.store.put_refused(&shop(), &[theirs.as_slice(), &others].concat()).await.expect("stored");

    let exported = rig.json("GET", "/v1/customers/anna/export", "").await;
    assert_eq!((exported["refused"].as_array().map(Vec::len), &exported["next_after"]), (Some(3), &Value::Null));
    let day = (now() - SignedDuration::from_hours(24 * 6)).to_zoned(TimeZone::UTC).date();
    let rest = rig.json("GET", &format!("/v1/customers/anna/export?after={day}/"), "").await;
    assert_eq!((rest["refused"].as_array().map(Vec::len), rest.get("facts")), (Some(2), None));
    rig.refused(400, "GET", "/v1/customers/anna/export?after=then", "").await;

    let limits = Limits { refused_pages: 2, ..Limits::default() };
    let mut removed = Vec::new();
    for pending in [json!(["refused", "activity"]), json!(["refused", "activity"]), json!([])] {
        let told = eraser(&rig).erase_part(&key, limits).await.expect("asked").expect("known").to_json();
        assert_eq!((&told["erased"], &told["pending"]), (&json!(pending == json!([])), &pending));
        removed.push(told["removed"]["refused"].clone());
    }
    assert_eq!(removed, [1, 1, 1], "the one with the address was found by the second call");
    let fingerprint = rig.function.link_keys.customer_fingerprint(&key.shop, &key.customer);
    assert_eq!(rig.store.refused_place(&fingerprint).await.expect("read"), None, "the next erasure begins anew");
    let left = rig.everything().await;
    assert!(left.contains("bob") && !left.to_lowercase().contains("anna"), "{left}");
}

#[tokio::test]
async fn a_function_that_read_the_customer_before_the_erasure_writes_nothing_afterwards() {
    let rig = rig().await;
    let (key, messages) = anna(&rig).await;
    let store = &rig.store;
    let read: Customer = store.customer(&key).await.expect("read");
    rig.json("DELETE", "/v1/customers/anna", "").await;

    let claimed = messages[0].claimed(now());
    assert_eq!(store.claim(&read, &claimed).await.expect("asked"), Guarded::CustomerChanged);
    let policy = store.policy(&shop(), now()).await.expect("read");
    let decision = decide(&policy, &read, now() + SignedDuration::from_hours(24 * 40));
    let committed = store.commit(&read, &decision.messages, &decision.entries, now()).await.expect("asked");
    assert_eq!(committed, Guarded::CustomerChanged);
    let outcome = messages[0].unrenderable("anna".to_owned());
    let settled = store.settle_message(&key, &outcome, Some(read), now()).await.expect("asked");
    assert_eq!(settled, Guarded::MessageChanged);
    assert!(!rig.everything().await.contains("anna"));
    // A function that still holds facts finds the mark, and a later fact belongs to a new customer.
    let fingerprint = rig.function.link_keys.customer_fingerprint(&key.shop, &key.customer);
    assert_eq!(store.erased_at(&fingerprint).await.expect("read"), Some(now()));
}

#[tokio::test]
async fn two_erasures_at_once_leave_nothing_and_count_everything_once() {
    let rig = rig().await;
    let (key, _) = anna(&rig).await;
    let before = rig.json("GET", "/v1/reports/nps", "").await;
    let eraser = eraser(&rig);
    let (one, two) = tokio::join!(eraser.erase_id(&key), eraser.erase_id(&key));
    assert!(one.expect("asked") && two.expect("asked"));
    let left = rig.everything().await;
    assert!(!left.contains("anna"));
    let after = rig.json("GET", "/v1/reports/nps", "").await;
    assert_eq!(after["all"], before["all"]);
    assert_eq!(left.matches("message#").count(), 2, "each message is counted once: {left}");
    assert_eq!(after["examined"], Value::from(0));
}

#[tokio::test]
async fn people_see_what_was_left_out_and_which_consent_is_unclear_until_it_is_clear() {
    let rig = rig().await;
    let key = rig.ordered("anna", 2).await;
    let left_out =
        |field: &str, reason, value: &str| LeftOut { field: field.to_owned(), reason, value: Some(value.to_owned()) };
    let unclear = Traits {
        email_consent: Some(false),
        left_out: vec![
            left_out("traits.accepts_marketing", LeftOutReason::UnclearEmailConsent, "perhaps"),
            left_out("traits.phone", LeftOutReason::NotAPhoneNumber, "hello"),
        ],
        ..Traits::default()
    };
    let unclear = Fact { traits: unclear, ..fact(60, "m1", Event::Identified) };
    rig.store.store_and_apply(&key, &[unclear], now()).await.expect("applied");
    let described = rig.json("GET", "/v1/customers/anna", "").await;
    assert_eq!(described["unclear_consents"][0]["field"], "traits.accepts_marketing");
    assert_eq!(described["unclear_consents"][0]["value"], "perhaps");
    assert_eq!(described["left_out"], 2);
    assert_eq!(described["permissions"]["email"]["marketing"], false);
    assert_eq!(described["permissions"]["email"]["survey"], true, "only marketing waits");
    let timeline = rig.json("GET", "/v1/customers/anna/timeline", "").await;
    let shown = timeline["entries"].as_array().into_iter().flatten().find(|entry| entry["id"] == "m1").expect("shown");
    assert_eq!(shown["left_out"][1]["field"], "traits.phone");
    assert!(
        shown["left_out"][1]["because"].as_str().is_some_and(|because| because.starts_with("is not a phone number"))
    );
    let export = rig.json("GET", "/v1/customers/anna/export", "").await;
    assert!(export["facts"].to_string().contains("\"reason\":\"not_a_phone_number\",\"value\":\"hello\""));
    assert!(export["consents"].as_array().into_iter().flatten().any(|consent| consent["clear"] == false));

    let clear = Traits { email_consent: Some(true), ..Traits::default() };
    let clear = Fact { traits: clear, ..fact(30, "m2", Event::Identified) };
    rig.store.store_and_apply(&key, &[clear], now()).await.expect("applied");
    let described = rig.json("GET", "/v1/customers/anna", "").await;
    assert_eq!(described["unclear_consents"], json!([]));
    assert_eq!(described["permissions"]["email"]["marketing"], true);
}

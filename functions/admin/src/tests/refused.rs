//! Tests of what the shop's people see of refused events, and of taking them in again.

use super::{now, rig, shop};
use crate::Admin;
use jiff::SignedDuration;
use rekindle_platform::{Scope, Scopes};
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::activity::refused_call::RefusedCall;
use rekindle_store::shop::api_keys::{Role, hash_of};
use rekindle_testing::Rig;
use rekindle_testing::builders::customer_key;
use serde_json::{Value, json};

fn refused(days_ago: i64, field: &str, reason: &str, code: &str, body: &Value) -> Refused {
    let at = now() - SignedDuration::from_hours(24 * days_ago);
    let refused = Refused::new(at, field, reason, &body.to_string());
    Refused { code: Some(code.to_owned()), call: Some(RefusedCall::default()), ..refused }
}

async fn keep(rig: &Rig<Admin>, events: &[Refused]) {
    rig.store.put_refused(&shop(), events).await.expect("stored");
}

/// An order that names its customer by a number without a country code only, so it can be read where the policy names a country.
fn by_number(order: &str) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "messageId": format!("m-{order}"), "timestamp": "2026-03-02T10:00:00Z",
        "properties": { "order_id": order, "total": "30.00", "currency": "EUR" },
        "context": { "traits": { "phone": "020 7183 8750", "firstName": "Anna" } },
    })
}

const MISSING: &str = "is missing, and there is no e-mail address, phone number or anonymousId";

fn without_country(days_ago: i64, order: &str) -> Refused {
    refused(days_ago, "userId", MISSING, "missing", &by_number(order))
}

/// The number of orders under each guest's id.
async fn orders(rig: &Rig<Admin>) -> usize {
    rig.everything().await.matches("\"order#").count()
}

#[tokio::test]
async fn refused_events_are_counted_by_day_field_and_reason_and_each_can_be_read() {
    let rig = rig().await;
    let buy = |of: &str| json!({ "type": "buy", "userId": of, "traits": { "email": format!("{of}@example.com") } });
    keep(
        &rig,
        &[
            refused(0, "type", "is unknown", "unknown_type", &buy("anna")),
            refused(0, "type", "is unknown", "unknown_type", &buy("bela")),
            refused(3, "type", "is unknown", "unknown_type", &buy("anna")),
            refused(3, "userId", MISSING, "missing", &json!({ "type": "track" })),
        ],
    )
    .await;
    let listed = rig.json("GET", "/v1/refused", "").await;
    let groups: Vec<_> = listed["groups"].as_array().expect("groups").iter().collect();
    let told: Vec<String> =
        groups.iter().map(|group| format!("{} {} {}", group["day"], group["field"], group["count"])).collect();
    assert_eq!(told, [r#""2026-03-02" "type" 2"#, r#""2026-02-27" "userId" 1"#, r#""2026-02-27" "type" 1"#]);
    assert_eq!(listed["next_after"], Value::Null);
    let id = groups[0]["sample"]["id"].as_str().expect("an id");
    let one = rig.json("GET", &format!("/v1/refused/{id}"), "").await;
    assert_eq!((&one["body"], &one["code"]), (&groups[0]["sample"]["body"], &json!("unknown_type")));
    assert!(one["body"].as_str().is_some_and(|body| body.contains("@example.com")));
    for (query, count) in [
        ("?reason=missing", 1),
        ("?reason=is%20unknown&from=2026-03-01", 1),
        ("?field=type&to=2026-02-27", 1),
        ("?from=2026-02-28&to=2026-03-01", 0),
        ("?field=nothing", 0),
    ] {
        let listed = rig.json("GET", &format!("/v1/refused{query}"), "").await;
        assert_eq!(listed["groups"].as_array().map(Vec::len), Some(count), "{query}");
    }
    for query in ["?from=then", "?after=then", "?to=2026-02-30"] {
        rig.refused(400, "GET", &format!("/v1/refused{query}"), "").await;
    }
    for id in ["nothing", "2026-03-02-k7", "2026-03-02-a%23b"] {
        rig.refused(404, "GET", &format!("/v1/refused/{id}"), "").await;
    }
    // Another shop sees none of it.
    let other = format!("Bearer {}", rig.other_key().await);
    let (_, listed) = rig.call_with(&other, "GET", "/v1/refused", "").await;
    assert_eq!(serde_json::from_str::<Value>(&listed).expect("JSON")["groups"], json!([]));
    assert_eq!(rig.call_with(&other, "GET", &format!("/v1/refused/{id}"), "").await.0, 404);
}

#[tokio::test]
async fn who_may_not_read_people_sees_the_form_of_an_event_only() {
    let rig = rig().await;
    let key = rig.store.create_key(&shop(), Role::Admin, now()).await.expect("a key");
    rig.store.scope_key(&shop(), &hash_of(&key), Scopes::new(&[Scope::Read])).await.expect("scoped");
    keep(&rig, &[without_country(0, "anna-1")]).await;
    let (status, listed) = rig.call_with(&format!("Bearer {key}"), "GET", "/v1/refused", "").await;
    assert_eq!(status, 200, "{listed}");
    assert!(!listed.contains("7183") && !listed.to_lowercase().contains("anna"), "{listed}");
    let sample = &serde_json::from_str::<Value>(&listed).expect("JSON")["groups"][0]["sample"];
    assert_eq!(sample["body"]["properties"]["total"], "text, 5 characters");
    let id = sample["id"].as_str().expect("an id");
    assert_eq!(rig.call_with(&format!("Bearer {key}"), "GET", &format!("/v1/refused/{id}"), "").await.0, 403);
    assert_eq!(rig.call_with(&format!("Bearer {key}"), "POST", "/v1/refused/retry", "{}").await.0, 403);
    let whole = rig.json("GET", "/v1/refused", "").await;
    assert!(whole.to_string().contains("7183"), "{whole}");
}

#[tokio::test]
async fn a_list_of_very_many_goes_on_where_it_stopped_and_the_counts_add_up() {
    let rig = rig().await;
    let long = |number: usize| json!({ "type": "buy", "number": number, "text": "x".repeat(250_000) });
    for day in 0..3 {
        let events = (0..30).map(|number| refused(day, "type", "is unknown", "unknown_type", &long(number)));
        let events: Vec<_> = events.collect();
        keep(&rig, &events).await;
    }
    let (mut counted, mut calls, mut query) = (0, 0, String::new());
    loop {
        let listed = rig.json("GET", &format!("/v1/refused{query}"), "").await;
        counted += listed["groups"]
            .as_array()
            .expect("groups")
            .iter()
            .filter_map(|group| group["count"].as_u64())
            .sum::<u64>();
        calls += 1;
        let Some(after) = listed["next_after"].as_str() else { break };
        query = format!("?after={}", after.replace('#', "%23"));
    }
    assert!(calls > 1, "one call reads a limited number of pages");
    assert_eq!(counted, 90);
}

#[tokio::test]
async fn what_a_setting_makes_readable_is_taken_in_once_and_the_rest_stays_with_its_reason() {
    let rig = rig().await;
    let never = refused(1, "type", "is odd", "invalid", &json!({ "type": "buy", "userId": "bo" }));
    let report =
        Refused::new(now(), "eventType", "is a type that this version does not know", r#"{"eventType":"New"}"#);
    let cut = RefusedCall { incomplete: true, ..RefusedCall::default() };
    let cut = Refused { call: Some(cut), ..without_country(0, "cut") };
    keep(&rig, &[without_country(0, "o1"), without_country(2, "o2"), never, report, cut]).await;
    let retry = async |body: &str| rig.json("POST", "/v1/refused/retry", body).await;
    let counts = |accepted: u64, refused: u64, incomplete: u64| json!({ "accepted": accepted, "refused": refused, "erased": 0, "incomplete": incomplete, "missing": 0, "next_after": null });
    assert_eq!(retry("{}").await, counts(0, 3, 2), "nothing changed");
    assert_eq!(orders(&rig).await, 0);
    let told = rig.json("GET", "/v1/refused?field=type", "").await;
    assert!(
        told["groups"][0]["reason"].as_str().is_some_and(|reason| reason.starts_with("is unknown; it should be")),
        "{told}"
    );
    rig.store.put_policy(&shop(), "country = \"GB\"\n").await.expect("a policy");
    assert_eq!(
        retry(r#"{"field":"userId","from":"2026-03-01"}"#).await,
        counts(1, 0, 1),
        "of the days that are asked for"
    );
    assert_eq!(orders(&rig).await, 1);
    assert_eq!(retry("{}").await, counts(1, 1, 2));
    assert_eq!(retry("{}").await, counts(0, 1, 2), "once");
    assert_eq!(orders(&rig).await, 2);
    // They happened when they happened, not now.
    assert!(rig.everything().await.contains("order#2026-03-02T10:00:00.000Z#o1#"));
}

#[tokio::test]
async fn a_retry_that_stopped_before_the_event_was_removed_makes_the_same_facts_again() {
    let rig = rig().await;
    rig.store.put_policy(&shop(), "country = \"GB\"\n").await.expect("a policy");
    let event = without_country(0, "o1");
    keep(&rig, std::slice::from_ref(&event)).await;
    rig.json("POST", "/v1/refused/retry", "{}").await;
    let after_one = rig.everything().await;
    // As if it had stopped, and once more beside itself.
    keep(&rig, std::slice::from_ref(&event)).await;
    let (one, other) =
        tokio::join!(rig.json("POST", "/v1/refused/retry", "{}"), rig.json("POST", "/v1/refused/retry", "{}"));
    assert!(one["accepted"] == 1 || other["accepted"] == 1, "{one} {other}");
    assert_eq!(rig.everything().await, after_one);
}

#[tokio::test]
async fn events_are_taken_in_by_their_ids_and_what_is_no_id_is_counted_as_missing() {
    let rig = rig().await;
    rig.store.put_policy(&shop(), "country = \"GB\"\n").await.expect("a policy");
    keep(&rig, &[without_country(0, "o1"), without_country(0, "o2")]).await;
    let listed = rig.json("GET", "/v1/refused", "").await;
    let id = listed["groups"][0]["sample"]["id"].as_str().expect("an id");
    let body = json!({ "ids": [id, "2026-03-02-k7", "nothing"] }).to_string();
    let done = rig.json("POST", "/v1/refused/retry", &body).await;
    assert_eq!((&done["accepted"], &done["missing"]), (&json!(1), &json!(2)), "{done}");
    assert_eq!(orders(&rig).await, 1);
    for body in [
        json!({ "ids": [id], "field": "userId" }),
        json!({ "ids": vec![id; 501] }),
        json!({ "id": id }),
        json!({ "from": "then" }),
        json!({ "after": "then" }),
    ] {
        rig.refused(400, "POST", "/v1/refused/retry", &body.to_string()).await;
    }
}

#[tokio::test]
async fn what_came_with_a_public_key_is_read_as_such_when_it_is_taken_in_again() {
    let rig = rig().await;
    let call = RefusedCall { kind: Some("track".to_owned()), public_key: true, ..RefusedCall::default() };
    let order = Refused { call: Some(call.clone()), ..without_country(0, "o1") };
    let page =
        json!({ "anonymousId": "d1", "userId": "anna", "event": "Product Viewed", "properties": { "sku": "p1" } });
    let page = Refused { call: Some(call), ..refused(0, "type", "is odd", "invalid", &page) };
    keep(&rig, &[order, page]).await;
    rig.store.put_policy(&shop(), "country = \"GB\"\n").await.expect("a policy");
    let done = rig.json("POST", "/v1/refused/retry", "{}").await;
    assert_eq!((&done["accepted"], &done["refused"]), (&json!(1), &json!(1)), "{done}");
    assert_eq!(orders(&rig).await, 0);
    assert_eq!(rig.store.facts_of(&customer_key("anonymous:d1")).all().await.expect("facts").len(), 1);
}

#[tokio::test]
async fn events_of_people_who_were_erased_since_are_removed_and_not_taken_in() {
    let rig = rig().await;
    rig.store.put_policy(&shop(), "country = \"GB\"\n").await.expect("a policy");
    rig.ordered("anna", 2).await;
    rig.json("DELETE", "/v1/customers/anna", "").await;
    // The number is Anna's, and so is the order of another event; they come late.
    let by_order = json!({
        "type": "track", "event": "Order Updated", "userId": "other", "timestamp": "2026-03-02T11:59:00Z",
        "properties": { "order_id": "anna-2", "total": "1.00", "currency": "EUR" },
    });
    keep(&rig, &[without_country(0, "o1"), refused(0, "type", "is odd", "invalid", &by_order)]).await;
    let done = rig.json("POST", "/v1/refused/retry", "{}").await;
    assert_eq!((&done["accepted"], &done["erased"]), (&json!(0), &json!(2)), "{done}");
    assert_eq!(orders(&rig).await, 0);
    assert!(rig.json("GET", "/v1/refused", "").await["groups"].as_array().is_some_and(Vec::is_empty));
}

#[tokio::test]
async fn an_erasure_reads_the_days_that_have_refused_events_and_not_ninety() {
    // What the erasure of one customer reads, in a shop whose days are listed from the beginning or not at all.
    let read = async |is_listed: bool| {
        let rig = rig().await;
        if is_listed {
            let beginning = now() - SignedDuration::from_hours(24 * 200);
            rig.store.list_refused_days_from(&shop(), beginning).await.expect("a new shop");
        }
        for customer in ["anna", "bela"] {
            rig.ordered(customer, 2).await;
        }
        keep(&rig, &[refused(60, "type", "is odd", "invalid", &json!({ "userId": "anna" }))]).await;
        let mut read = Vec::new();
        for customer in ["anna", "bela"] {
            rig.store.capacity().take();
            let done = rig.json("DELETE", &format!("/v1/customers/{customer}"), "").await;
            assert_eq!(done["removed"]["refused"], json!(usize::from(customer == "anna")));
            read.push(rig.store.capacity().used().read);
        }
        read
    };
    let (listed, unlisted) = (read(true).await, read(false).await);
    println!("read units of two erasures: {listed:?} with the list, {unlisted:?} where the first one makes it");
    assert!(listed[0] + 40.0 < unlisted[0], "ninety days are 45 units: {listed:?} {unlisted:?}");
    assert!(unlisted[1] < listed[1] + 3.0, "once: {listed:?} {unlisted:?}");
}

//! Tests of the tasks for the shop's people.

use super::{now, rig, shop};
use rekindle_lifecycle::facts::Event;
use rekindle_lifecycle::id::{CustomerId, MessageId};
use rekindle_store::CustomerKey;
use rekindle_store::shop::task::Task;
use serde_json::{Value, json};

fn task(number: u32) -> Task {
    let customer = CustomerId::parse("anna").expect("an id");
    let id = MessageId::derive(&shop(), &customer, "detractor", &number.to_string(), "call", "handoff");
    Task {
        id,
        shop: shop(),
        customer,
        journey: "detractor".to_owned(),
        step: "call".to_owned(),
        title: "Call <Anna>".to_owned(),
        created_at: now(),
        because: "she gave us 2".to_owned(),
        nps: None,
        history: Vec::new(),
        notes: Vec::new(),
        closed: None,
    }
}

#[tokio::test]
async fn a_task_is_listed_annotated_and_closed_once_and_the_closing_is_stored_as_a_fact_of_the_customer() {
    let rig = rig().await;
    for number in 1..=3 {
        rig.store.open_task(&task(number)).await.expect("opened");
    }
    let path = format!("/v1/tasks/{}", task(1).id);
    let listed = rig.json("GET", "/v1/tasks?limit=2", "").await;
    assert_eq!(listed["tasks"].as_array().map(Vec::len), Some(2));
    let after = listed["next_after"].as_str().expect("more").replace('#', "%23");
    let rest = rig.json("GET", &format!("/v1/tasks?state=open&after={after}"), "").await;
    assert_eq!((rest["tasks"].as_array().map(Vec::len), &rest["next_after"]), (Some(1), &Value::Null));

    let noted = rig.json("POST", &format!("{path}/notes"), "{\"text\":\" no answer \",\"by\":\"Bob\"}").await;
    assert_eq!(noted["notes"], json!([{ "at": "2026-03-02T12:00:00Z", "by": "Bob", "text": "no answer" }]));
    let close = json!({ "outcome": "called, all is well", "by": "Bob" }).to_string();
    let closed = rig.json("POST", &format!("{path}/close"), &close).await;
    assert_eq!(closed["closed"]["outcome"], "called, all is well");
    let again = rig.json("POST", &format!("{path}/close"), "{\"outcome\":\"never mind\",\"by\":\"Eve\"}").await;
    assert_eq!(again, closed, "the first outcome is kept");
    assert_eq!(rig.json("GET", &path, "").await, closed);
    assert_eq!(rig.json("GET", "/v1/tasks?state=closed", "").await["tasks"], json!([closed]));
    assert_eq!(rig.json("GET", "/v1/tasks", "").await["tasks"].as_array().map(Vec::len), Some(2));

    let key = CustomerKey { shop: shop(), customer: task(1).customer };
    let facts = rig.store.facts_of(&key).all().await.expect("read");
    let [fact] = facts.as_slice() else { panic!("one fact records the closing, not {}", facts.len()) };
    assert!(matches!(&fact.event, Event::TaskClosed(told) if told.task == task(1).id), "{:?}", fact.event);
}

#[tokio::test]
async fn a_task_of_another_shop_is_not_found_and_a_malformed_request_is_refused_with_the_mistake() {
    let rig = rig().await;
    rig.store.open_task(&task(1)).await.expect("opened");
    let path = format!("/v1/tasks/{}", task(1).id);
    let other = format!("Bearer {}", rig.other_key().await);
    let note = "{\"text\":\"x\",\"by\":\"Eve\"}";
    for (method, path, body) in [
        ("GET", path.clone(), ""),
        ("POST", format!("{path}/notes"), note),
        ("POST", format!("{path}/close"), "{\"by\":\"Eve\"}"),
    ] {
        assert_eq!(rig.call_with(&other, method, &path, body).await.0, 404, "{method} {path}");
    }
    assert!(rig.call_with(&other, "GET", "/v1/tasks", "").await.1.starts_with("{\"tasks\":[]"));
    for (body, told) in [
        ("{\"by\":\"Bob\"}", "text"),
        ("{\"text\":\" \",\"by\":\"Bob\"}", "text must not be empty"),
        ("{\"text\":\"x\",\"by\":\"\"}", "by must not be empty"),
        ("{\"text\":\"x\",\"by\":\"Bob\",\"at\":1}", "unknown field `at`"),
        ("text", "not JSON"),
    ] {
        let detail = rig.refused(400, "POST", &format!("{path}/notes"), body).await;
        assert!(detail.contains(told), "{detail}");
    }
    let long = json!({ "text": "x".repeat(5_000), "by": "Bob" }).to_string();
    assert!(rig.refused(400, "POST", &format!("{path}/notes"), &long).await.contains("at most 4000"));
    rig.refused(404, "GET", "/v1/tasks/nonsense!", "").await;
    rig.refused(400, "GET", "/v1/tasks?state=lost", "").await;
    assert_eq!(rig.json("GET", &path, "").await["notes"], Value::Null);
}

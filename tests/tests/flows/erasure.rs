//! After an erasure nothing from before it comes back, however late and by whatever way it is sent again.

use crate::stage::{Stage, key, order_at};
use rekindle_operator::deployment::rebuild::{Rebuild, Whose};
use serde_json::{Value, json};
use std::num::NonZeroU32;

/// A change of an order, reported now.
fn updated(stage: &Stage, customer: &str, order: &str) -> Value {
    let mut event = order_at(customer, order, stage.now());
    event["event"] = json!("Order Updated");
    event["messageId"] = json!(format!("{order}-updated"));
    event
}

/// What is stored under an id: the version of the customer, and the orders of their facts.
async fn stored(stage: &Stage, customer: &str) -> (bool, Vec<String>) {
    let facts = stage.stack.store.facts_of(&key(customer)).all().await.expect("facts");
    let orders = facts.iter().filter_map(|fact| fact.order_id()).map(ToString::to_string).collect();
    (stage.customer(customer).await.version > 0, orders)
}

/// Anna ordered, was thanked and then erased; returns her order as it was posted.
async fn erased() -> (Stage, Value) {
    let mut stage = Stage::new().await;
    let first = order_at("anna", "a1", stage.now());
    stage.take(std::slice::from_ref(&first)).await;
    stage.pass("2h").await;
    stage.administer("DELETE", "/v1/customers/anna", "").await;
    stage.settle().await;
    (stage, first)
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_old_event_that_is_posted_again_leaves_nothing_however_late_it_comes() {
    let (mut stage, first) = erased().await;
    for wait in ["1h", "29d", "40d", "400d"] {
        stage.pass(wait).await;
        stage.take(std::slice::from_ref(&first)).await;
        // A shop system reports a change of the order years later: it is about an order from before.
        let change = updated(&stage, "anna", "a1");
        stage.take(&[change]).await;
        stage.settle().await;
        assert_eq!(stored(&stage, "anna").await, (false, vec![]), "{wait}");
    }
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_history_under_another_id_is_known_by_the_address() {
    let (mut stage, first) = erased().await;
    stage.pass("40d").await;
    let mut again = first;
    again["userId"] = json!("anna-2");
    stage.take(&[again]).await;
    stage.settle().await;
    assert_eq!(stored(&stage, "anna-2").await, (false, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_orders_anew_is_a_new_customer_and_a_recount_brings_nothing_back() {
    let (mut stage, first) = erased().await;
    stage.pass("40d").await;
    stage.order("anna", "a2").await;
    stage.pass("2h").await;
    assert_eq!(stored(&stage, "anna").await, (true, vec!["a2".to_owned()]));
    let change = updated(&stage, "anna", "a1");
    stage.take(&[first, change]).await;
    stage.settle().await;
    let queue = stage.stack.handlers.advance.advance_queue.clone();
    let rate = NonZeroU32::new(1_000).expect("not zero");
    let rebuild = Rebuild { store: &stage.stack.store, queue: Some(&queue), rate };
    rebuild.run(&Whose::All, |_| {}).await.expect("queued");
    stage.settle().await;
    assert_eq!(stored(&stage, "anna").await, (true, vec!["a2".to_owned()]));
    let orders: Vec<_> =
        stage.customer("anna").await.folded.orders.recent().iter().map(|order| order.id.to_string()).collect();
    assert_eq!(orders, ["a2"]);
    assert!(stage.customer("anna").await.erased_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn refused_events_that_name_the_customer_are_exported_and_erased_with_them() {
    let mut stage = Stage::new().await;
    let mut wrong = order_at("anna", "a2", stage.now());
    wrong["type"] = json!("buy");
    wrong["properties"]["total"] = json!("thirty");
    let mut of_another = order_at("bo", "b2", stage.now());
    of_another["type"] = json!("buy");
    of_another["properties"]["total"] = json!("forty");
    let (_, answer) =
        stage.post("/v1/batch", json!({ "batch": [order_at("anna", "a1", stage.now()), wrong, of_another] })).await;
    assert_eq!(answer["rejected"].as_array().map(Vec::len), Some(2), "{answer}");
    stage.settle().await;
    let export = stage.administer("GET", "/v1/customers/anna/export", "").await;
    let refused = export["refused"].to_string();
    assert!(refused.contains("thirty") && !refused.contains("forty"), "{refused}");
    stage.skip("1m");
    let report = stage.administer("DELETE", "/v1/customers/anna", "").await;
    assert_eq!(report["removed"]["refused"], 1, "{report}");
    let day = stage.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (kept, _) = stage.stack.store.refused_on(&stage.stack.shop.id, day, None).await.expect("the quarantine");
    assert_eq!(kept.len(), 1, "that of another customer stays");
}

//! The stored state of a customer is what their whole history folds to, in any order of arrival and with any number of
//! repetitions.

use crate::stage::{Stage, instant, key};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::customer::{Folded, MAX_REFUNDS};
use rekindle_lifecycle::facts::{Event, Fact, OrderEvent, OrderStatus, Traits};
use rekindle_lifecycle::id::{OrderId, fraction};
use rekindle_lifecycle::policy::Policy;
use serde_json::{Value, json};

const CUSTOMERS: usize = 16;

/// An order fact, for tests that store one without the HTTP API.
pub(crate) fn fact_of_order(order: &str, at: Timestamp) -> Fact {
    let order_id = OrderId::parse(order).expect("an id");
    let event = OrderEvent::new(order_id, OrderStatus::Completed, None);
    Fact { at, id: order.to_owned(), event: Event::Order(event), traits: Traits::default() }
}

/// Returns a number below `limit` that looks random and is the same in every run.
fn draw(of: &[&str], limit: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
    let drawn = (fraction(of) * limit as f64) as usize;
    drawn
}

/// A life of orders, corrections, refunds, cancellations, traits, consent and visits within half a year.
fn life(customer: &str, beginning: Timestamp) -> Vec<Value> {
    let mut events = Vec::new();
    let orders = 1 + draw(&[customer, "orders"], 24);
    for number in 0..orders {
        let order = format!("{customer}-o{number}");
        let draw = |what: &str, limit| draw(&[&order, what], limit);
        let hours = i64::try_from(draw("at", 24 * 150)).expect("small");
        let at = beginning + SignedDuration::from_hours(hours);
        let track = |event: &str, id: &str, after: i64, properties: Value| {
            json!({
                "type": "track", "event": event, "userId": customer, "messageId": format!("{order}-{id}"),
                "timestamp": (at + SignedDuration::from_hours(after)).to_string(), "properties": properties,
            })
        };
        let total = |total: usize| json!({ "order_id": order, "total": total, "currency": "EUR" });
        events.push(track("Order Completed", "completed", 0, total(10 + draw("total", 90))));
        match draw("then", 6) {
            0 => events.push(track("Order Cancelled", "cancelled", 5, json!({ "order_id": order }))),
            1 => events.push(track("Order Refunded", "refunded", 9, json!({ "order_id": order }))),
            2 => events.push(track("Order Refunded", "part", 9, total(5))),
            3 => {
                events.push(track("Order Updated", "updated", 2, total(77)));
                events.push(track("Order Updated", "updated again", 3, total(66)));
            }
            _ => {}
        }
    }
    for number in 0..4 {
        let at = beginning + SignedDuration::from_hours(i64::from(number) * 700);
        let yes = draw(&[customer, "yes", &number.to_string()], 2) == 0;
        events.push(json!({
            "type": "identify", "userId": customer, "messageId": format!("{customer}-i{number}"),
            "timestamp": at.to_string(),
            "traits": {
                "email": format!("{customer}-{number}@example.com"), "firstName": format!("Name of {customer}"),
                "email_marketing_consent": yes, "phone": format!("+44207183875{number}"),
            },
        }));
        events.push(json!({
            "type": "page", "userId": customer, "messageId": format!("{customer}-p{number}"),
            "timestamp": (at + SignedDuration::from_hours(7)).to_string(),
        }));
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shuffled_history_with_repetitions_is_stored_as_the_fold_of_all_its_facts() {
    let mut stage = Stage::new().await;
    let names: Vec<String> = (0..CUSTOMERS).map(|number| format!("c{number}")).collect();
    let beginning = stage.now() - SignedDuration::from_hours(24 * 170);
    let mut events: Vec<Value> = names.iter().flat_map(|name| life(name, beginning)).collect();
    let again: Vec<Value> =
        events.iter().filter(|event| draw(&["again", &event.to_string()], 3) == 0).cloned().collect();
    events.extend(again);
    events.sort_by_key(|event| draw(&["shuffle", &event.to_string()], 1 << 30));
    for (number, batch) in events.chunks(40).enumerate() {
        stage.take(batch).await;
        // Sometimes the stream is behind by several batches.
        if number % 3 == 0 {
            stage.settle().await;
        }
        if number % 5 == 0 {
            stage.pass("1h").await;
        }
    }
    stage.settle().await;
    let calendar = &Policy::built_in().calendar;
    for name in &names {
        let facts = stage.stack.store.facts_of(&key(name)).all().await.expect("facts");
        let folded = stage.customer(name).await.folded;
        assert_eq!(folded, Folded::recount(&facts, calendar), "{name}");
        assert!(folded.orders.purchases(calendar, stage.now()).orders > 0 || facts.len() < 14, "{name}");
    }
    assert!(stage.now() < instant("2026-03-04T00:00:00Z"));
}

#[tokio::test]
async fn an_order_with_thousands_of_refunds_is_folded_like_any_other() {
    let mut stage = Stage::new().await;
    let at = stage.now().to_string();
    let track = |event: &str, id: &str, properties: Value| {
        json!({
            "type": "track", "event": event, "userId": "anna", "messageId": id, "timestamp": at, "properties": properties,
        })
    };
    let order = |id: &str| track("Order Completed", id, json!({ "order_id": id, "total": 9_000, "currency": "EUR" }));
    stage.take(&[order("o1")]).await;
    let refunds: Vec<Value> = (0..5_000)
        .map(|number| {
            let id = format!("{number}-{}", "a long identity of a refund ".repeat(4));
            track(
                "Order Refunded",
                &format!("r{number}"),
                json!({ "order_id": "o1", "refund_id": id, "total": 1, "currency": "EUR" }),
            )
        })
        .collect();
    for batch in refunds.chunks(250) {
        stage.take(batch).await;
    }
    stage.settle().await;
    stage.take(&[order("o2")]).await;
    stage.settle().await;
    let customer = stage.customer("anna").await;
    let purchases = customer.folded.orders.purchases(&Policy::built_in().calendar, stage.now());
    assert_eq!(purchases.orders, 2, "what comes afterwards is folded, too");
    let values: i64 = customer.folded.orders.value().values().sum();
    assert_eq!(values, 1_800_000 - 100 * i64::try_from(MAX_REFUNDS).expect("small"));
    assert_eq!(stage.stack.cloud.queues().depth("rekindle-advance-dead").expect("a queue").visible, 0);
}

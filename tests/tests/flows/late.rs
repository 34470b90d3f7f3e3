//! Events that arrive long after they happened: they change the customer, and start nothing.

use crate::stage::{Stage, key, order_at, span};
use jiff::SignedDuration;
use rekindle_lifecycle::customer::Folded;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::stage::Stage as Lifecycle;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_arrives_after_two_days_changes_the_stage_and_starts_no_journey() {
    let mut stage = Stage::new().await;
    stage.take(&[order_at("late", "l1", stage.now() - SignedDuration::from_hours(49))]).await;
    stage.take(&[order_at("soon", "s1", stage.now() - SignedDuration::from_hours(47))]).await;
    stage.pass("20d").await;
    assert_eq!(stage.customer("late").await.stage, Lifecycle::New);
    assert_eq!(stage.sent("late"), Vec::<String>::new());
    // A first order of 47 hours ago is answered at once: the thank-you mail is still useful.
    assert_eq!(stage.sent("soon")[..2], ["welcome/thanks", "welcome/guide"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_customers_are_written_to_gradually_over_two_weeks() {
    let mut stage = Stage::new().await;
    // Fifty customers whose last order is 100 days ago: all inactive, all due for re-engagement at the same time.
    let ordered_at = stage.now() - span("100d");
    let orders: Vec<_> = (0..50).map(|n| order_at(&format!("c{n}"), &format!("o{n}"), ordered_at)).collect();
    let (status, answer) = stage.post("/v1/import", json!({ "batch": orders })).await;
    assert_eq!((status, &answer["accepted"]), (200, &json!(50)), "{answer}");
    stage.settle().await;
    assert_eq!(stage.overview().await.stages["inactive"], 50);
    assert!(stage.mailbox().is_empty(), "an import does not mail all customers at once");
    let mut by_day = Vec::new();
    for _ in 0..16 {
        let before = stage.mailbox().len();
        stage.pass("1d").await;
        let mails = stage.mailbox();
        let reminders = mails[before..].iter().filter(|mail| mail.content.request.tag("step") == Some("reminder"));
        by_day.push(reminders.count());
    }
    assert_eq!(by_day.iter().sum::<usize>(), 50, "{by_day:?}");
    assert!(by_day.iter().all(|mails| *mails <= 12), "{by_day:?}");
    assert!(by_day[..14].iter().filter(|mails| **mails > 0).count() >= 10, "{by_day:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_customer_who_orders_meanwhile_is_treated_like_any_other() {
    let mut stage = Stage::new().await;
    stage.take(&[order_at("anna", "a1", stage.now() - span("100d"))]).await;
    stage.settle().await;
    assert!(stage.customer("anna").await.decided.activates_at.is_some());
    stage.order("anna", "a2").await;
    stage.settle().await;
    let anna = stage.customer("anna").await;
    assert_eq!((anna.stage, anna.decided.activates_at), (Lifecycle::Active, None));
    stage.pass("15d").await;
    assert_eq!(stage.sent("anna"), ["nps/question"]);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_refund_of_an_order_that_was_rolled_up_is_counted_from_the_whole_history() {
    let mut stage = Stage::new().await;
    let first = stage.now() - span("40d");
    for number in 0..20 {
        stage.take(&[order_at("anna", &format!("a{number}"), first + SignedDuration::from_hours(24 * number))]).await;
    }
    stage.settle().await;
    let policy = Policy::built_in();
    let count = |folded: &Folded, now| folded.orders.purchases(&policy.calendar, now).orders;
    let anna = stage.customer("anna").await;
    assert_eq!((count(&anna.folded, stage.now()), anna.folded.orders.recent().len()), (20, 6));
    let refund = json!({
        "type": "track", "event": "Order Refunded", "userId": "anna", "messageId": "refund",
        "timestamp": stage.now().to_string(), "properties": { "order_id": "a1" },
    });
    let cancel = json!({
        "type": "track", "event": "Order Cancelled", "userId": "anna", "messageId": "cancel",
        "timestamp": stage.now().to_string(), "properties": { "order_id": "a2" },
    });
    stage.take(&[refund, cancel]).await;
    stage.settle().await;
    let anna = stage.customer("anna").await;
    assert_eq!(count(&anna.folded, stage.now()), 18);
    let facts = stage.stack.store.facts_of(&key("anna")).all().await.expect("facts");
    assert_eq!(anna.folded, Folded::recount(&facts, &policy.calendar));
    let value: Vec<i64> = anna.folded.orders.value().into_values().collect();
    assert_eq!(value, [18 * 3_000]);
}

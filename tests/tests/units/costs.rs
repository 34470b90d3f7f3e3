//! The figures that bills are computed from are the measured ones.

use crate::days;
use crate::shop::{Shop, order};
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_operator::costs::measured;
use rekindle_store::keys::refused_days_pk;
use serde_json::json;
use std::collections::HashMap;

/// The table that another test of this program compares with what it measures.
const MEASURED: &str = include_str!("snapshots/units__messages__request_units.snap");
const ANNA: &str = "7301544870041";
/// What DynamoDB adds to an item, and to its entry in an index, when it counts what is stored.
const OVERHEAD: usize = 100;

#[test]
fn the_request_units_of_a_bill_are_those_of_the_measured_table() {
    for (step, units) in measured::STEPS {
        let line = MEASURED.lines().find(|line| line.split("  ").next() == Some(step));
        let line = line.unwrap_or_else(|| panic!("no step {step:?} is measured"));
        let numbers: Vec<f64> =
            line[step.len()..].split_whitespace().map(|number| number.parse().expect("a number")).collect();
        assert_eq!(numbers, [units.reads, units.writes], "{step}: mend infra/operator/src/costs/measured.rs");
    }
}

fn size(item: &HashMap<String, AttributeValue>) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.len().div_ceil(2) + 1,
        other => panic!("an item holds strings and numbers, not {other:?}"),
    };
    item.iter().map(|(name, attribute)| name.len() + value(attribute)).sum()
}

/// Items of the table and their bytes, as DynamoDB counts them.
async fn stored(shop: &Shop, table: &str) -> (usize, usize) {
    let scanned = shop.stack.dynamodb().scan().table_name(table).send().await.expect("scanned");
    // Without what a shop has once: since when its days of refused events are listed.
    let refused_days = AttributeValue::S(refused_days_pk(&shop.stack.shop.id));
    let is_of_customers = |item: &&HashMap<String, AttributeValue>| item["pk"] != refused_days;
    let items: Vec<_> = scanned.items().iter().filter(is_of_customers).collect();
    (items.len(), items.into_iter().map(|item| size(item) + OVERHEAD).sum())
}

/// No less than measured, so that no bill is too low, and no more than a fourth above it.
fn covers(name: &str, assumed: f64, bytes: usize) {
    let bytes = bytes as f64;
    println!("{name}: {bytes} bytes measured, {assumed} in a bill");
    assert!((bytes..=bytes * 1.25).contains(&assumed), "{name}: {bytes} bytes are measured, a bill has {assumed}");
}

#[tokio::test]
async fn the_bytes_of_a_bill_cover_what_orders_and_messages_leave_in_the_tables() {
    let mut shop = Shop::open().await;
    let tables = shop.stack.store.tables().clone();
    shop.post(json!([order(ANNA, 0, shop.now())])).await;
    let (_, order_bytes) = stored(&shop, &tables.activity).await;
    covers("an order", measured::ORDER_BYTES, order_bytes);

    shop.pass(days(30)).await;
    let (_, bytes) = stored(&shop, &tables.activity).await;
    let counts = shop.stack.cloud.mailbox().count().expect("read");
    let sent = usize::try_from(counts.email + counts.sms).expect("few");
    assert!(sent > 2, "{sent} messages went out");
    covers("a message", measured::MESSAGE_BYTES, (bytes - order_bytes) / sent);

    for number in 1..20 {
        shop.post(json!([order(ANNA, number, shop.now())])).await;
        shop.pass(days(30)).await;
    }
    let (customers, bytes) = stored(&shop, &tables.customers).await;
    assert_eq!(customers, 1);
    // The index of due customers repeats the keys and the due time, the other one the stage.
    let key = OVERHEAD + "pk".len() + shop.key(ANNA).pk().len();
    let (due, by_stage) = (key + "due_shard".len() + 2 + "due_at".len() + 8, key + "stage".len() + 8);
    covers("a customer", measured::CUSTOMER_BYTES, bytes + due + by_stage);
}

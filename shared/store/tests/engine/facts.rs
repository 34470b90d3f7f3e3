use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::money::{Currency, Money};
use rekindle_store::{CustomerKey, StoreError, Used};
use rekindle_testing::builders::{self, customer_of, hours, instant};
use rekindle_testing::database::{store_and_client, store_answered_by};
use serde_json::json;
use std::sync::{Arc, Mutex};

fn customer(name: &str) -> CustomerKey {
    customer_of("vinyl", name)
}

/// The order with this number, placed as many hours after the start of 2026.
fn order(number: i64) -> Fact {
    let amount = Money { minor: 2_999, currency: Currency::parse("EUR").expect("a currency") };
    builders::order(&format!("o{number}"), instant("2026-01-01T00:00:00Z") + hours(number), Some(amount))
}

fn other(name: &str) -> Fact {
    builders::other(name, instant("2026-01-01T00:00:00Z"))
}

#[tokio::test]
async fn a_fact_put_twice_is_one_item_with_the_same_bytes_and_costs_one_unit_each_time() {
    let (store, client) = store_and_client().await;
    let facts = [(customer("anna"), order(1))];
    store.capacity().take();
    store.put_facts(&facts).await.expect("stored");
    assert_eq!(store.capacity().take(), Used { read: 0.0, write: 1.0 });
    let scan = || client.scan().table_name(&store.tables().activity).send();
    let first = scan().await.expect("scanned").items;
    store.put_facts(&facts).await.expect("stored");
    assert_eq!(store.capacity().take(), Used { read: 0.0, write: 1.0 });
    assert_eq!(scan().await.expect("scanned").items, first);
    assert_eq!(first.map(|items| items.len()), Some(1));
}

#[tokio::test]
async fn many_facts_with_repetitions_among_them_are_all_stored_once() {
    let (store, _) = store_and_client().await;
    let mut facts: Vec<_> = (0..130).map(|number| (customer("anna"), order(number))).collect();
    facts.extend(facts.clone());
    facts.push((customer("anna"), other("wave")));
    facts.push((customer("bob"), order(1)));
    store.capacity().take();
    store.put_facts(&facts).await.expect("stored");
    assert_eq!(store.capacity().take().write, 132.0);
    let found = store.facts_of(&customer("anna")).all().await.expect("read");
    let expected: Vec<Fact> = (0..130).map(order).chain([other("wave")]).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn facts_are_read_in_as_many_pages_as_it_takes() {
    let (store, _) = store_and_client().await;
    // A page holds 1 MB.
    let long = |number: i64| {
        let mut fact = order(number);
        fact.id = "x".repeat(100_000);
        (customer("anna"), fact)
    };
    store.put_facts(&(0..25).map(long).collect::<Vec<_>>()).await.expect("stored");
    let mut pages = store.facts_of(&customer("anna"));
    let mut sizes = Vec::new();
    while let Some(page) = pages.next_page().await.expect("read") {
        sizes.push(page.len());
    }
    assert!(sizes.len() > 3, "{sizes:?}");
    assert_eq!(sizes.iter().sum::<usize>(), 25);
}

#[tokio::test]
async fn only_the_unprocessed_items_of_a_batch_are_retried() {
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&sizes);
    // The first request leaves its last seven items unprocessed.
    let store = store_answered_by(move |request| {
        let items = request["RequestItems"]["test-activity"].as_array().expect("items").clone();
        seen.lock().expect("no panic before").push(items.len());
        let undone = &items[items.len() - 7..];
        if items.len() == 7 { json!({}) } else { json!({"UnprocessedItems": {"test-activity": undone}}) }
    });
    let facts: Vec<_> = (0..20).map(|number| (customer("anna"), order(number))).collect();
    store.put_facts(&facts).await.expect("stored");
    assert_eq!(*sizes.lock().expect("no panic before"), [20, 7]);
}

#[tokio::test]
async fn a_table_that_accepts_nothing_is_an_error_after_a_bounded_number_of_retries() {
    let calls = Arc::new(Mutex::new(0));
    let seen = Arc::clone(&calls);
    let store = store_answered_by(move |request| {
        *seen.lock().expect("no panic before") += 1;
        json!({"UnprocessedItems": request["RequestItems"]})
    });
    let error = store.put_facts(&[(customer("anna"), order(1))]).await.expect_err("nothing was taken");
    assert!(matches!(error, StoreError::Throttled { .. }), "{error}");
    assert_eq!(*calls.lock().expect("no panic before"), 7);
}

#[tokio::test]
async fn without_the_table_the_facts_are_refused_and_the_error_says_so() {
    let (store, client) = store_and_client().await;
    client.delete_table().table_name(&store.tables().activity).send().await.expect("deleted");
    let error = store.put_facts(&[(customer("anna"), order(1))]).await.expect_err("no table");
    assert_eq!(error.to_string(), "BatchWriteItem: the database refused the request (ResourceNotFoundException)");
}

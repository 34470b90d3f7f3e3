use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::facts::Fact;
use rekindle_store::{CustomerKey, Store};
use rekindle_testing::builders::{self, customer_of, hours, instant};
use rekindle_testing::database::store_and_client;

fn anna() -> CustomerKey {
    customer_of("vinyl", "anna")
}

fn hour(number: i64) -> Timestamp {
    instant("2026-01-01T00:00:00Z") + hours(number)
}

fn order(number: i64) -> Fact {
    builders::order(&format!("o{number}"), hour(number), None)
}

fn wave(number: i64) -> Fact {
    builders::other(&format!("w{number}"), hour(number))
}

async fn store_of_both() -> Store {
    let (store, _) = store_and_client().await;
    let facts: Vec<_> = (0..5).flat_map(|number| [(anna(), order(number)), (anna(), wave(number))]).collect();
    store.put_facts(&facts).await.expect("stored");
    store.capacity().take();
    store
}

#[tokio::test]
async fn orders_since_an_instant_are_the_orders_from_that_instant_on() {
    let store = store_of_both().await;
    let anna = anna();
    let since = async |at| store.orders_since(&anna, at).await.map(|page| page.facts);
    assert_eq!(since(hour(3)).await.expect("read"), [order(3), order(4)]);
    assert_eq!(store.capacity().take().read, 1.0);
    assert_eq!(since(hour(3) + SignedDuration::from_micros(10)).await.expect("read"), [order(4)]);
    assert_eq!(since(hour(5)).await.expect("read"), []);
}

#[tokio::test]
async fn facts_since_an_instant_are_the_others_newest_first() {
    let store = store_of_both().await;
    let anna = anna();
    let since = async |at| store.facts_since(&anna, at).await.map(|page| page.facts);
    assert_eq!(since(hour(3)).await.expect("read"), [wave(4), wave(3)]);
    assert_eq!(store.capacity().take().read, 1.0);
    assert_eq!(since(hour(3) + SignedDuration::from_micros(10)).await.expect("read"), [wave(4)]);
    assert_eq!(since(hour(5)).await.expect("read"), []);
}

#[tokio::test]
async fn a_page_says_that_it_is_full_only_if_more_may_follow() {
    let (store, _) = store_and_client().await;
    let orders = |count: i64| (0..count).map(|number| (anna(), order(number))).collect::<Vec<_>>();
    store.put_facts(&orders(24)).await.expect("stored");
    let page = store.orders_since(&anna(), hour(0)).await.expect("read");
    assert_eq!((page.facts.len(), page.is_full), (24, false));
    store.put_facts(&orders(26)).await.expect("stored");
    let page = store.orders_since(&anna(), hour(0)).await.expect("read");
    assert_eq!((page.facts.len(), page.is_full), (25, true));
}

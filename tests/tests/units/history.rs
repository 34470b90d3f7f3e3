//! A long history adds no cost.

use crate::shop::{Shop, order};
use jiff::SignedDuration;
use rekindle_store::{CustomerKey, Used};
use serde_json::json;

const GAP: SignedDuration = SignedDuration::from_hours(6);

/// A customer with `count` orders, one every six hours, the last one six hours ago.
async fn customer_with_orders(shop: &Shop, name: &str, count: u32) -> CustomerKey {
    let key = shop.key(name);
    let start = shop.now() - GAP * i32::try_from(count).expect("a small number");
    let numbers: Vec<u32> = (0..count).collect();
    for numbers in numbers.chunks(400) {
        let events: Vec<_> = numbers
            .iter()
            .map(|number| order(name, *number, start + GAP * i32::try_from(*number).expect("a small number")))
            .collect();
        shop.post(json!(events)).await;
    }
    shop.stack.handlers.advance.advance_customer(&key, &[], true).await.expect("counted");
    key
}

/// The units of the next usual order: storing it, and advancing the customer.
async fn next_order(shop: &Shop, customer: &CustomerKey, number: u32) -> Used {
    let name = customer.customer.as_str();
    shop.prime().await;
    shop.post(json!([order(name, number, shop.now())])).await;
    let storing = shop.units();
    let facts = shop.stack.store.orders_since(customer, shop.now()).await.expect("the order").facts;
    assert_eq!(facts.len(), 1);
    let advancing = shop.advance(customer, &facts).await;
    Used { read: storing.read + advancing.read, write: storing.write + advancing.write }
}

#[tokio::test]
async fn an_order_costs_the_same_after_ten_orders_and_after_ten_thousand() {
    let mut shop = Shop::open().await;
    let mut costs = Vec::new();
    for count in [10, 10_000] {
        let key = customer_with_orders(&shop, &format!("customer-{count}"), count).await;
        // The first order that is on time starts a journey, which ends with its message.
        next_order(&shop, &key, count).await;
        shop.pass(crate::days(20)).await;
        let used = next_order(&shop, &key, count + 1).await;
        println!("after {count:>6} orders: {used:?}, an item of {} bytes", shop.item_size(&key).await);
        costs.push(used);
    }
    let [short, long] = costs[..] else { panic!("two customers") };
    assert_eq!(short, Used { read: 1.0, write: 2.0 });
    assert!(long.read <= 2.0 * short.read && long.write <= 2.0 * short.write, "{long:?} against {short:?}");
}

//! What an order costs.

use crate::days;
use crate::shop::{Shop, order};
use jiff::SignedDuration;
use rekindle_store::Used;
use serde_json::json;

const ANNA: &str = "7301544870041";

/// A shop whose customer has `count` orders, a month apart, with all messages that followed from them.
async fn shop_with_orders(count: u32) -> Shop {
    let mut shop = Shop::open().await;
    for number in 0..count {
        shop.post(json!([order(ANNA, number, shop.now())])).await;
        shop.pass(days(30)).await;
    }
    shop
}

#[tokio::test]
async fn a_usual_repeat_order_costs_two_write_units_and_one_read_unit() {
    let shop = shop_with_orders(5).await;
    let anna = shop.key(ANNA);
    let before = shop.customer(&anna).await;
    let (facts, storing) = shop.store(&anna, json!([order(ANNA, 5, shop.now())])).await;
    let advancing = shop.advance(&anna, &facts).await;
    assert_eq!(storing, Used { read: 0.0, write: 1.0 }, "storing the fact");
    assert_eq!(advancing, Used { read: 1.0, write: 1.0 }, "advancing the customer");

    let after = shop.customer(&anna).await;
    let orders = |customer: &rekindle_lifecycle::customer::Customer| {
        customer.folded.orders.purchases(&rekindle_lifecycle::policy::Policy::built_in().calendar, shop.now()).orders
    };
    assert_eq!((orders(&before), orders(&after)), (5, 6));
    assert!(before.due_at.is_some(), "a customer with orders is due some day");
    assert_eq!(after.due_at, before.due_at, "nothing is due earlier");
}

#[tokio::test]
async fn a_repeated_order_costs_one_write_unit_and_one_read_unit() {
    let shop = shop_with_orders(5).await;
    let anna = shop.key(ANNA);
    let again = json!([order(ANNA, 5, shop.now())]);
    let (facts, _) = shop.store(&anna, again.clone()).await;
    shop.advance(&anna, &facts).await;
    let (new, storing) = shop.store(&anna, again).await;
    assert_eq!(new, []);
    assert_eq!(storing, Used { read: 0.0, write: 1.0 });
    assert_eq!(shop.advance(&anna, &facts).await, Used { read: 1.0, write: 0.0 });
}

#[tokio::test]
async fn a_customer_with_the_usual_details_fits_into_one_write_unit() {
    let mut shop = Shop::open().await;
    let anna = shop.key(ANNA);
    let mut sizes = Vec::new();
    for number in 0..100_u32 {
        shop.post(json!([order(ANNA, number, shop.now())])).await;
        shop.pass(days(if number < 12 { 30 } else { 3 })).await;
        if [1, 2, 3, 5, 10, 20, 50, 100].contains(&(number + 1)) {
            sizes.push((number + 1, shop.item_size(&anna).await));
        }
    }
    for (orders, size) in &sizes {
        println!("{orders:>4} orders: an item of {size:>5} bytes");
    }
    let largest = |through: u32| sizes.iter().filter(|(orders, _)| *orders <= through).map(|(_, size)| *size).max();
    assert!(largest(5) <= Some(800), "room for longer names and ids: {sizes:?}");
    assert!(largest(20) <= Some(1_024), "{sizes:?}");
    // Of the days of older orders some four bytes each are kept: who has many more orders takes a second unit.
    assert!(largest(100) <= Some(1_536), "{sizes:?}");
}

#[tokio::test]
async fn an_idle_wake_up_costs_one_read_unit_and_the_move_in_the_index() {
    let shop = shop_with_orders(5).await;
    let anna = shop.key(ANNA);
    let (facts, _) = shop.store(&anna, json!([order(ANNA, 5, shop.now())])).await;
    shop.advance(&anna, &facts).await;
    // The order put off the day on which the customer becomes inactive; the stored time did not move.
    let due_at = shop.customer(&anna).await.due_at.expect("due some day");
    shop.skip(due_at.duration_since(shop.now()));
    assert_eq!(shop.advance(&anna, &[]).await, Used { read: 1.0, write: 3.0 });
    let later = shop.customer(&anna).await.due_at.expect("due later");
    assert!(later > due_at);
    // The customer is advanced again, though nothing is due: a queue message that is delivered twice.
    assert_eq!(shop.advance(&anna, &[]).await, Used { read: 1.0, write: 0.0 });
    shop.skip(SignedDuration::from_hours(1));
    assert_eq!(shop.advance(&anna, &[]).await, Used { read: 1.0, write: 0.0 });
}

#[tokio::test]
async fn an_advance_of_an_unknown_customer_costs_a_read_and_writes_nothing() {
    let shop = Shop::open().await;
    let units = shop.advance(&shop.key("nobody"), &[]).await;
    assert_eq!(units, Used { read: 1.0, write: 0.0 });
}

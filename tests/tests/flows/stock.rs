//! Stock levels that a shop system reports by themselves change what can be bought, in whatever order they come.

use crate::shop_systems::{SHOPIFY_KEY, connect, read, shopify};
use crate::stage::Stage;
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_store::keys;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What Shopify reports of one product, with ids of its own.
struct Reports {
    product: u64,
}

impl Reports {
    fn variant(&self, place: u64) -> u64 {
        self.product + 10 + place
    }

    /// The product as it was at a minute past eight: with the stock of its two variants.
    fn product(&self, title: &str, minute: u8, there_are: [i64; 2], policy: &str) -> (&'static str, Value) {
        let variant = |place: u64, count: i64| {
            json!({
                "id": self.variant(place), "title": format!("{place}"), "price": "8.95", "inventory_management": "shopify",
                "inventory_policy": policy, "inventory_quantity": count, "inventory_item_id": self.product + 20 + place,
            })
        };
        let product = json!({
            "id": self.product, "title": title, "status": "active", "published_at": "2026-01-01T00:00:00Z",
            "updated_at": format!("2026-03-01T08:{minute:02}:00Z"),
            "variants": [variant(0, there_are[0]), variant(1, there_are[1])],
        });
        ("products/update", product)
    }

    fn level(&self, place: u64, location: u64, available: i64, minute: u8) -> (&'static str, Value) {
        let level = json!({
            "inventory_item_id": self.product + 20 + place, "location_id": location, "available": available,
            "updated_at": format!("2026-03-01T08:{minute:02}:00Z"),
        });
        ("inventory_levels/update", level)
    }

    /// Whether the product as a whole and its two variants can be bought.
    async fn availability(&self, stage: &Stage) -> [Value; 3] {
        let shown = stage.administer("GET", &format!("/v1/products/{}", self.product), "").await;
        let of = |place: u64| {
            let id = self.variant(place).to_string();
            let variants = shown["variants"].as_array().expect("a list").iter();
            let variant = variants.clone().find(|variant| variant["variant"] == json!(id));
            variant.map_or(Value::Null, |variant| variant["availability"].clone())
        };
        [shown["availability"].clone(), of(0), of(1)]
    }
}

async fn connected() -> Stage {
    let stage = Stage::new().await;
    connect(&stage, "shopify", json!({ "secrets": [SHOPIFY_KEY], "currency": "EUR" })).await;
    stage
}

async fn deliver(stage: &Stage, (topic, body): &(&str, Value), end: &str) {
    let body = format!("{body}{end}").into_bytes();
    assert_eq!(shopify(stage, topic, &body, SHOPIFY_KEY).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_level_finds_its_variant_and_one_that_comes_before_its_product_waits_for_it() {
    let mut stage = connected().await;
    let tea = Reports { product: 9_007_199_254_741_000 };
    deliver(&stage, &tea.level(0, 1, 0, 30), "").await;
    stage.settle().await;
    let waits = read(&stage, "shopify").await.remove(0);
    assert_eq!((&waits["outcome"], &waits["refused"]), (&json!("stock"), &json!(0)), "{waits}");
    assert_eq!(waits["detail"], "1 stock levels wait for a product that names their inventory item");
    deliver(&stage, &tea.product("Tea", 0, [5, 0], "deny"), "").await;
    stage.settle().await;
    assert_eq!(tea.availability(&stage).await, ["out_of_stock", "out_of_stock", "out_of_stock"]);
    deliver(&stage, &tea.level(0, 2, 3, 31), "").await;
    stage.settle().await;
    assert_eq!(tea.availability(&stage).await, ["in_stock", "in_stock", "out_of_stock"], "there are some elsewhere");
    let found = read(&stage, "shopify").await.remove(0);
    assert_eq!(found["detail"], "1 stock levels are others now", "{found}");
    deliver(&stage, &tea.level(0, 2, -1, 32), "").await;
    stage.settle().await;
    assert_eq!(tea.availability(&stage).await, ["out_of_stock", "out_of_stock", "out_of_stock"]);
    // From now on it is sold on without any.
    deliver(&stage, &tea.product("Tea", 40, [-1, 0], "continue"), "").await;
    deliver(&stage, &tea.level(1, 1, -4, 50), "").await;
    stage.settle().await;
    assert_eq!(tea.availability(&stage).await, ["in_stock", "in_stock", "in_stock"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_and_products_in_any_order_and_twice_end_the_same() {
    let mut stage = connected().await;
    let reports = |tea: &Reports| {
        [
            tea.product("Tea", 0, [0, 0], "deny"),
            tea.level(0, 1, 5, 10),
            tea.product("Green tea", 15, [5, 0], "deny"),
            tea.level(0, 1, 0, 20),
            tea.level(1, 2, 3, 12),
            tea.level(1, 1, -1, 25),
        ]
    };
    let teas: Vec<(Reports, Vec<usize>)> = (0..12)
        .map(|number: usize| {
            let mut order: Vec<usize> = (0..6).collect();
            order.rotate_left(number % 6);
            if number >= 6 {
                order.reverse();
            }
            (Reports { product: 5_000 + 100 * number as u64 }, order)
        })
        .collect();
    for step in 0..6 {
        for (tea, order) in &teas {
            deliver(&stage, &reports(tea)[order[step]], "").await;
        }
        stage.settle().await;
    }
    for (tea, order) in &teas {
        assert_eq!(tea.availability(&stage).await, ["in_stock", "out_of_stock", "in_stock"], "{order:?}");
        // Delivered again, as other bodies, so that they are read again.
        for report in &reports(tea) {
            deliver(&stage, report, "\n").await;
        }
    }
    stage.settle().await;
    for (tea, order) in &teas {
        assert_eq!(tea.availability(&stage).await, ["in_stock", "out_of_stock", "in_stock"], "again, {order:?}");
    }
}

/// The item that says which product an inventory item is.
async fn item(stage: &Stage, inventory_item: &str) -> HashMap<String, AttributeValue> {
    let pk = keys::inventory_item_pk(&stage.stack.shop.id, inventory_item);
    let get = stage.stack.dynamodb().get_item().table_name(&stage.stack.store.tables().shops);
    let get = get.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(keys::INVENTORY_ITEM_SK.to_owned()));
    get.send().await.expect("read").item.expect("an item")
}

#[tokio::test(flavor = "multi_thread")]
async fn which_product_an_inventory_item_is_is_written_once() {
    let mut stage = connected().await;
    let tea = Reports { product: 700 };
    deliver(&stage, &tea.product("Tea", 0, [1, 1], "deny"), "").await;
    stage.settle().await;
    let first = item(&stage, "720").await;
    assert_eq!(first["variant"].as_s().expect("a text"), "710");
    deliver(&stage, &tea.product("Green tea", 5, [2, 2], "deny"), "").await;
    deliver(&stage, &tea.level(0, 1, 0, 9), "").await;
    stage.settle().await;
    assert_eq!(item(&stage, "720").await, first);
    assert_eq!(tea.availability(&stage).await, ["in_stock", "out_of_stock", "in_stock"]);
}

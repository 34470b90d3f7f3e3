//! Which product an inventory item is, and levels that come before, after and beside its naming.

use futures::future::join_all;
use jiff::SignedDuration;
use rekindle_catalogue::{Availability, Product, ProductId, Source, Statement, StockLevel};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::Store;
use rekindle_store::catalogue::changes::ProductChange;
use rekindle_store::catalogue::inventory_items::LevelOwner;
use rekindle_testing::builders::{now, shop};
use rekindle_testing::database::store_and_client;
use std::collections::{BTreeMap, BTreeSet};

fn variant(name: &str) -> ProductId {
    ProductId::new("T", Some(name)).expect("an id")
}

fn level(place: &str, available: i64) -> StockLevel {
    StockLevel { place: place.to_owned(), available: Some(available), at: now() }
}

/// As a delivery of a level is taken in.
async fn take(store: &Store, shop: &ShopId, item: &str, level: StockLevel) {
    if let LevelOwner::Product(id) = store.owner_of_level(shop, item, &level, now()).await.expect("looked up") {
        let changes = BTreeMap::from([(id.clone(), vec![ProductChange::Level(level)])]);
        store.change_products(shop, changes).await.expect("changed");
        store.follow_variants(shop, &id).await.expect("followed");
    }
}

/// As a delivery of a product is taken in.
async fn name(store: &Store, shop: &ShopId, item: &str, id: &ProductId) {
    let named = BTreeMap::from([(item.to_owned(), id.clone())]);
    for (item, levels) in store.name_inventory_items(shop, &named, now()).await.expect("named") {
        let changes = BTreeMap::from([(id.clone(), vec![ProductChange::Levels(levels)])]);
        store.change_products(shop, changes).await.expect("changed");
        store.forget_waiting_levels(shop, &item, now()).await.expect("forgotten");
    }
    store.follow_variants(shop, id).await.expect("followed");
}

async fn known(store: &Store, shop: &ShopId, id: &ProductId) -> Product {
    let found = store.products(shop, &BTreeSet::from([id.clone()])).await.expect("read");
    found.get(id).cloned().unwrap_or_default()
}

#[tokio::test]
async fn levels_beside_the_naming_of_their_item_are_all_kept() {
    let (store, _client) = store_and_client().await;
    let shop = shop();
    for round in 0..10 {
        let (item, id) = (format!("item-{round}"), variant(&format!("v{round}")));
        take(&store, &shop, &item, level("first", 0)).await;
        let levels = (0..8).map(|place| take(&store, &shop, &item, level(&format!("place-{place}"), 0)));
        futures::join!(join_all(levels), name(&store, &shop, &item, &id));
        // One level more finds its product, and nothing waits any more.
        take(&store, &shop, &item, level("last", 0)).await;
        let stored = serde_json::to_value(known(&store, &shop, &id).await).expect("JSON");
        assert_eq!(stored["lv"].as_object().map(serde_json::Map::len), Some(10), "round {round}: {stored}");
        let named = BTreeMap::from([(item, id)]);
        assert_eq!(store.name_inventory_items(&shop, &named, now()).await.expect("named"), BTreeMap::new());
    }
}

#[tokio::test]
async fn an_item_that_is_named_again_costs_half_a_read_unit_and_a_new_name_is_written() {
    let (store, _client) = store_and_client().await;
    let shop = shop();
    let named = |name: &str| BTreeMap::from([("item".to_owned(), variant(name))]);
    store.name_inventory_items(&shop, &named("a"), now()).await.expect("named");
    store.capacity().take();
    store.name_inventory_items(&shop, &named("a"), now()).await.expect("named");
    let again = store.capacity().take();
    assert_eq!((again.read, again.write), (0.5, 0.0));
    store.name_inventory_items(&shop, &named("b"), now()).await.expect("named");
    assert_eq!(store.capacity().take().write, 1.0);
    let owner = store.owner_of_level(&shop, "item", &level("a", 1), now()).await.expect("looked up");
    assert_eq!(owner, LevelOwner::Product(variant("b")));
}

#[tokio::test]
async fn a_product_follows_variants_that_change_at_once() {
    let (store, _client) = store_and_client().await;
    let shop = shop();
    for round in 0..10 {
        let product = format!("P{round}");
        let ids: Vec<ProductId> =
            (0..6).map(|number| ProductId::new(&product, Some(&format!("{number}"))).expect("an id")).collect();
        for id in ids.iter().chain([&ids[0].whole()]) {
            let at = now() - SignedDuration::from_hours(1);
            let said = Statement { availability: Some(Availability::OutOfStock), ..Statement::new(at) };
            let changes = BTreeMap::from([(id.clone(), vec![ProductChange::Stated(Source::ShopSystem, said)])]);
            store.change_products(&shop, changes).await.expect("changed");
        }
        for (number, id) in ids.iter().enumerate() {
            name(&store, &shop, &format!("{product}-{number}"), id).await;
        }
        // All of them within one second, one of them back in stock.
        let levels = (0..6).map(|number| {
            let available = i64::from(number == round % 6);
            let item = format!("{product}-{number}");
            let (store, shop) = (&store, &shop);
            async move { take(store, shop, &item, level("a", available)).await }
        });
        join_all(levels).await;
        let whole = known(&store, &shop, &ids[0].whole()).await;
        assert_eq!(whole.offer(now()).availability, Some(Availability::InStock), "round {round}");
    }
}

//! The function as its callers see it.

mod encodings;
mod feeds;
mod fetching;
mod several_feeds;

use super::*;
use jiff::SignedDuration;
use rekindle_store::shop::api_keys::Role;
use rekindle_testing::builders::now;
use rekindle_testing::{Handle, Rig};
use serde_json::{Value, json};

impl Handle for Catalogue {
    async fn handle(&self, request: http::Request<Body>) -> Response<Body> {
        handle(self, request).await
    }
}

async fn rig() -> Rig<Catalogue> {
    let catalogue = |store| Catalogue {
        store,
        clock: Clock::from_fn(now),
        throttle: Throttle::none(),
        web: PublicWeb::system(),
        limits: Limits::default(),
    };
    Rig::new(Role::Admin, catalogue).await
}

fn tea() -> Value {
    json!({
        "id": "T-100", "name": "Green tea", "url": "https://tea.example/p/green", "image_url": "https://tea.example/i/green.jpg",
        "price": "12.50", "currency": "EUR", "availability": "in stock", "category": "Tea > Green", "reorder_days": 30,
        "variants": [
            { "id": 101, "name": "100 g", "price": 12.5 },
            { "id": 102, "name": "250 g", "price": 27.9, "sale_price": "24.90", "availability": "out_of_stock" },
        ],
    })
}

async fn put(rig: &Rig<Catalogue>, products: &[Value]) -> Value {
    rig.json("PUT", "/v1/products", &json!({ "products": products }).to_string()).await
}

#[tokio::test]
async fn a_product_is_taken_in_and_shown_with_its_variants() {
    let rig = rig().await;
    let answer = put(&rig, &[tea()]).await;
    assert_eq!(answer, json!({ "accepted": 1, "changed": 3, "unchanged": 0, "refused": [], "ignored_fields": [] }));
    let shown = rig.json("GET", "/v1/products/T-100", "").await;
    insta::assert_json_snapshot!(shown);
}

#[tokio::test]
async fn the_same_again_costs_no_write_unit_and_a_change_costs_one() {
    let rig = rig().await;
    put(&rig, &[tea()]).await;
    rig.store.capacity().take();
    assert_eq!(put(&rig, &[tea()]).await["unchanged"], 3);
    let again = rig.store.capacity().take();
    assert_eq!(again.write, 0.0);
    assert!(again.read <= 1.5 + 1.0, "half a unit each and the key: {}", again.read);
    let mut dearer = tea();
    dearer["price"] = json!("13.00");
    assert_eq!(put(&rig, &[dearer]).await["changed"], 1);
    assert_eq!(rig.store.capacity().take().write, 1.0);
}

#[tokio::test]
async fn what_is_wrong_with_a_product_costs_the_others_nothing_and_is_named() {
    let rig = rig().await;
    let answer = put(
        &rig,
        &[
            tea(),
            json!({ "id": "A", "price": "1,5", "currency": "EUR" }),
            json!({ "id": "B", "price": "3.00" }),
            json!({ "name": "no id" }),
            json!({ "id": "C", "url": "javascript:alert(1)" }),
            json!({ "id": "D", "availability": "perhaps" }),
            json!({ "id": "E", "reorder_days": 0 }),
            json!({ "id": "F", "variants": [{ "id": "f1", "currency": "XXQ" }] }),
            json!({ "id": "G", "prize": 3 }),
            json!("H"),
        ],
    )
    .await;
    insta::assert_json_snapshot!(answer);
}

#[tokio::test]
async fn a_call_with_nothing_that_can_be_used_is_refused() {
    let rig = rig().await;
    let body = json!({ "products": [{ "id": "A", "price": "x", "currency": "EUR" }] }).to_string();
    let detail = rig.refused(422, "PUT", "/v1/products", &body).await;
    assert!(detail.contains("price is \"x\""), "{detail}");
    let detail = rig.refused(400, "PUT", "/v1/products", r#"{ "products": [], "source": "gossip" }"#).await;
    assert!(detail.contains("source must be one of"), "{detail}");
    let many: Vec<Value> = (0..=500).map(|id| json!({ "id": id })).collect();
    rig.refused(413, "PUT", "/v1/products", &json!({ "products": many }).to_string()).await;
}

#[tokio::test]
async fn a_statement_that_is_older_than_the_known_one_changes_nothing() {
    let mut rig = rig().await;
    let told = |price: &str, at: &str| json!({ "id": "T", "price": price, "currency": "EUR", "updated_at": at });
    put(&rig, &[told("12.00", "2026-02-20T12:00:00Z")]).await;
    assert_eq!(put(&rig, &[told("10.00", "2026-02-19T12:00:00Z")]).await["changed"], 0);
    assert_eq!(rig.json("GET", "/v1/products/T", "").await["price"], "12.00");
    // One from the future counts as of now, so that the next one can correct it.
    put(&rig, &[told("99.00", "2099-01-01T00:00:00Z")]).await;
    assert_eq!(rig.json("GET", "/v1/products/T", "").await["price"], "99.00");
    rig.function.clock = Clock::from_fn(|| now() + SignedDuration::from_secs(1));
    put(&rig, &[json!({ "id": "T", "price": "13.00", "currency": "EUR" })]).await;
    assert_eq!(rig.json("GET", "/v1/products/T", "").await["price"], "13.00");
}

#[tokio::test]
async fn another_shops_products_are_neither_shown_nor_changed() {
    let rig = rig().await;
    put(&rig, &[tea()]).await;
    let other = format!("Bearer {}", rig.other_key().await);
    assert_eq!(rig.call_with(&other, "GET", "/v1/products/T-100", "").await.0, 404);
    let body = json!({ "products": [{ "id": "T-100", "name": "Not tea" }] }).to_string();
    assert_eq!(rig.call_with(&other, "PUT", "/v1/products", &body).await.0, 200);
    assert_eq!(rig.json("GET", "/v1/products/T-100", "").await["name"], "Green tea");
    let (_, listed) = rig.call_with(&other, "GET", "/v1/products", "").await;
    assert!(listed.contains("Not tea") && !listed.contains("Green tea"), "{listed}");
}

#[tokio::test]
async fn every_product_is_on_exactly_one_page() {
    let rig = rig().await;
    let products: Vec<Value> = (0..150).map(|id| json!({ "id": format!("p#{id}") })).collect();
    put(&rig, &products).await;
    for limit in [1, 7, 100, 500] {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = rig.json("GET", &format!("/v1/products?limit={limit}{after}"), "").await;
            let ids = page["products"].as_array().expect("a list").iter();
            found.extend(ids.map(|product| product["id"].as_str().expect("an id").to_owned()));
            let Some(next) = page["next_after"].as_str() else { break };
            after = format!("&after={}", next.replace('%', "%25").replace('#', "%23"));
        }
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 150, "in pages of {limit}");
    }
    assert_eq!(rig.json("GET", "/v1/products/p%237", "").await["id"], "p#7");
}

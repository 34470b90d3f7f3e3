//! The bodies of webhooks: for how long they are kept, whom they mention, and what an erasure does to them.

use crate::shop_systems::{
    ANNA, ORDER, SHOPIFY_KEY, WOOCOMMERCE_KEY, connect, facts, guest, is_kept, mac, own, own_json, read, shopify,
    with_shopify, woocommerce, worth,
};
use crate::stage::key;
use base64ct::{Base64, Encoding as _};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_request_to_erase_a_shop_opens_one_task_removes_the_bodies_and_erases_nobody_by_itself() {
    let mut stage = with_shopify().await;
    connect(&stage, "woocommerce", json!({ "secrets": [WOOCOMMERCE_KEY] })).await;
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    assert_eq!(woocommerce(&stage, "order.updated", &own("woocommerce/order-updated.json")).await.0, 200);
    stage.settle().await;
    let (order, other) = (read(&stage, "shopify").await.remove(0), read(&stage, "woocommerce").await.remove(0));
    let redact = json!({ "shop_id": 1, "shop_domain": "example.myshopify.com" }).to_string();
    assert_eq!(shopify(&stage, "shop/redact", redact.as_bytes(), "another-key-0123456789").await.0, 401);
    stage.settle().await;
    let tasks = async || stage.administer("GET", "/v1/tasks", "").await["tasks"].clone();
    assert_eq!(tasks().await, json!([]), "nobody signed it");
    assert!(is_kept(&stage, &order["id"]).await);
    assert_eq!(shopify(&stage, "shop/redact", redact.as_bytes(), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    stage.administer("POST", "/v1/connectors/shopify/replay", &json!({ "which": "all" }).to_string()).await;
    stage.settle().await;
    let tasks = stage.administer("GET", "/v1/tasks", "").await["tasks"].clone();
    assert_eq!(tasks.as_array().map(Vec::len), Some(1), "read again, the request finds its task: {tasks}");
    assert_eq!(tasks[0]["because"], "shopify passed it on, after its app was removed from the shop");
    let lines = tasks[0]["history"].to_string();
    assert!(
        lines.contains("to be done until 2026-04-01T10:00:00Z") && lines.contains("/v1/connectors/shopify"),
        "{lines}"
    );
    assert!(!is_kept(&stage, &order["id"]).await, "its bodies are removed");
    assert!(is_kept(&stage, &other["id"]).await, "those of another system stay");
    let latest = read(&stage, "shopify").await.remove(0);
    assert_eq!((&latest["topic"], &latest["outcome"]), (&json!("shop/redact"), &json!("shop")));
    assert_eq!(worth(&stage, ANNA).await, 3_830, "a webhook alone erases nobody");
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_erasure_takes_the_bodies_that_mention_the_customer_and_an_export_shows_them() {
    let mut stage = with_shopify().await;
    connect(&stage, "woocommerce", json!({ "secrets": [WOOCOMMERCE_KEY] })).await;
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    // A body of which nothing is taken in, and which names her address all the same.
    let ignored = json!({ "id": 1, "email": "anna@example.com", "note": "purchasing" }).to_string();
    assert_eq!(shopify(&stage, "customers/purchasing_summary", ignored.as_bytes(), SHOPIFY_KEY).await.0, 200);
    // One that names her by her number alone, written as people do.
    let by_phone = json!({ "id": 2, "phone": "+49 (155) 50 000-001", "note": "purchasing" }).to_string();
    assert_eq!(shopify(&stage, "customers/purchasing_summary", by_phone.as_bytes(), SHOPIFY_KEY).await.0, 200);
    assert_eq!(woocommerce(&stage, "order.updated", &own("woocommerce/order-updated.json")).await.0, 200);
    stage.settle().await;
    let (annas, bos) = (read(&stage, "shopify").await, read(&stage, "woocommerce").await);
    assert_eq!((annas.len(), bos.len()), (3, 1));
    let exported = stage.administer("GET", &format!("/v1/customers/{ANNA}/export"), "").await;
    let deliveries = exported["deliveries"].as_array().expect("deliveries");
    assert_eq!(deliveries.len(), 3, "{exported}");
    assert!(deliveries.iter().any(|one| one["body"]["name"] == "TEA-204"), "{deliveries:?}");
    let erased = stage.administer("DELETE", &format!("/v1/customers/{ANNA}"), "").await;
    assert_eq!((&erased["erased"], &erased["removed"]["deliveries"]), (&json!(true), &json!(3)), "{erased}");
    for one in &annas {
        assert!(!is_kept(&stage, &one["id"]).await, "{one}");
    }
    assert!(is_kept(&stage, &bos[0]["id"]).await, "another customer's stays");
    assert!(read(&stage, "shopify").await.is_empty());
    let order = rekindle_lifecycle::id::OrderId::parse(ORDER).expect("an id");
    assert_eq!(stage.stack.store.placed_by(&key(ANNA).shop, &order).await.expect("looked up"), None);
    // The same order again is from before: nothing of it comes back.
    stage.skip("1h");
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    assert!(facts(&stage, ANNA).await.is_empty());
    stage.administer("DELETE", &format!("/v1/customers/{}", guest(&stage, "bo@example.com")), "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_read_after_its_customer_was_erased_is_not_kept() {
    let mut stage = with_shopify().await;
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    let mut later = own_json("shopify/orders-paid.json");
    later["note"] = json!("please hurry");
    assert_eq!(shopify(&stage, "orders/updated", later.to_string().as_bytes(), SHOPIFY_KEY).await.0, 200);
    // The erasure comes between the answer and the reading.
    stage.administer("DELETE", &format!("/v1/customers/{ANNA}"), "").await;
    stage.settle().await;
    let read = read(&stage, "shopify").await;
    assert_eq!(read.len(), 1);
    assert!(!is_kept(&stage, &read[0]["id"]).await);
    assert!(facts(&stage, ANNA).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_large_body_is_kept_in_parts_a_shop_may_keep_none_and_a_person_s_request_opens_a_task() {
    let mut stage = with_shopify().await;
    let mut large = own_json("shopify/orders-paid.json");
    // Text that does not compress.
    let noise: String =
        (0..12_000_u32).map(|number| Base64::encode_string(&mac("noise", &[&number.to_be_bytes()]))).collect();
    large["note"] = json!(noise);
    let large = large.to_string().into_bytes();
    assert!(large.len() > 500_000, "{}", large.len());
    assert_eq!(shopify(&stage, "orders/paid", &large, SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    assert_eq!(worth(&stage, ANNA).await, 3_830);
    assert!(is_kept(&stage, &read(&stage, "shopify").await[0]["id"]).await);

    let redact = json!({
        "shop_domain": "example.myshopify.com", "customer": { "id": 7_300_000_000_000_000_001_u64, "email": "anna@example.com" },
        "orders_to_redact": [],
    });
    stage.skip("1m");
    assert_eq!(shopify(&stage, "customers/redact", redact.to_string().as_bytes(), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    // Read again, the request finds its task.
    stage.administer("POST", "/v1/connectors/shopify/replay", &json!({ "which": "all" }).to_string()).await;
    stage.settle().await;

    connect(&stage, "shopify", json!({ "keep_days": 0 })).await;
    stage.skip("2m");
    let mut redact = redact;
    redact["data_request"] = json!({ "id": 1 });
    assert_eq!(shopify(&stage, "customers/redact", redact.to_string().as_bytes(), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    let latest = read(&stage, "shopify").await.remove(0);
    assert_eq!(latest["outcome"], "person", "{latest}");
    assert!(!is_kept(&stage, &latest["id"]).await, "no body is kept");
    // A repetition is known.
    assert_eq!(shopify(&stage, "customers/redact", redact.to_string().as_bytes(), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    let tasks = stage.administer("GET", "/v1/tasks", "").await;
    assert_eq!(tasks["tasks"].as_array().map(Vec::len), Some(2), "one for each request: {tasks}");
    let task = tasks["tasks"].as_array().and_then(|tasks| tasks.first()).expect("a task").clone();
    assert_eq!(task["because"], "shopify passed it on", "{task}");
    assert!(!stage.customer(ANNA).await.folded.orders.recent().is_empty(), "a webhook alone erases nothing");
}

//! Posting the same events again changes nothing.

use super::{Shop, example};
use serde_json::json;

#[tokio::test]
async fn posting_twice_leaves_the_same_items_with_the_same_bytes() {
    let shop = Shop::new().await;
    let bad =
        json!({"batch": [{"type": "page"}, {"type": "page", "userId": "c1", "timestamp": "2026-11-22T11:00:00Z"}]});
    let post_all = async || {
        for name in ["batch", "library-analytics-python", "library-analytics-node"] {
            assert_eq!(shop.post("/v1/batch", example(name)).await.status, 200);
        }
        shop.post("/v1/batch", bad.to_string()).await;
    };
    post_all().await;
    let first = shop.items().await;
    post_all().await;
    assert_eq!(shop.items().await, first);
    // Those of the examples, a refused event, and its day.
    assert_eq!(first.len(), 2 + 9 + 10 + 2 + 1);
}

#[tokio::test]
async fn an_event_with_a_known_id_and_other_content_is_stored_beside_the_first() {
    let shop = Shop::new().await;
    for total in [10, 11] {
        let body = example("order-updated").replace("32.50", &format!("{total}.00"));
        assert_eq!(shop.post("/v1/track", body).await.status, 200);
    }
    let facts = shop.facts().await;
    assert_eq!(facts.len(), 2);
    assert_eq!(facts[0].1.id, facts[1].1.id);
}

#[tokio::test]
async fn a_usual_order_costs_one_write_unit_and_its_repetition_one_more() {
    let shop = Shop::new().await;
    shop.post("/v1/track", example("page").replace("customer-42", "other")).await;
    shop.rig.store.capacity().take();
    for _ in 0..2 {
        shop.post("/v1/track", example("order-completed")).await;
        let used = shop.rig.store.capacity().take();
        assert_eq!((used.read, used.write), (0.0, 1.0));
    }
}

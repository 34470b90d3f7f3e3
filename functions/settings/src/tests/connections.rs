//! Connections to shop systems, as their owners see them.

use super::rig;
use rekindle_testing::builders::shop;
use serde_json::{Value, json};

const SECRET: &str = "whsec-very-secret-123";

#[tokio::test]
async fn a_key_is_stored_sealed_and_is_in_no_answer() {
    let rig = rig().await;
    let body = json!({ "secrets": [SECRET], "currency": "EUR", "settings": { "checkout_box_is_consent": true } });
    let stored = rig.json("PUT", "/v1/connectors/shopify", &body.to_string()).await;
    let again = rig.json("PUT", "/v1/connectors/shopify", &json!({ "keep_days": 30 }).to_string()).await;
    let one = rig.json("GET", "/v1/connectors/shopify", "").await;
    let all = rig.json("GET", "/v1/connectors", "").await;
    for answer in [&stored, &again, &one, &all] {
        assert!(!answer.to_string().contains(SECRET), "{answer}");
    }
    assert_eq!((&one["keys"], &one["keep_days"]), (&json!(1), &json!(30)));
    assert_eq!(all["connections"][0]["last_delivery_at"], Value::Null);
    let kept = rig.store.connection(&shop(), "shopify").await.expect("read").expect("there").to_string();
    assert!(!kept.contains(SECRET), "{kept}");
}

#[tokio::test]
async fn a_connection_that_cannot_be_used_is_refused_and_the_stored_one_stays() {
    let rig = rig().await;
    rig.json("PUT", "/v1/connectors/stripe", &json!({ "secrets": [SECRET] }).to_string()).await;
    for (body, said) in [
        (json!({ "secrets": [] }), "secrets has 0 keys"),
        (json!({ "keep_days": 400 }), "keep_days is 400"),
        (json!({ "mapping": "stripe-sessions" }), "mapping is not read for Stripe"),
    ] {
        let detail = rig.refused(422, "PUT", "/v1/connectors/stripe", &body.to_string()).await;
        assert!(detail.contains(said), "{detail}");
    }
    assert_eq!(rig.json("GET", "/v1/connectors/stripe", "").await["keys"], 1);
    rig.refused(422, "PUT", "/v1/connectors/shopify", "{}").await;
    rig.refused(404, "GET", "/v1/connectors/shopify", "").await;
    rig.json("DELETE", "/v1/connectors/stripe", "").await;
    rig.refused(404, "DELETE", "/v1/connectors/stripe", "").await;
}

#[tokio::test]
async fn a_mapping_is_tried_on_a_body_step_by_step_before_there_is_a_connection() {
    let rig = rig().await;
    let mapping = json!({
        "version": 1, "name": "own shop", "verify": { "scheme": "basic" },
        "rules": [{
            "name": "order", "event": "'Order Completed'", "required": ["properties.order_id"],
            "drop_if": [{ "expression": "body.test", "because": "a test order" }],
            "fields": { "properties.order_id": "body.no", "properties.total": "body.sum", "userId": "body.customer" },
        }],
    });
    let tried = async |body: Value| {
        let asked = json!({ "mapping": mapping, "body": body }).to_string();
        rig.json("POST", "/v1/connectors/own-shop/try", &asked).await["tried"][0]["steps"][0].clone()
    };
    let event = tried(json!({ "no": "A-1", "sum": "12.50", "customer": "7" })).await;
    assert_eq!(event["event"]["properties"]["order_id"], "A-1", "{event}");
    assert_eq!(tried(json!({ "no": "A-1", "test": true })).await["dropped"], "a test order");
    assert_eq!(tried(json!({ "sum": 1 })).await["failed"]["field"], "properties.order_id");
    let without_either = json!({ "body": {} }).to_string();
    rig.refused(404, "POST", "/v1/connectors/own-shop/try", &without_either).await;
}

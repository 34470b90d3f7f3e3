//! Shop systems as the flows see them: what they post, signed, and what became of it.

use crate::stage::{Stage, key};
use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::identity::email_guest;
use rekindle_local_stack::SHOP;
use rekindle_store::keys;
use rekindle_store::webhooks::deliveries::DeliveryKey;
use serde_json::{Value, json};
use sha2::Sha256;
use std::path::PathBuf;

/// The keys that the shop systems of these flows sign with.
pub(crate) const SHOPIFY_KEY: &str = "shopify-key-0123456789";
pub(crate) const WOOCOMMERCE_KEY: &str = "woocommerce-key-0123456789";
pub(crate) const STRIPE_KEY: &str = "whsec_0123456789abcdef";
pub(crate) const ANNA: &str = "7300000000000000001";
pub(crate) const ORDER: &str = "5500000000000000123";

/// One of the repository's own deliveries.
pub(crate) fn own(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../events/webhooks").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn own_json(name: &str) -> Value {
    serde_json::from_slice(&own(name)).expect("JSON")
}

pub(crate) fn mac(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    Base64::encode_string(&mac(secret, &[body]))
}

/// Posts to the API as a shop system does; status and answer.
pub(crate) async fn post(stage: &Stage, path: &str, headers: &[(&str, String)], body: &[u8]) -> (u16, Value) {
    let url = format!("{}{path}", stage.url);
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let body = body.to_vec();
    let call = tokio::task::spawn_blocking(move || {
        let mut request = ureq::post(&url).config().http_status_as_error(false).build();
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut answer = request.send(&body[..]).expect("an answer");
        let text = answer.body_mut().read_to_string().expect("a text");
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
    });
    call.await.expect("no panic")
}

pub(crate) async fn shopify(stage: &Stage, topic: &str, body: &[u8], secret: &str) -> (u16, Value) {
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("X-Shopify-Topic", topic.to_owned()),
        ("X-Shopify-Shop-Domain", "example.myshopify.com".to_owned()),
        ("X-Shopify-Hmac-Sha256", signature(secret, body)),
    ];
    post(stage, &format!("/v1/webhooks/shopify/{SHOP}"), &headers, body).await
}

pub(crate) async fn woocommerce(stage: &Stage, topic: &str, body: &[u8]) -> (u16, Value) {
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("X-WC-Webhook-Topic", topic.to_owned()),
        ("X-WC-Webhook-Source", "https://shop.example/".to_owned()),
        ("X-WC-Webhook-Signature", signature(WOOCOMMERCE_KEY, body)),
    ];
    post(stage, &format!("/v1/webhooks/woocommerce/{SHOP}"), &headers, body).await
}

pub(crate) async fn stripe(stage: &Stage, body: &[u8]) -> (u16, Value) {
    let at = stage.now().as_second().to_string();
    let signed = base16ct::lower::encode_string(&mac(STRIPE_KEY, &[at.as_bytes(), b".", body]));
    let headers =
        [("content-type", "application/json".to_owned()), ("Stripe-Signature", format!("t={at},v1={signed}"))];
    post(stage, &format!("/v1/webhooks/stripe/{SHOP}"), &headers, body).await
}

pub(crate) async fn connect(stage: &Stage, connector: &str, said: Value) -> Value {
    stage.administer("PUT", &format!("/v1/connectors/{connector}"), &said.to_string()).await
}

/// A stack whose shop is connected to Shopify.
pub(crate) async fn with_shopify() -> Stage {
    let stage = Stage::new().await;
    connect(&stage, "shopify", json!({ "secrets": [SHOPIFY_KEY] })).await;
    stage
}

/// The order of Shopify with a total, as it was at a time.
pub(crate) fn order_with(total: &str, updated_at: &str) -> Vec<u8> {
    let mut order = own_json("shopify/orders-paid.json");
    order["total_price"] = json!(total);
    order["total_price_set"]["shop_money"]["amount"] = json!(total);
    order["total_price_set"]["presentment_money"]["amount"] = json!(total);
    order["updated_at"] = json!(updated_at);
    order.to_string().into_bytes()
}

pub(crate) async fn facts(stage: &Stage, customer: &str) -> Vec<Fact> {
    stage.stack.store.facts_of(&key(customer)).all().await.expect("facts")
}

/// What a customer's orders are worth, in minor units of all currencies together.
pub(crate) async fn worth(stage: &Stage, customer: &str) -> i64 {
    stage.customer(customer).await.folded.orders.value().values().sum()
}

pub(crate) fn guest(stage: &Stage, address: &str) -> String {
    let address = EmailAddress::parse(address).expect("an address");
    let fingerprint = stage.stack.handlers.hooks.link_keys.email_fingerprint(&address);
    email_guest(&fingerprint).expect("an id").to_string()
}

/// What became of the deliveries of a connection, the latest first.
pub(crate) async fn read(stage: &Stage, connector: &str) -> Vec<Value> {
    let answer = stage.administer("GET", &format!("/v1/connectors/{connector}/deliveries"), "").await;
    answer["deliveries"].as_array().expect("a list").clone()
}

pub(crate) async fn waiting(stage: &Stage) -> usize {
    let mut found = 0;
    for shard in keys::unread_shards() {
        found += stage.stack.store.unread_before(&shard, Timestamp::MAX).await.expect("listed").len();
    }
    found
}

pub(crate) async fn is_kept(stage: &Stage, digest: &Value) -> bool {
    let key = DeliveryKey { shop: key(ANNA).shop, digest: digest.as_str().expect("an id").to_owned() };
    stage.stack.store.delivery(&key, stage.now()).await.expect("looked up").is_some()
}

/// A mapping of a system that signs with a header of its own.
pub(crate) fn mapping(order_id: &str) -> Value {
    json!({
        "version": 1, "name": "own shop",
        "verify": { "scheme": "hmac", "header": "X-Own-Signature", "encoding": "hex", "prefix": "sha256=" },
        "rules": [{
            "name": "paid order", "match": [{ "header": "X-Own-Event", "is": ["paid"] }],
            "event": "'Order Completed'", "required": ["properties.order_id"],
            "fields": {
                "properties.order_id": order_id, "properties.total": "body.sum|money('EUR')",
                "properties.currency": "'EUR'", "timestamp": "body.at|time", "context.traits.email": "body.buyer",
            },
        }],
    })
}

pub(crate) async fn own_shop(stage: &Stage, body: &Value) -> u16 {
    let body = body.to_string().into_bytes();
    let signed = base16ct::lower::encode_string(&mac("own-shop-key", &[&body]));
    let headers = [("X-Own-Event", "paid".to_owned()), ("X-Own-Signature", format!("sha256={signed}"))];
    post(stage, &format!("/v1/webhooks/own-shop/{SHOP}"), &headers, &body).await.0
}

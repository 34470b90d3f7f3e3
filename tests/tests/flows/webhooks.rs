//! Shop systems without code: what they post to a webhook becomes customers and orders, once, whatever happens on the way.

use crate::stage::{Stage, key};
use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::facts::{Event, Fact};
use rekindle_lifecycle::identity::email_guest;
use rekindle_local_stack::{HOOKS_QUEUE, SHOP};
use rekindle_store::keys;
use rekindle_store::webhooks::deliveries::DeliveryKey;
use serde_json::{Value, json};
use sha2::Sha256;
use std::path::PathBuf;

/// The keys that the shop systems of these flows sign with.
const SHOPIFY_KEY: &str = "shopify-key-0123456789";
pub(crate) const WOOCOMMERCE_KEY: &str = "woocommerce-key-0123456789";
const STRIPE_KEY: &str = "whsec_0123456789abcdef";
const ANNA: &str = "7300000000000000001";
const ORDER: &str = "5500000000000000123";

/// One of the repository's own deliveries.
fn own(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../events/webhooks").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn own_json(name: &str) -> Value {
    serde_json::from_slice(&own(name)).expect("JSON")
}

fn mac(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

fn signature(secret: &str, body: &[u8]) -> String {
    Base64::encode_string(&mac(secret, &[body]))
}

/// Posts to the API as a shop system does; status and answer.
async fn post(stage: &Stage, path: &str, headers: &[(&str, String)], body: &[u8]) -> (u16, Value) {
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

async fn shopify(stage: &Stage, topic: &str, body: &[u8], secret: &str) -> (u16, Value) {
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

async fn stripe(stage: &Stage, body: &[u8]) -> (u16, Value) {
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
async fn with_shopify() -> Stage {
    let stage = Stage::new().await;
    connect(&stage, "shopify", json!({ "secrets": [SHOPIFY_KEY] })).await;
    stage
}

/// The order of Shopify with a total, as it was at a time.
fn order_with(total: &str, updated_at: &str) -> Vec<u8> {
    let mut order = own_json("shopify/orders-paid.json");
    order["total_price"] = json!(total);
    order["total_price_set"]["shop_money"]["amount"] = json!(total);
    order["total_price_set"]["presentment_money"]["amount"] = json!(total);
    order["updated_at"] = json!(updated_at);
    order.to_string().into_bytes()
}

async fn facts(stage: &Stage, customer: &str) -> Vec<Fact> {
    stage.stack.store.facts_of(&key(customer)).all().await.expect("facts")
}

/// What a customer's orders are worth, in minor units of all currencies together.
async fn worth(stage: &Stage, customer: &str) -> i64 {
    stage.customer(customer).await.folded.orders.value().values().sum()
}

fn guest(stage: &Stage, address: &str) -> String {
    let address = EmailAddress::parse(address).expect("an address");
    let fingerprint = stage.stack.handlers.hooks.link_keys.email_fingerprint(&address);
    email_guest(&fingerprint).expect("an id").to_string()
}

/// What became of the deliveries of a connection, the latest first.
async fn read(stage: &Stage, connector: &str) -> Vec<Value> {
    let answer = stage.administer("GET", &format!("/v1/connectors/{connector}/deliveries"), "").await;
    answer["deliveries"].as_array().expect("a list").clone()
}

async fn waiting(stage: &Stage) -> usize {
    let mut found = 0;
    for shard in keys::unread_shards() {
        found += stage.stack.store.unread_before(&shard, Timestamp::MAX).await.expect("listed").len();
    }
    found
}

async fn is_kept(stage: &Stage, digest: &Value) -> bool {
    let key = DeliveryKey { shop: key(ANNA).shop, digest: digest.as_str().expect("an id").to_owned() };
    stage.stack.store.delivery(&key, stage.now()).await.expect("looked up").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_and_a_consent_of_shopify_are_those_of_its_customer() {
    let mut stage = with_shopify().await;
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    let consent = own("shopify/customers-email-consent.json");
    let topic = "customers_email_marketing_consent/update";
    assert_eq!(shopify(&stage, topic, &consent, SHOPIFY_KEY).await.0, 200);
    assert!(facts(&stage, ANNA).await.is_empty(), "the answer comes before anything is read");
    stage.settle().await;
    let anna = stage.customer(ANNA).await;
    assert_eq!(anna.folded.orders.recent().iter().map(|order| order.id.as_str()).collect::<Vec<_>>(), [ORDER]);
    assert_eq!(worth(&stage, ANNA).await, 3_830);
    let lines = facts(&stage, ANNA).await.into_iter().find_map(|fact| match fact.event {
        Event::Order(order) => Some(order.details.lines.kept.len()),
        _ => None,
    });
    assert_eq!(lines, Some(3));
    let shown = stage.administer("GET", &format!("/v1/customers/{ANNA}"), "").await;
    assert_eq!(shown["permissions"]["email"]["marketing"], true, "{shown}");
    let connection = stage.administer("GET", "/v1/connectors/shopify", "").await;
    assert_eq!(connection["last_delivery_at"], json!(stage.now()), "{connection}");
    assert_eq!(waiting(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_guest_of_woocommerce_is_known_by_their_address_and_its_ping_and_its_errors_are_no_orders() {
    let mut stage = Stage::new().await;
    stage.stack.store.put_policy(&key(ANNA).shop, "country = \"de\"").await.expect("valid");
    let consent = json!({ "consent_fields": [{ "key": "newsletter_box", "yes": ["1"] }] });
    let said = json!({ "secrets": [WOOCOMMERCE_KEY], "settings": consent });
    connect(&stage, "woocommerce", said).await;
    let form = [("content-type", "application/x-www-form-urlencoded".to_owned())];
    let path = format!("/v1/webhooks/woocommerce/{SHOP}");
    assert_eq!(post(&stage, &path, &form, b"webhook_id=142").await.0, 200, "the webhook can be switched on");
    assert_eq!(waiting(&stage).await, 0, "and nothing of it is kept");
    let mut order = own_json("woocommerce/order-updated.json");
    order["billing"]["phone"] = json!("030 1234567");
    let order = order.to_string().into_bytes();
    assert_eq!(woocommerce(&stage, "order.updated", &order).await.0, 200);
    assert_eq!(woocommerce(&stage, "order.updated", &own("woocommerce/error.json")).await.0, 200);
    stage.settle().await;
    let bo = guest(&stage, "bo@example.com");
    let customer = stage.customer(&bo).await;
    assert_eq!(customer.folded.orders.recent().len(), 1, "the error is none");
    assert_eq!(customer.folded.orders.recent()[0].id.as_str(), "41");
    let shown = stage.administer("GET", &format!("/v1/customers/{bo}"), "").await;
    assert_eq!(shown["permissions"]["email"]["marketing"], true, "{shown}");
    let read = read(&stage, "woocommerce").await;
    let refused = read.iter().find(|one| one["outcome"] == "refused").expect("the error is shown");
    assert!(refused["detail"].as_str().expect("words").contains("woocommerce_rest_cannot_view"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_stripe_is_an_order_and_its_refund_is_taken_off() {
    let mut stage = Stage::new().await;
    connect(&stage, "stripe", json!({ "secrets": [STRIPE_KEY] })).await;
    assert_eq!(stripe(&stage, &own("stripe/checkout-session-completed.json")).await.0, 200);
    stage.settle().await;
    let cy = guest(&stage, "cy@example.com");
    assert_eq!(worth(&stage, &cy).await, 2_590);
    stage.pass("1d").await;
    assert_eq!(stripe(&stage, &own("stripe/charge-refunded.json")).await.0, 200);
    stage.settle().await;
    assert_eq!(worth(&stage, &cy).await, 2_000, "{:?}", read(&stage, "stripe").await);
}

/// A mapping of a system that signs with a header of its own.
fn mapping(order_id: &str) -> Value {
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

async fn own_shop(stage: &Stage, body: &Value) -> u16 {
    let body = body.to_string().into_bytes();
    let signed = base16ct::lower::encode_string(&mac("own-shop-key", &[&body]));
    let headers = [("X-Own-Event", "paid".to_owned()), ("X-Own-Signature", format!("sha256={signed}"))];
    post(stage, &format!("/v1/webhooks/own-shop/{SHOP}"), &headers, &body).await.0
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn what_a_wrong_mapping_refused_counts_once_when_the_mapping_is_mended() {
    let mut stage = Stage::new().await;
    connect(&stage, "own-shop", json!({ "secrets": ["own-shop-key"], "mapping": mapping("body.number") })).await;
    let at = stage.now().to_string();
    for (no, buyer) in [("A-1", "dora@example.com"), ("A-2", "emil@example.com")] {
        assert_eq!(own_shop(&stage, &json!({ "no": no, "sum": "12.50", "buyer": buyer, "at": at })).await, 200);
    }
    stage.settle().await;
    let dora = guest(&stage, "dora@example.com");
    assert!(facts(&stage, &dora).await.is_empty());
    let before = read(&stage, "own-shop").await;
    assert!(before.iter().all(|one| one["outcome"] == "refused"), "{before:?}");
    let mended = mapping("body.no");
    let asked = json!({ "mapping": mended }).to_string();
    let tried = stage.administer("POST", "/v1/connectors/own-shop/try", &asked).await;
    let orders = tried["tried"].as_array().expect("a list").iter();
    let orders: Vec<_> = orders.map(|one| one["steps"][0]["event"]["properties"]["order_id"].as_str()).collect();
    assert!(orders.len() == 2 && orders.contains(&Some("A-1")) && orders.contains(&Some("A-2")), "{tried}");
    assert!(facts(&stage, &dora).await.is_empty(), "trying stores nothing");
    connect(&stage, "own-shop", json!({ "mapping": mended })).await;
    let replay = async |which: &str| {
        let asked = json!({ "which": which }).to_string();
        stage.administer("POST", "/v1/connectors/own-shop/replay", &asked).await["deliveries"].clone()
    };
    assert_eq!(replay("refused").await, 2);
    stage.settle().await;
    assert_eq!(worth(&stage, &dora).await, 1_250);
    let counted = facts(&stage, &dora).await;
    let replay = async |which: &str| {
        let asked = json!({ "which": which }).to_string();
        stage.administer("POST", "/v1/connectors/own-shop/replay", &asked).await["deliveries"].clone()
    };
    assert_eq!((replay("refused").await, replay("all").await), (json!(0), json!(2)));
    stage.settle().await;
    assert_eq!(facts(&stage, &dora).await, counted);
    assert!(read(&stage, "own-shop").await.iter().all(|one| one["outcome"] == "events"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shops_own_name_of_an_event_means_what_its_policy_says_on_every_road() {
    let mut stage = Stage::new().await;
    let mut named = mapping("body.no");
    named["rules"][0]["event"] = json!("'Neue Bestellung'");
    connect(&stage, "own-shop", json!({ "secrets": ["own-shop-key"], "mapping": named })).await;
    let policy = "[experiment]\nholdout = 0.0\n[event_names]\n\"Neue Bestellung\" = \"Order Completed\"\n";
    stage.administer("PUT", "/v1/policy", policy).await;
    let at = stage.now().to_string();
    let order = |customer: &str, order: &str| {
        json!({
            "type": "track", "event": "neue_bestellung", "userId": customer, "messageId": order, "timestamp": at,
            "properties": { "order_id": order, "total": "12.50", "currency": "EUR" },
        })
    };
    assert_eq!(stage.post("/v1/track", order("anna", "A-1")).await.0, 200);
    assert_eq!(stage.post("/v1/import", json!({ "batch": [order("bela", "B-1")] })).await.0, 200);
    let body = json!({ "no": "C-1", "sum": "12.50", "buyer": "dora@example.com", "at": at });
    assert_eq!(own_shop(&stage, &body).await, 200);
    stage.settle().await;
    for customer in ["anna".to_owned(), "bela".to_owned(), guest(&stage, "dora@example.com")] {
        assert_eq!(worth(&stage, &customer).await, 1_250, "{customer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_comes_twice_and_out_of_order_counts_once_with_its_latest_amount() {
    let mut stage = with_shopify().await;
    let newer = order_with("38.30", "2026-03-02T09:00:05+01:00");
    let older = order_with("99.90", "2026-03-02T08:00:00+01:00");
    for body in [&newer, &older, &newer, &older] {
        assert_eq!(shopify(&stage, "orders/updated", body, SHOPIFY_KEY).await.0, 200);
        stage.settle().await;
        assert_eq!(worth(&stage, ANNA).await, 3_830);
    }
    assert_eq!(stage.customer(ANNA).await.folded.orders.recent().len(), 1);
    assert_eq!(facts(&stage, ANNA).await.len(), 2);
    assert_eq!(read(&stage, "shopify").await.len(), 2, "each body is kept and read once");
    assert_eq!(waiting(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_keys_of_the_connection_open_it_and_what_they_did_not_sign_leaves_nothing() {
    let mut stage = with_shopify().await;
    connect(&stage, "stripe", json!({ "secrets": [STRIPE_KEY] })).await;
    let body = own("shopify/orders-paid.json");
    for secret in ["another-key-0123456789", STRIPE_KEY, "rk_write_0123"] {
        let (status, answer) = shopify(&stage, "orders/paid", &body, secret).await;
        assert_eq!(status, 401, "{answer}");
        assert!(answer["detail"].as_str().expect("a detail").contains("signature does not fit"), "{answer}");
    }
    let unsigned = [("X-Shopify-Topic", "orders/paid".to_owned())];
    assert_eq!(post(&stage, &format!("/v1/webhooks/shopify/{SHOP}"), &unsigned, &body).await.0, 401);
    let signed = [("X-Shopify-Hmac-Sha256", signature(SHOPIFY_KEY, &body))];
    for elsewhere in ["shopify/other-shop".to_owned(), format!("woocommerce/{SHOP}"), format!("shopify/{SHOP}%23x")] {
        let (status, answer) = post(&stage, &format!("/v1/webhooks/{elsewhere}"), &signed, &body).await;
        assert_eq!(status, 404, "{elsewhere}: {answer}");
    }
    stage.settle().await;
    assert_eq!((waiting(&stage).await, read(&stage, "shopify").await.len()), (0, 0));
    assert!(facts(&stage, ANNA).await.is_empty());
    assert_eq!(stage.administer("GET", "/v1/connectors/shopify", "").await["last_delivery_at"], Value::Null);

    // While a key is replaced, both fit; afterwards only the new one does.
    connect(&stage, "shopify", json!({ "secrets": ["the-new-key-0123456789", SHOPIFY_KEY] })).await;
    stage.skip("2m");
    for secret in ["the-new-key-0123456789", SHOPIFY_KEY] {
        assert_eq!(shopify(&stage, "orders/paid", &body, secret).await.0, 200);
    }
    connect(&stage, "shopify", json!({ "secrets": ["the-new-key-0123456789"] })).await;
    stage.skip("2m");
    assert_eq!(shopify(&stage, "orders/paid", &body, SHOPIFY_KEY).await.0, 401);
    stage.administer("DELETE", "/v1/connectors/shopify", "").await;
    stage.skip("2m");
    assert_eq!(shopify(&stage, "orders/paid", &body, "the-new-key-0123456789").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_order_is_kept_with_the_reason_and_costs_its_neighbours_nothing() {
    let mut stage = with_shopify().await;
    let mut test = own_json("shopify/orders-paid.json");
    test["test"] = json!(true);
    let too_long = vec![b' '; rekindle_store::webhooks::deliveries::MAX_BODY_BYTES + 1];
    let (status, answer) = shopify(&stage, "orders/paid", &too_long, SHOPIFY_KEY).await;
    assert_eq!(status, 413, "{answer}");
    let bodies: [&[u8]; 4] = [b"{\"id\":", b"\x1f\x8b\x08\x00garbage", b"[]", b""];
    for body in bodies {
        assert_eq!(shopify(&stage, "orders/paid", body, SHOPIFY_KEY).await.0, 200, "{body:?}");
    }
    assert_eq!(shopify(&stage, "orders/paid", test.to_string().as_bytes(), SHOPIFY_KEY).await.0, 200);
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    assert_eq!(worth(&stage, ANNA).await, 3_830, "the test order is none");
    let read = read(&stage, "shopify").await;
    let outcomes = |wanted: &str| read.iter().filter(|one| one["outcome"] == wanted).count();
    assert_eq!((outcomes("refused"), outcomes("test"), outcomes("events")), (4, 1, 1), "{read:?}");
    let day = stage.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (refused, _) = stage.stack.store.refused_on(&key(ANNA).shop, day, None).await.expect("listed");
    assert_eq!(refused.len(), 4, "{refused:?}");
    assert!(refused.iter().any(|one| one.reason.contains("is not JSON")), "{refused:?}");
    assert!(stage.stack.cloud.queues().is_empty(&format!("{HOOKS_QUEUE}-dead")).expect("a queue"));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_delivery_whose_message_is_lost_or_was_never_put_on_the_queue_is_found_again() {
    let mut stage = with_shopify().await;
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    stage.stack.cloud.queues().purge(HOOKS_QUEUE).expect("a queue");
    let refuses = Matching::Recipient(HOOKS_QUEUE.to_owned());
    stage.stack.cloud.faults().plan(Service::Sqs, 1, refuses, Fault::Refuse(400, "AccessDenied"));
    let consent = own("shopify/customers-email-consent.json");
    let topic = "customers_email_marketing_consent/update";
    assert_eq!(shopify(&stage, topic, &consent, SHOPIFY_KEY).await.0, 200, "it is durable without the queue");
    stage.settle().await;
    assert_eq!((facts(&stage, ANNA).await.len(), waiting(&stage).await), (0, 2));
    assert_eq!(hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept"), 0, "it may still be on its way");
    stage.skip("16m");
    assert_eq!(hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept"), 2);
    stage.settle().await;
    assert_eq!(worth(&stage, ANNA).await, 3_830);
    assert_eq!((facts(&stage, ANNA).await.len(), waiting(&stage).await), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_before_it_noted_that_it_read_does_the_same_once_more() {
    let mut stage = with_shopify().await;
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    let message = stage.stack.cloud.queues().receive(HOOKS_QUEUE, 1).expect("a queue").remove(0);
    let work = serde_json::from_str(&message.body).expect("work");
    let hooks = &stage.stack.handlers.hooks;
    assert_eq!(hooks.read_delivery(&work).await.expect("read"), hooks::Progress::Read);
    // As if the worker had stopped right after the facts: the notes that follow are gone.
    let read = read(&stage, "shopify").await.remove(0);
    let key = DeliveryKey { shop: key(ANNA).shop, digest: read["id"].as_str().expect("an id").to_owned() };
    let received_at = read["received_at"].as_str().and_then(|at| at.parse().ok()).expect("an instant");
    stage.stack.store.forget_read(&key, "shopify", received_at).await.expect("forgotten");
    let before = facts(&stage, ANNA).await;
    stage.skip("3m");
    assert_eq!(hooks.read_delivery(&work).await.expect("read"), hooks::Progress::Read);
    assert_eq!(hooks.read_delivery(&work).await.expect("known"), hooks::Progress::Known);
    assert_eq!(facts(&stage, ANNA).await, before);
    stage.settle().await;
    assert_eq!(worth(&stage, ANNA).await, 3_830);
}

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
pub(crate) async fn a_refund_that_names_only_its_order_waits_for_it_and_is_its_customers() {
    let mut stage = with_shopify().await;
    stage.pass_to("2026-03-05T10:00:00Z".parse().expect("an instant")).await;
    assert_eq!(shopify(&stage, "refunds/create", &own("shopify/refunds-create.json"), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    assert_eq!((waiting(&stage).await, read(&stage, "shopify").await.len()), (1, 0));
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    assert_eq!(worth(&stage, ANNA).await, 3_830);
    stage.skip("16m");
    hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept");
    stage.settle().await;
    assert_eq!((worth(&stage, ANNA).await, waiting(&stage).await), (3_030, 0));

    // One whose order never comes is refused after a day, where people see it.
    let mut stray = own_json("shopify/refunds-create.json");
    stray["order_id"] = json!(404);
    assert_eq!(shopify(&stage, "refunds/create", stray.to_string().as_bytes(), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    // When 32 hours are over, in minutes.
    for wait in ["16m", "1909m"] {
        stage.skip(wait);
        hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept");
        stage.settle().await;
    }
    assert_eq!(waiting(&stage).await, 0);
    let read = read(&stage, "shopify").await;
    let stray = read.iter().find(|one| one["outcome"] == "refused").expect("listed");
    assert!(stray["detail"].as_str().expect("words").contains("it is not known who placed this order"), "{stray}");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_takes_a_known_number_of_request_units() {
    let stage = with_shopify().await;
    let capacity = stage.stack.store.capacity();
    capacity.take();
    let order = own("shopify/orders-paid.json");
    assert_eq!(shopify(&stage, "orders/paid", &order, SHOPIFY_KEY).await.0, 200);
    let mut bill = String::new();
    let mut add = |step: &str| {
        let used = capacity.take();
        bill.push_str(&format!("{step:<58} {:>5.1} {:>5.1}\n", used.read, used.write));
    };
    add("first order of a minute: stored, connection looked up");
    let work = async || {
        let message = stage.stack.cloud.queues().receive(HOOKS_QUEUE, 1).expect("a queue").remove(0);
        serde_json::from_str(&message.body).expect("work")
    };
    stage.stack.handlers.hooks.read_delivery(&work().await).await.expect("read");
    add("first order of a minute: read");
    let next = order_with("38.30", "2026-03-02T09:30:00+01:00");
    assert_eq!(shopify(&stage, "orders/updated", &next, SHOPIFY_KEY).await.0, 200);
    add("the same order, changed: stored");
    stage.stack.handlers.hooks.read_delivery(&work().await).await.expect("read");
    add("the same order, changed: read");
    assert_eq!(shopify(&stage, "orders/updated", &next, SHOPIFY_KEY).await.0, 200);
    add("repetition: answered");
    stage.stack.handlers.hooks.read_delivery(&work().await).await.expect("known");
    add("repetition: recognised");
    assert_eq!(shopify(&stage, "orders/updated", &next, "another-key-0123456789").await.0, 401);
    add("wrong signature");
    hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept");
    add("sweep without anything that waits");
    insta::assert_snapshot!(bill);
}

/// The topic of a kept payload of Shopify, by the name of its file.
fn topic_of(name: &str) -> String {
    let (resource, rest) = name.split_once('-').unwrap_or((name, "create"));
    format!("{resource}/{}", rest.split('.').next().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kept_payload_is_taken_read_and_accounted_for() {
    let Some(cases) = std::env::var_os("REKINDLE_CASES") else {
        println!("skipped: REKINDLE_CASES is not set, so no kept payload is posted");
        return;
    };
    let cases = PathBuf::from(cases).join("connectors");
    let mut stage = with_shopify().await;
    connect(&stage, "woocommerce", json!({ "secrets": [WOOCOMMERCE_KEY] })).await;
    connect(&stage, "stripe", json!({ "secrets": [STRIPE_KEY] })).await;
    let mut posted = 0;
    for folder in ["shopify", "woocommerce", "others"] {
        let mut files: Vec<_> =
            std::fs::read_dir(cases.join(folder)).expect("a folder").map(|it| it.expect("a file").path()).collect();
        files.sort();
        for path in files.iter().filter(|path| path.extension().is_some_and(|it| it == "json" || it == "txt")) {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            let body = std::fs::read(path).expect("readable");
            let (status, answer) = match folder {
                "shopify" => shopify(&stage, &topic_of(name), &body, SHOPIFY_KEY).await,
                "woocommerce" => {
                    let topic = if name.starts_with("order") { "order.updated" } else { "product.updated" };
                    woocommerce(&stage, topic, &body).await
                }
                _ => stripe(&stage, &body).await,
            };
            assert_eq!(status, 200, "{name}: {answer}");
            posted += 1;
        }
    }
    assert!(posted > 60, "{posted} payloads");
    stage.settle().await;
    stage.skip("16m");
    hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept");
    stage.settle().await;
    let mut accounted = waiting(&stage).await;
    let mut orders = 0;
    for connector in ["shopify", "woocommerce", "stripe"] {
        let read = read(&stage, connector).await;
        accounted += read.len();
        orders += read.iter().filter(|one| one["outcome"] == "events").count();
    }
    assert_eq!(accounted, posted, "each is read, or waits for the order that it names");
    assert!(orders >= 15, "{orders} became events");
    assert!(stage.stack.cloud.queues().is_empty(&format!("{HOOKS_QUEUE}-dead")).expect("a queue"));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_product_of_shopify_is_kept_with_its_variants_and_what_it_has_no_more_is_discontinued() {
    let mut stage = Stage::new().await;
    connect(&stage, "shopify", json!({ "secrets": [SHOPIFY_KEY], "currency": "EUR" })).await;
    let whole = own_json("shopify/products-update.json");
    assert_eq!(shopify(&stage, "products/update", &whole.to_string().into_bytes(), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    let path = "/v1/products/9007199254740995";
    let shown = stage.administer("GET", path, "").await;
    assert_eq!((&shown["name"], &shown["said_by"]), (&json!("Assam"), &json!(["shop_system"])));
    let variants = shown["variants"].as_array().expect("a list");
    let of = |id: &str| variants.iter().find(|variant| variant["variant"] == id).expect("a variant");
    let small = of("9007199254740997");
    assert_eq!((&small["price"], &small["sale_price"]), (&json!("9.95"), &json!("8.95")));
    assert_eq!(small["availability"], "out_of_stock");
    assert_eq!(of("9007199254740998")["availability"], "in_stock");
    let mut without = whole.clone();
    without["variants"].as_array_mut().expect("a list").pop();
    without["updated_at"] = json!("2026-03-01T09:00:00Z");
    shopify(&stage, "products/update", &without.to_string().into_bytes(), SHOPIFY_KEY).await;
    // The older one, delivered late, brings nothing back.
    shopify(&stage, "products/update", &whole.to_string().into_bytes(), SHOPIFY_KEY).await;
    stage.settle().await;
    let shown = stage.administer("GET", path, "").await;
    let gone = shown["variants"].as_array().expect("a list").iter().find(|one| one["variant"] == "9007199254740998");
    assert_eq!(gone.expect("it is still known")["availability"], "discontinued");
}

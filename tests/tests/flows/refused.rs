//! What was refused is seen, and taken in again once its cause is gone: it counts once, whatever stops or repeats.

use crate::gate::{Gate, Stop};
use crate::stage::{Stage, key, order_at};
use jiff::tz::TimeZone;
use rekindle_lifecycle::contact::PhoneNumber;
use rekindle_lifecycle::identity::phone_guest;
use rekindle_lifecycle::stage::Stage as Lifecycle;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::shop::api_keys::Role;
use serde_json::{Value, json};

const WITH_COUNTRY: &str = "country = \"GB\"\n[experiment]\nholdout = 0.0\n";

/// An order whose customer has a number without a country code and nothing else: it can be read where the policy names a country.
fn by_number(stage: &Stage, order: &str) -> Value {
    let mut event = order_at("anna", order, stage.now());
    event.as_object_mut().expect("an object").remove("userId");
    event["context"]["traits"] = json!({ "phone": "020 7183 8750", "firstName": "Anna" });
    event
}

/// The id of the guest with that number.
fn guest(stage: &Stage) -> String {
    let number = PhoneNumber::parse("+442071838750").expect("a number");
    phone_guest(&stage.stack.handlers.admin.link_keys.phone_fingerprint(&number)).expect("an id").to_string()
}

async fn retry(stage: &Stage, body: &str) -> Value {
    stage.administer("POST", "/v1/refused/retry", body).await
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_order_that_was_refused_counts_once_after_the_setting_that_it_lacked() {
    let mut stage = Stage::new().await;
    let (status, _) = stage.post("/v1/track", by_number(&stage, "a1")).await;
    assert_eq!(status, 400);
    let (_, answer) = stage.post("/v1/batch", json!({ "batch": [by_number(&stage, "a2"), { "type": "buy" }] })).await;
    assert_eq!(answer["rejected"].as_array().map(Vec::len), Some(2), "{answer}");
    let listed = stage.administer("GET", "/v1/refused?reason=missing", "").await;
    assert_eq!(
        (&listed["groups"][0]["count"], &listed["groups"][0]["field"]),
        (&json!(2), &json!("userId")),
        "{listed}"
    );
    let id = listed["groups"][0]["sample"]["id"].as_str().expect("an id");
    stage.administer("GET", &format!("/v1/refused/{id}"), "").await;
    assert_eq!(retry(&stage, "{}").await["refused"], 3, "it still lacks it");
    // What an earlier version refused in other words is shown in the words of this one.
    let (store, day) = (&stage.stack.store, stage.now().to_zoned(TimeZone::UTC).date());
    let (all, _) = store.refused_on(&stage.stack.shop.id, day, None).await.expect("refused");
    let buy = all.into_iter().find(|refused| refused.body.contains("buy")).expect("it is there");
    let earlier = Refused { reason: "is nothing that is known".to_owned(), ..buy };
    store.put_refused(&stage.stack.shop.id, &[earlier]).await.expect("stored");
    assert_eq!(retry(&stage, r#"{"field":"type"}"#).await["refused"], 2);
    let listed = stage.administer("GET", "/v1/refused?field=type", "").await;
    assert_eq!(listed["groups"].as_array().map(Vec::len), Some(1), "both have one reason now: {listed}");
    stage.administer("PUT", "/v1/policy", WITH_COUNTRY).await;
    stage.skip("2m");
    let done = retry(&stage, r#"{"field":"userId"}"#).await;
    assert_eq!((&done["accepted"], &done["refused"]), (&json!(2), &json!(0)), "{done}");
    stage.pass("1h").await;
    let customer = stage.customer(&guest(&stage)).await;
    assert_eq!((customer.stage, customer.folded.orders.recent().len()), (Lifecycle::New, 2));
    assert_eq!(retry(&stage, "{}").await["accepted"], 0);
    stage.pass("1h").await;
    assert_eq!(stage.customer(&guest(&stage)).await.folded.orders.recent().len(), 2);
    assert_eq!(stage.overview().await.customers, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_stops_before_it_removed_the_event_is_repeated_without_a_second_order() {
    let gate = Gate::default();
    let put_up = gate.clone();
    let mut stage = Stage::with(move |stack| {
        stack.handlers.admin.store = put_up.store(stack.dynamodb(), stack.store.tables());
    })
    .await;
    stage.post("/v1/track", by_number(&stage, "a1")).await;
    stage.administer("PUT", "/v1/policy", WITH_COUNTRY).await;
    stage.skip("2m");
    gate.stop("BatchWriteItem", "DeleteRequest", 1, Stop::Refuse);
    assert_eq!(stage.try_to_administer("POST", "/v1/refused/retry", "{}").await.0, 503);
    stage.settle().await;
    assert_eq!(stage.customer(&guest(&stage)).await.folded.orders.recent().len(), 1, "it was stored before the stop");
    stage.skip("1h");
    assert_eq!(retry(&stage, "{}").await["accepted"], 1);
    stage.settle().await;
    let facts = stage.stack.store.facts_of(&key(&guest(&stage))).all().await.expect("facts");
    assert_eq!(facts.len(), 1, "the same bytes under the same key");
    assert_eq!(retry(&stage, "{}").await["accepted"], 0);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_device_that_browsed_with_a_public_key_joins_the_customer_whom_the_server_names_with_it() {
    let mut stage = Stage::new().await;
    let public = stage.stack.shop.new_key(&stage.stack.store, Role::Public, stage.now());
    let public = format!("Bearer {}", public.await.expect("a key"));
    let viewed = json!({
        "event": "Product Viewed", "anonymousId": "device-1", "userId": "anna", "messageId": "v1",
        "timestamp": stage.now().to_string(), "properties": { "product_id": "p1" },
        "context": { "traits": { "email": "mallory@example.com", "email_marketing_consent": true } },
    });
    let (status, answer) = stage.post_text("/v1/t", viewed.to_string(), Some(public.clone())).await;
    assert_eq!((status, &answer["accepted"]), (200, &json!(1)), "{answer}");
    stage.settle().await;
    assert_eq!(stage.customer("anna").await.version, 0, "whom the page names is nobody");
    let mut order = order_at("anna", "a1", stage.now());
    let (status, answer) = stage.post_text("/v1/t", order.to_string(), Some(public)).await;
    assert_eq!(status, 400, "{answer}");
    order["anonymousId"] = json!("device-1");
    stage.take(&[order]).await;
    stage.pass("2h").await;
    let anna = stage.administer("GET", "/v1/customers/anna", "").await;
    assert!(anna["other_ids"].to_string().contains("anonymous:device-1"), "{anna}");
    let timeline = stage.administer("GET", "/v1/customers/anna/timeline", "").await.to_string();
    assert!(timeline.contains("p1") && !timeline.contains("mallory"), "{timeline}");
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

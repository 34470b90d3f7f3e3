//! Calls become facts. What is read from one event is tested in `rekindle_inbound`.

use super::{Shop, example, gzip};
use base64ct::{Base64, Encoding};
use http::{Request, header};
use rekindle_lifecycle::facts::Event;
use rekindle_platform::gateway::Body;
use serde_json::json;
use std::fmt::Write;

#[tokio::test]
async fn each_event_of_a_call_becomes_its_fact() {
    let mut seen = String::new();
    for (name, path) in [
        ("order-completed", "track"),
        ("batch", "batch"),
        ("library-analytics-python", "batch"),
        ("library-analytics-node", "batch"),
    ] {
        let shop = Shop::new().await;
        let answered = shop.post(&format!("/v1/{path}"), example(name)).await;
        writeln!(seen, "{name}: {} {}", answered.status, answered.body).expect("written to memory");
        for (customer, fact) in shop.facts().await {
            let json = serde_json::to_string(&fact).expect("JSON");
            writeln!(seen, "  {} {json}", customer.customer).expect("written to memory");
        }
    }
    insta::assert_snapshot!(seen);
}

/// What the libraries send beside the body, as captured from `segment-analytics-python` 2.4.0 and
/// `@segment/analytics-node` 3.1.0.
#[tokio::test]
async fn the_requests_of_segments_libraries_are_served_as_they_are() {
    let shop = Shop::new().await;
    let basic = Base64::encode_string(format!("{}:", shop.rig.key).as_bytes());
    let python = example("library-analytics-python").replace("rk_write_0123456789abcdef", &shop.rig.key);
    let node = example("library-analytics-node").replace("rk_write_0123456789abcdef", &shop.rig.key);
    for (agent, encoding, body) in [
        ("analytics-python/2.4.0", None, Body::Text(python.clone())),
        ("analytics-python/2.4.0", Some("gzip"), Body::Binary(gzip(&python))),
        ("analytics-node-next/latest", None, Body::Text(node)),
    ] {
        let mut request = Request::post("/v1/batch")
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, agent);
        if let Some(encoding) = encoding {
            request = request.header(header::CONTENT_ENCODING, encoding);
        }
        let answered = shop.rig.send(request.body(body).expect("a request")).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
        assert_eq!(answered.json()["success"], true);
        assert_eq!(answered.json()["rejected"], serde_json::json!([]));
    }
    // The compressed batch of the Python library decompresses to its plain batch.
    // An alias is four facts: one for the id and one for the device, under both halves each.
    assert_eq!(shop.facts().await.len(), 6 + 3 + 7 + 3);
}

#[tokio::test]
async fn under_import_the_sender_s_clock_is_not_corrected() {
    let shop = Shop::new().await;
    let event = |id: &str| {
        format!(
            r#"{{"userId":"1","event":"Order Completed","messageId":"{id}","timestamp":"2020-02-01T10:00:00Z","sentAt":"2020-02-01T10:00:01Z","properties":{{"order_id":"{id}","total":5}}}}"#
        )
    };
    shop.post("/v1/track", event("live")).await;
    shop.post("/v1/import/track", event("history")).await;
    let at: Vec<_> = shop.facts().await.iter().map(|(_, fact)| (fact.id.clone(), fact.at.to_string())).collect();
    assert_eq!(
        at,
        [
            ("history".to_owned(), "2020-02-01T10:00:00Z".to_owned()),
            ("live".to_owned(), "2026-11-22T12:00:00Z".to_owned()),
        ]
    );
}

#[tokio::test]
async fn amounts_and_times_that_do_not_say_theirs_are_in_the_currency_and_the_zone_of_the_shops_policy() {
    let shop = Shop::new().await;
    let policy = "currency = \"eur\"\ntime_zone = \"Europe/Berlin\"";
    shop.rig.store.put_policy(&super::shop(), policy).await.expect("stored");
    let order = json!({
        "userId": "c1", "event": "Order Completed", "timestamp": "2026-11-22 11:30:00", "properties": {"order_id": "o1", "total": 5},
    });
    let answer = shop.post("/v1/track", order.to_string()).await.json();
    assert_eq!(answer["warnings"][0]["field"], "properties.currency", "{answer}");
    let stored = shop.facts().await.remove(0).1;
    assert_eq!(stored.at.to_string(), "2026-11-22T10:30:00Z");
    let Event::Order(order) = stored.event else { panic!("an order") };
    assert_eq!(order.amount.map(|amount| amount.to_string()).as_deref(), Some("5.00 EUR"));
}

#[tokio::test]
async fn a_number_without_a_country_code_is_of_the_country_of_the_shops_policy() {
    let shop = Shop::new().await;
    let event = |phone: &str| {
        format!(
            r#"{{"userId":"1","timestamp":"2026-11-22T11:00:00Z","messageId":"{phone}","traits":{{"phone":"{phone}"}}}}"#
        )
    };
    let without = shop.post("/v1/identify", event("020 7183 8750")).await.json();
    assert_eq!(without["warnings"][0]["field"], "traits.phone");
    // A policy is used for up to a minute; another instance sees the new one at once.
    let shop = Shop::new().await;
    shop.rig.store.put_policy(&super::shop(), "country = \"gb\"").await.expect("stored");
    let with = shop.post("/v1/identify", event("020 7183 8751")).await.json();
    assert_eq!(with["warnings"], serde_json::json!([]));
    let (_, fact) = shop.facts().await.remove(0);
    assert_eq!(fact.traits.phone.map(String::from).as_deref(), Some("+442071838751"));
}

#[tokio::test]
async fn what_is_left_out_of_an_event_is_stored_with_its_fact() {
    let shop = Shop::new().await;
    let event = r#"{"userId":"1","timestamp":"2026-11-22T11:00:00Z","traits":{"newsletter_opt_in":"perhaps","timezone":"Mars"}}"#;
    let answered = shop.post("/v1/identify", event).await.json();
    assert_eq!(answered["warnings"].as_array().map(Vec::len), Some(2));
    let (_, fact) = shop.facts().await.remove(0);
    let left_out: Vec<_> =
        fact.traits.left_out.iter().map(|one| (one.field.as_str(), one.reason.code().to_owned())).collect();
    assert_eq!(
        left_out,
        [
            ("traits.newsletter_opt_in", "unclear_email_consent".to_owned()),
            ("traits.timezone", "not_a_time_zone".to_owned()),
        ]
    );
    assert_eq!(fact.traits.email_consent, Some(false));
}

//! What browsers and phones send: where their libraries post it, with a key that anybody may read.

use super::{NOW, Shop, clock_at, example, guests, gzip};
use crate::Ingest;
use base64ct::{Base64, Encoding};
use http::{Request, header};
use jiff::Timestamp;
use rekindle_lifecycle::facts::Event;
use rekindle_platform::Throttle;
use rekindle_platform::gateway::Body;
use rekindle_store::shop::api_keys::Role;
use rekindle_testing::{Answer, Rig};
use serde_json::{Value, json};

/// The function, and a public key of the shop.
async fn public() -> Shop {
    Shop { rig: Rig::new(Role::Public, |store| Ingest::new(store, guests(), clock_at(NOW))).await }
}

fn event(of: &Value) -> Value {
    let mut whole =
        json!({ "anonymousId": "d1", "userId": "anna", "messageId": "m", "timestamp": "2026-11-22T11:59:00Z" });
    whole.as_object_mut().expect("an object").extend(of.as_object().expect("an object").clone());
    whole
}

async fn send(shop: &Shop, path: &str, headers: &[(header::HeaderName, String)], body: impl Into<Body>) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    shop.rig.send(request.body(body.into()).expect("a request")).await
}

#[tokio::test]
async fn every_way_in_of_the_libraries_leads_to_the_same_facts() {
    let shop = public().await;
    let key = shop.rig.key.clone();
    let basic = (header::AUTHORIZATION, format!("Basic {}", Base64::encode_string(format!("{key}:").as_bytes())));
    let text = (header::CONTENT_TYPE, "text/plain".to_owned());
    let kinds = [("t", "track"), ("i", "identify"), ("p", "page"), ("s", "screen"), ("g", "group")];
    for (number, (path, kind)) in kinds.into_iter().enumerate() {
        // The key is in the header, or in the body of a call without a preflight.
        let mut body = event(&json!({ "event": "Product Viewed", "messageId": format!("m{number}"), "type": kind }));
        let answered = send(&shop, &format!("/v1/{path}"), &[basic.clone(), text.clone()], body.to_string()).await;
        assert_eq!(
            (answered.status, answered.json()["accepted"].clone()),
            (200, json!(1)),
            "{path}: {}",
            answered.body
        );
        body["writeKey"] = json!(key);
        let again = send(&shop, &format!("/v1/{kind}"), std::slice::from_ref(&text), body.to_string()).await;
        assert_eq!(again.status, 200, "{kind}: {}", again.body);
        assert_eq!(shop.facts().await.len(), number + 1, "{kind} by either way");
    }
    let page = event(&json!({ "type": "page", "messageId": "b" }));
    let batch = json!({ "batch": [page], "sentAt": "2026-11-22T12:00:00Z", "writeKey": key });
    let beacon = format!("/beacon/v1/batch?writeKey={key}");
    for (path, headers) in [("/v1/b", vec![]), ("/v1/batch", vec![basic]), (beacon.as_str(), vec![text])] {
        let answered = send(&shop, path, &headers, batch.to_string()).await;
        assert_eq!(
            (answered.status, answered.json()["accepted"].clone()),
            (200, json!(1)),
            "{path}: {}",
            answered.body
        );
    }
    // Phones compress.
    let zipped = [(header::CONTENT_ENCODING, "gzip".to_owned())];
    assert_eq!(send(&shop, "/v1/b", &zipped, gzip(&batch.to_string())).await.status, 200);
    assert_eq!(shop.facts().await.len(), kinds.len() + 1);
    let (customers, facts): (Vec<_>, Vec<_>) = shop.facts().await.into_iter().unzip();
    assert!(customers.iter().all(|customer| customer.customer.as_str() == "anonymous:d1"), "{customers:?}");
    assert!(facts.iter().any(|fact| matches!(fact.event, Event::Shopping(_))));
}

#[tokio::test]
async fn a_secret_key_is_not_read_from_an_address_that_logs_may_keep() {
    let shop = Shop::new().await;
    let beacon = format!("/beacon/v1/batch?writeKey={}", shop.rig.key);
    assert_eq!(send(&shop, &beacon, &[], r#"{"batch":[]}"#).await.status, 401);
    assert_eq!(shop.post(&beacon, r#"{"batch":[]}"#).await.status, 200, "with the key in a header");
}

#[tokio::test]
async fn with_a_public_key_nobody_is_named_nothing_is_agreed_to_and_no_order_is_taken() {
    let shop = public().await;
    let traits = json!({ "email": "anna@example.com", "email_marketing_consent": true });
    let identify = event(&json!({ "type": "identify", "traits": traits }));
    let order =
        event(&json!({ "type": "track", "event": "Order Completed", "properties": { "order_id": "o1", "total": 9 } }));
    let alias = event(&json!({ "type": "alias", "previousId": "d1" }));
    let answered = shop.post("/v1/batch", json!({ "batch": [identify, order, alias] }).to_string()).await.json();
    assert_eq!((&answered["accepted"], &answered["warnings"][0]["field"]), (&json!(1), &json!("userId")), "{answered}");
    let refused: Vec<_> =
        answered["rejected"].as_array().expect("a list").iter().map(|one| one["reason"].as_str()).collect();
    assert!(
        refused[0].is_some_and(|reason| reason.starts_with("is \"Order Completed\", an order; a public key")),
        "{answered}"
    );
    assert!(refused[1].is_some_and(|reason| reason.starts_with("is alias")), "{answered}");
    let facts = shop.facts().await;
    assert_eq!(facts.len(), 1);
    let stored = format!("{} {}", facts[0].0.customer, serde_json::to_string(&facts[0].1).expect("JSON"));
    assert!(stored.starts_with("anonymous:d1") && !stored.contains("anna") && !stored.contains("consent"), "{stored}");
    let kept = shop.refused().await;
    assert!(kept.iter().all(|kept| kept.code.as_deref() == Some("not_allowed")), "{kept:?}");
    assert!(kept.iter().all(|kept| kept.call.as_ref().is_some_and(|call| call.public_key)));
    let single = shop.post("/v1/t", order.to_string()).await;
    assert_eq!((single.status, &single.json()["field"]), (400, &json!("event")));
    for path in ["/v1/import", "/v1/import/track"] {
        assert_eq!(shop.post(path, example("batch")).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn pages_of_any_origin_may_call_what_browsers_call_and_nothing_else() {
    let shop = public().await;
    let origin = |answer: &Answer| answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN).to_owned();
    for (path, for_pages) in
        [("/v1/t", true), ("/v1/track", true), ("/v1/batch", true), ("/v1/import", false), ("/v1/health", false)]
    {
        let asked = Request::options(path).header("origin", "https://shop.example");
        let asked = asked.header("access-control-request-headers", "authorization,content-type");
        let answered = shop.rig.send(asked.body(Body::Empty).expect("a request")).await;
        assert_eq!((answered.status, origin(&answered)), (204, if for_pages { "*" } else { "" }.to_owned()), "{path}");
        let headers = answered.header(header::ACCESS_CONTROL_ALLOW_HEADERS);
        let is_allowed = ["authorization", "content-type", "*"].iter().all(|name| headers.contains(name));
        assert_eq!(is_allowed, for_pages, "{path}: {headers}");
        assert_eq!(answered.header(header::ACCESS_CONTROL_ALLOW_METHODS).contains("POST"), for_pages, "{path}");
        assert_eq!(answered.header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS), "", "{path}");
    }
    // The page may read the reason, too.
    let refused = shop.post("/v1/t", "{").await;
    assert_eq!((refused.status, origin(&refused).as_str()), (400, "*"));
    let unknown = send(&shop, "/v1/b", &[], r#"{"batch":[]}"#).await;
    assert_eq!((unknown.status, origin(&unknown).as_str()), (401, "*"));
}

#[tokio::test]
async fn libraries_get_settings_that_lead_here_for_a_public_key_only() {
    let shop = public().await;
    let get = async |path: &str, host: &str| {
        shop.rig.send(Request::get(path).header("host", host).body(Body::Empty).expect("a request")).await
    };
    let path = format!("/v1/projects/{}/settings", shop.rig.key);
    let settings = get(&path, "events.shop.example").await;
    assert_eq!(settings.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    let own = &settings.json()["integrations"]["Segment.io"];
    assert_eq!((&own["apiHost"], &own["protocol"]), (&json!("events.shop.example/v1"), &json!("https")));
    assert_eq!(settings.json()["metrics"]["sampleRate"], json!(0));
    assert_eq!(get(&path, "127.0.0.1:8787").await.json()["integrations"]["Segment.io"]["protocol"], json!("http"));
    let source = get(&format!("/v1/sourceConfig/?p=npm&writeKey={}", shop.rig.key), "x.example").await;
    assert_eq!(source.json()["source"]["enabled"], json!(true));
    let secret = format!("rk_write_{}", "0".repeat(64));
    for path in [format!("/v1/projects/{secret}/settings"), format!("/v1/sourceConfig?writeKey={secret}")] {
        let refused = get(&path, "x.example").await;
        assert_eq!(refused.status, 403, "{path}");
        assert!(refused.json()["detail"].as_str().is_some_and(|detail| detail.contains("secret key")));
    }
    for path in ["/v1/projects/a%22b/settings", "/v1/sourceConfig", "/v1/projects/rk_public_%3Cb%3E/settings"] {
        assert_eq!(get(path, "x.example").await.status, 404, "{path}");
    }
    assert_eq!(get(&path, "a b").await.status, 400);
}

#[tokio::test]
async fn one_device_that_sends_without_end_waits_and_the_others_of_the_same_key_do_not() {
    let rig = Rig::new(Role::Public, |store| Ingest {
        visitors: Throttle::full(),
        ..Ingest::new(store, guests(), clock_at(NOW))
    });
    let shop = Shop { rig: rig.await };
    let visit = async |device: &str| {
        let page = event(&json!({ "anonymousId": device }));
        shop.post("/v1/p", page.to_string()).await
    };
    let mut served = 0;
    let refused = loop {
        let answered = visit("d1").await;
        if answered.status != 200 {
            break answered;
        }
        served += 1;
    };
    assert_eq!((served, refused.status), (120, 429), "a minute of two a second");
    assert!(!refused.header(header::RETRY_AFTER).is_empty());
    assert!(
        refused.json()["detail"].as_str().is_some_and(|detail| detail.starts_with("This visitor")),
        "{}",
        refused.body
    );
    assert_eq!(
        refused.header(header::ACCESS_CONTROL_EXPOSE_HEADERS),
        "retry-after",
        "libraries wait as long as it says"
    );
    assert_eq!(visit("d2").await.status, 200);
    let both =
        json!({ "batch": [event(&json!({ "type": "page", "anonymousId": "d3" })), event(&json!({ "type": "page" }))] });
    assert_eq!(shop.post("/v1/b", both.to_string()).await.status, 429, "whatever comes with it");
    // A server reports for all devices.
    let write = shop.rig.store.create_key(&super::shop(), Role::Write, Timestamp::UNIX_EPOCH).await.expect("a key");
    let page = event(&json!({})).to_string();
    assert_eq!(shop.rig.call_with(&format!("Bearer {write}"), "POST", "/v1/page", &page).await.0, 200);
}

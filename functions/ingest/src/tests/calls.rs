//! Errors of a whole call: path, method, key, size, encoding, an unreachable store.

use super::{Answer, NOW, Shop, clock_at, example, guests, gzip};
use crate::{Ingest, handle};
use base64ct::{Base64, Encoding};
use http::{Request, header};
use jiff::Timestamp;
use rekindle_platform::gateway::Body;
use rekindle_platform::{AwsEndpoints, Clients};
use rekindle_store::shop::api_keys::Role;
use rekindle_store::{Store, Tables};

fn basic(user: &str) -> String {
    format!("Basic {}", Base64::encode_string(format!("{user}:").as_bytes()))
}

#[tokio::test]
async fn a_key_is_required_and_read_from_basic_bearer_or_the_body() {
    let shop = Shop::new().await;
    let admin = shop.rig.store.create_key(&super::shop(), Role::Admin, Timestamp::UNIX_EPOCH).await.expect("a key");
    let unknown = format!("rk_write_{}", "0".repeat(64));
    let in_body = example("page").replacen('{', &format!("{{\"writeKey\":\"{}\",", shop.rig.key), 1);
    for (authorization, body, status) in [
        (Some(basic(&shop.rig.key)), example("page"), 200),
        (Some(format!("bearer {}", shop.rig.key)), example("page"), 200),
        (None, in_body, 200),
        (None, example("page"), 401),
        (Some("Basic !".to_owned()), example("page"), 401),
        (Some(basic(&unknown)), example("page"), 401),
        (Some(basic("guess")), "not even JSON".to_owned(), 401),
        (Some(basic(&admin)), example("page"), 403),
    ] {
        let mut request = Request::post("/v1/page");
        if let Some(authorization) = &authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let answered = shop.rig.send(request.body(Body::Text(body)).expect("a request")).await;
        assert_eq!(answered.status, status, "{authorization:?} {}", answered.body);
        if status == 401 {
            assert_eq!(answered.header(header::WWW_AUTHENTICATE), "Basic realm=\"write key\", Bearer");
        }
    }
    assert_eq!(shop.facts().await.len(), 1);
}

#[tokio::test]
async fn unknown_paths_and_methods_get_the_known_ones() {
    let shop = Shop::new().await;
    for (method, path, status, allow) in [
        ("GET", "/v1/health", 200, ""),
        ("GET", "/v1/track", 405, "POST, OPTIONS"),
        ("PUT", "/v1/import", 405, "POST, OPTIONS"),
        ("OPTIONS", "/v1/batch", 204, "POST, OPTIONS"),
        ("POST", "/v1/health", 405, "GET, OPTIONS"),
        ("POST", "/v1/nothing", 404, ""),
        ("POST", "/v1/importtrack", 404, ""),
        ("GET", "/", 404, ""),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::Empty).expect("a request");
        let answered = shop.rig.send(request).await;
        assert_eq!((answered.status, answered.header(header::ALLOW)), (status, allow), "{method} {path}");
        if status >= 400 {
            assert_eq!(answered.header(header::CONTENT_TYPE), "application/problem+json");
            assert_eq!(answered.json()["status"], status);
        }
    }
    for path in ["/v1/batch", "/v1/batch/", "/v1/import", "/v1/import/batch"] {
        assert_eq!(shop.post(path, example("batch")).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_body_is_bounded_before_and_after_it_is_uncompressed() {
    let shop = Shop::new().await;
    let padded = |length: usize| {
        let empty = r#"{"batch":[],"pad":""}"#;
        format!(r#"{{"batch":[],"pad":"{}"}}"#, "x".repeat(length - empty.len()))
    };
    assert_eq!(shop.post("/v1/batch", padded(500 * 1024)).await.status, 200);
    assert_eq!(shop.post("/v1/batch", padded(500 * 1024 + 1)).await.status, 413);
    assert_eq!(shop.post("/v1/track", padded(32 * 1024 + 1)).await.status, 413);
    let compressed = |bytes: Vec<u8>| {
        let request = Request::post("/v1/batch").header(header::AUTHORIZATION, basic(&shop.rig.key));
        request.header(header::CONTENT_ENCODING, "gzip").body(Body::Binary(bytes)).expect("a request")
    };
    assert_eq!(shop.rig.send(compressed(gzip(&padded(500 * 1024)))).await.status, 200);
    let bomb = gzip(&"0".repeat(50_000_000));
    assert!(bomb.len() < 100_000);
    assert_eq!(shop.rig.send(compressed(bomb)).await.status, 413);
    assert_eq!(shop.rig.send(compressed(b"plain".to_vec())).await.status, 400);
    let brotli =
        Request::post("/v1/batch").header(header::CONTENT_ENCODING, "br").body(Body::Empty).expect("a request");
    assert_eq!(shop.rig.send(brotli).await.status, 415);
    let many = format!(r#"{{"batch":[{}0]}}"#, "0,".repeat(2500));
    let answered = shop.post("/v1/batch", many).await;
    assert_eq!(
        (answered.status, &answered.json()["detail"]),
        (413, &"batch has 2501 events; at most 2500 are allowed.".into())
    );
}

#[tokio::test]
async fn when_the_store_cannot_be_reached_the_sender_is_asked_to_retry() {
    let nowhere = "http://127.0.0.1:1".to_owned();
    let client = Clients::local(&AwsEndpoints { dynamodb: nowhere.clone(), services: nowhere }).dynamodb();
    let ingest = Ingest::new(Store::new(client, Tables::with_prefix("test")), guests(), clock_at(NOW));
    let key = format!("rk_write_{}", "0".repeat(64));
    let request = Request::post("/v1/page").header(header::AUTHORIZATION, basic(&key));
    let answered = Answer::from(handle(&ingest, request.body(example("page").into()).expect("a request")).await);
    assert_eq!((answered.status, answered.header(header::RETRY_AFTER)), (503, "5"));
}

#[tokio::test]
async fn when_facts_cannot_be_stored_nothing_is_acknowledged() {
    let shop = Shop::new().await;
    assert_eq!(shop.post("/v1/page", example("page")).await.status, 200);
    shop.rig.client.delete_table().table_name("test-activity").send().await.expect("deleted");
    assert_eq!(shop.post("/v1/page", example("page")).await.status, 503);
}

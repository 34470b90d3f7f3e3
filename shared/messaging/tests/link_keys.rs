//! The link keys are read from their secret at start and again every five minutes: against a real server on this
//! machine, through the real client.

use aws_credential_types::Credentials;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Region};
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use rekindle_messaging::{KeyRing, LinkKeys, READ_AGAIN};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:link-keys";
const FIRST: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SECOND: &str = "//////////////////////////////////////////8=";

/// A secret that a test can change or make unreachable.
#[derive(Clone, Default)]
struct Secret(Arc<Mutex<Option<String>>>);

impl Secret {
    fn set(&self, text: Option<String>) {
        *self.0.lock().expect("the server did not panic") = text;
    }

    fn answer(&self) -> Response {
        match self.0.lock().expect("the server did not panic").clone() {
            Some(text) => axum::Json(json!({ "ARN": ARN, "Name": "link-keys", "SecretString": text })).into_response(),
            None => (StatusCode::BAD_REQUEST, axum::Json(json!({ "__type": "AccessDeniedException" }))).into_response(),
        }
    }
}

async fn client(secret: &Secret) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let secret = secret.clone();
    let router = Router::new().route("/", post(move || async move { secret.answer() }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::from_keys("id", "key", None))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn start() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("an instant")
}

fn rotated() -> String {
    let second = json!({ "id": 2, "secret": SECOND, "seals_from": "2026-11-22T12:15:00Z" });
    json!({ "keys": [second, { "id": 1, "secret": FIRST }], "fingerprints": FIRST }).to_string()
}

#[tokio::test]
async fn a_new_key_is_known_five_minutes_later_and_seals_from_its_time_on() {
    let secret = Secret::default();
    secret.set(Some(json!({ "secret": FIRST }).to_string()));
    let client = client(&secret).await;
    let keys = LinkKeys::load(ARN.to_owned(), || client, start()).await.expect("keys");
    secret.set(Some(rotated()));
    let current_after = async |minutes| keys.at(start() + SignedDuration::from_mins(minutes)).await.current_id();
    assert_eq!(current_after(4).await, 1);
    assert_eq!(format!("{:?}", keys.at(start() + READ_AGAIN).await), "KeyRing { current: 1, ids: [1, 2], .. }");
    assert_eq!(current_after(16).await, 2);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_again_leaves_the_known_keys_in_use() {
    let secret = Secret::default();
    secret.set(Some(json!({ "secret": FIRST }).to_string()));
    let client = client(&secret).await;
    let keys = LinkKeys::load(ARN.to_owned(), || client, start()).await.expect("keys");
    for unusable in [None, Some("{}".to_owned())] {
        secret.set(unusable);
        assert_eq!(keys.at(start() + READ_AGAIN * 2).await.current_id(), 1);
    }
    secret.set(Some(rotated()));
    assert_eq!(keys.at(start() + READ_AGAIN * 3).await.current_id(), 2, "it is tried again five minutes later");
}

#[tokio::test]
async fn without_the_secret_nothing_starts_and_the_reason_names_no_key() {
    let secret = Secret::default();
    let client = client(&secret).await;
    let refused = LinkKeys::load(ARN.to_owned(), || client, start()).await.expect_err("access is denied");
    assert_eq!(refused.to_string(), "the secret with the link keys could not be read; may the function read it?");
}

#[tokio::test]
async fn keys_that_are_written_out_need_no_client() {
    let ring = json!({ "secret": FIRST }).to_string();
    let keys = LinkKeys::load(ring.clone(), || unreachable!("no client"), start()).await.expect("keys");
    let known = KeyRing::parse(&ring, start()).expect("a ring");
    assert_eq!(keys.at(start()).await.fingerprint("email", "x"), known.fingerprint("email", "x"));
}

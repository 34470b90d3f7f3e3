//! The function as its callers see it.

mod policy;
#[path = "../../test_stage.rs"]
mod stage;
#[path = "../../test_store.rs"]
mod test_store;

use crate::{Settings, handle};
use http::{Request, Response};
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::policy::DEFAULT_POLICY;
use rekindle_platform::gateway::Body;
use rekindle_platform::{Clock, Throttle};
use rekindle_store::shop::api_keys::Role;
use serde_json::{Value, json};
use stage::{Answers, now, shop};

type Stage = stage::Stage<Settings>;

impl Answers for Settings {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        handle(self, request).await
    }
}

impl Stage {
    async fn new() -> Self {
        Self::of(|store| Settings { store, clock: Clock::from_fn(now), throttle: Throttle::none() }).await
    }
}

fn brand() -> Value {
    json!({
        "name": "Tea", "sender_address": "hello@tea.example", "sender_name": "Anna", "postal_address": "1 Leaf Lane",
        "shop_url": "https://tea.example",
    })
}

fn mail(subject: &str) -> String {
    let mjml = "<mj-text>Hello</mj-text>";
    json!({ "channel": "email", "subject": subject, "preheader": "", "mjml": mjml, "text": "Hello" }).to_string()
}

const JOURNEY: &str = r#"
[[journey]]
id = "hello"
trigger = "first_order"
purpose = "marketing"
priority = 1
[[journey.step]]
id = "one"
delay = "1h"
channel = "email"
template = "own-words"
"#;

#[tokio::test]
async fn only_the_admin_key_of_a_shop_opens_its_records() {
    let stage = Stage::new().await;
    let write = stage.store.create_key(&shop(), Role::Write, Timestamp::UNIX_EPOCH).await.expect("a key");
    for (authorization, expected) in [
        (String::new(), 401),
        ("Bearer nonsense".to_owned(), 401),
        (format!("Basic {}", stage.key), 401),
        (format!("Bearer {write}"), 403),
        (format!("bearer {}", stage.key), 200),
    ] {
        let (status, text) = stage.call_with(&authorization, "GET", "/v1/policy", "").await;
        assert_eq!(status, expected, "{text}");
        assert!(!text.contains(&stage.key) && !text.contains(&write));
    }
    let other = ShopId::parse("vinyl").expect("an id");
    let other = stage.store.create_key(&other, Role::Admin, Timestamp::UNIX_EPOCH).await.expect("a key");
    stage.call("PUT", "/v1/brand", &brand().to_string()).await;
    assert_eq!(stage.call_with(&format!("Bearer {other}"), "GET", "/v1/brand", "").await.0, 404);
}

#[tokio::test]
async fn a_policy_is_stored_as_it_was_written_or_refused_with_the_place_of_the_mistake() {
    let stage = Stage::new().await;
    assert_eq!(stage.call("GET", "/v1/policy", "").await, (200, DEFAULT_POLICY.to_owned()));
    let own = "# Ours\ntime_zone = \"Europe/Berlin\"\n";
    assert_eq!(stage.call("PUT", "/v1/policy", own).await.0, 200);
    for (text, place) in [
        ("time_zone = \"Europe/Berlin\"\n[stages]\nhoneymon = \"30d\"\n", "line 3"),
        ("[experiment]\nholdout = 2.0\n", "experiment.holdout: must be a share between 0 and 1 (line 2)"),
        ("holdout", "line 1"),
        ("time_zone = \"Mars\"", "line 1"),
    ] {
        let detail = stage.refused(422, "PUT", "/v1/policy", text).await;
        assert!(detail.contains(place), "{detail}");
    }
    assert_eq!(stage.call("GET", "/v1/policy", "").await, (200, own.to_owned()));
    assert_eq!(stage.call("PUT", "/v1/policy", "").await.0, 200);
}

#[tokio::test]
async fn a_policy_may_only_name_templates_that_exist_and_they_cannot_be_removed_under_it() {
    let stage = Stage::new().await;
    let detail = stage.refused(422, "PUT", "/v1/policy", JOURNEY).await;
    assert!(detail.contains("\"hello\", step \"one\", needs a template \"own-words\" for email"), "{detail}");
    // A template that only some customers could read is not enough.
    assert_eq!(stage.call("PUT", "/v1/templates/own-words/ru", &mail("Hi")).await.0, 200);
    stage.refused(422, "PUT", "/v1/policy", JOURNEY).await;
    assert_eq!(stage.call("PUT", "/v1/templates/own-words/en", &mail("Hi")).await.0, 200);
    assert_eq!(stage.call("PUT", "/v1/policy", JOURNEY).await.0, 200);
    let detail = stage.refused(409, "DELETE", "/v1/templates/own-words/en", "").await;
    assert!(detail.contains("own-words"), "{detail}");
    assert_eq!(stage.call("DELETE", "/v1/templates/own-words/ru", "").await.0, 200);
    let with_fallback = format!("{JOURNEY}fallback = \"sms\"\n");
    let detail = stage.refused(422, "PUT", "/v1/policy", &with_fallback).await;
    assert!(detail.contains("for sms"), "{detail}");
    let sms = json!({ "channel": "sms", "sms": "{{ brand.name }}: hi. Reply STOP to opt out" }).to_string();
    assert_eq!(stage.call("PUT", "/v1/templates/own-words/en", &sms).await.0, 200);
    assert_eq!(stage.call("PUT", "/v1/policy", &with_fallback).await.0, 200);
}

#[tokio::test]
async fn a_brand_is_checked_before_it_is_stored() {
    let stage = Stage::new().await;
    stage.refused(404, "GET", "/v1/brand", "").await;
    assert_eq!(stage.call("PUT", "/v1/brand", &brand().to_string()).await.0, 200);
    for (field, value, told) in [
        ("name", json!(""), "name must not be empty"),
        ("sender_address", json!("nobody"), "is not an e-mail address"),
        ("accent_colour", json!("red"), "accent_colour is not of the form"),
        ("colour", json!("red"), "unknown field `colour`"),
    ] {
        let mut wrong = brand();
        wrong[field] = value;
        let detail = stage.refused(422, "PUT", "/v1/brand", &wrong.to_string()).await;
        assert!(detail.contains(told), "{detail}");
    }
    let (_, stored) = stage.call("GET", "/v1/brand", "").await;
    assert_eq!(serde_json::from_str::<Value>(&stored).expect("JSON")["name"], "Tea");
}

#[tokio::test]
async fn a_broken_template_is_refused_with_its_line_and_what_was_there_stays() {
    let stage = Stage::new().await;
    let path = "/v1/templates/welcome-thanks/en-GB";
    assert_eq!(stage.call("PUT", path, &mail("Thanks")).await.0, 200);
    let mjml = "<mj-text>\n  Dear {{ first_nam }}\n</mj-text>";
    let broken = json!({ "channel": "email", "subject": "Hi", "preheader": "", "mjml": mjml, "text": "Hi" });
    let detail = stage.refused(422, "PUT", path, &broken.to_string()).await;
    assert!(detail.starts_with("mjml, line 2: "), "{detail}");
    assert!(stage.refused(400, "PUT", path, "{").await.contains("not JSON"));
    stage.refused(422, "PUT", "/v1/templates/Welcome/en", &mail("Hi")).await;
    stage.refused(400, "PUT", "/v1/templates/welcome-thanks/english", &mail("Hi")).await;

    let (_, stored) = stage.call("GET", path, "").await;
    let stored: Value = serde_json::from_str(&stored).expect("JSON");
    let mut written: Value = serde_json::from_str(&mail("Thanks")).expect("JSON");
    written["name"] = "welcome-thanks".into();
    written["language"] = "en-gb".into();
    assert_eq!(stored["email"], written, "as it was written, and no more");
    let (_, all) = stage.call("GET", "/v1/templates", "").await;
    let all: Value = serde_json::from_str(&all).expect("JSON");
    assert_eq!(all["templates"][0], written);
    assert_eq!(stage.call("DELETE", path, "").await.0, 200);
    stage.refused(404, "GET", path, "").await;
    stage.refused(404, "DELETE", path, "").await;
}

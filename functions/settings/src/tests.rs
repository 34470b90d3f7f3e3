//! The function as its callers see it.

mod connections;
mod policy;

use crate::{Settings, handle};
use http::{Request, Response};
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::policy::DEFAULT_POLICY;
use rekindle_messaging::KeyRing;
use rekindle_platform::gateway::Body;
use rekindle_platform::{AwsEndpoints, Clients, Clock, Throttle, WorkQueue};
use rekindle_store::shop::api_keys::Role;
use rekindle_store::shop::senders::Sender;
use rekindle_testing::builders::{LINK_KEYS, now, shop};
use rekindle_testing::{Handle, Rig};
use serde_json::{Value, json};
use std::sync::Arc;

impl Handle for Settings {
    async fn handle(&self, request: Request<Body>) -> Response<Body> {
        handle(self, request).await
    }
}

async fn rig() -> Rig<Settings> {
    let link_keys = Arc::new(KeyRing::parse(LINK_KEYS, Timestamp::UNIX_EPOCH).expect("link keys"));
    // Nothing is read again in these tests: flows do.
    let nowhere = "http://127.0.0.1:9".to_owned();
    let queue = Clients::local(&AwsEndpoints { dynamodb: nowhere.clone(), services: nowhere.clone() }).sqs();
    let hooks_queue = WorkQueue::new(queue, nowhere);
    let settings =
        |store| Settings { store, clock: Clock::from_fn(now), throttle: Throttle::none(), link_keys, hooks_queue };
    let rig = Rig::new(Role::Admin, settings).await;
    let sender = Sender::parse("hello@tea.example").expect("a sender");
    rig.store.grant_sender(&shop(), &sender).await.expect("granted");
    rig
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
    let rig = rig().await;
    let write = rig.store.create_key(&shop(), Role::Write, Timestamp::UNIX_EPOCH).await.expect("a key");
    for (authorization, expected) in [
        (String::new(), 401),
        ("Bearer nonsense".to_owned(), 401),
        (format!("Basic {}", rig.key), 401),
        (format!("Bearer {write}"), 403),
        (format!("bearer {}", rig.key), 200),
    ] {
        let (status, text) = rig.call_with(&authorization, "GET", "/v1/policy", "").await;
        assert_eq!(status, expected, "{text}");
        assert!(!text.contains(&rig.key) && !text.contains(&write));
    }
    let other = ShopId::parse("vinyl").expect("an id");
    let other = rig.store.create_key(&other, Role::Admin, Timestamp::UNIX_EPOCH).await.expect("a key");
    rig.call("PUT", "/v1/brand", &brand().to_string()).await;
    assert_eq!(rig.call_with(&format!("Bearer {other}"), "GET", "/v1/brand", "").await.0, 404);
}

#[tokio::test]
async fn a_policy_is_stored_as_it_was_written_or_refused_with_the_place_of_the_mistake() {
    let rig = rig().await;
    assert_eq!(rig.call("GET", "/v1/policy", "").await, (200, DEFAULT_POLICY.to_owned()));
    let own = "# Ours\ntime_zone = \"Europe/Berlin\"\n";
    assert_eq!(rig.call("PUT", "/v1/policy", own).await.0, 200);
    for (text, place) in [
        ("time_zone = \"Europe/Berlin\"\n[stages]\nhoneymon = \"30d\"\n", "line 3"),
        ("[experiment]\nholdout = 2.0\n", "experiment.holdout: must be a share between 0 and 1 (line 2)"),
        ("holdout", "line 1"),
        ("time_zone = \"Mars\"", "line 1"),
    ] {
        let detail = rig.refused(422, "PUT", "/v1/policy", text).await;
        assert!(detail.contains(place), "{detail}");
    }
    assert_eq!(rig.call("GET", "/v1/policy", "").await, (200, own.to_owned()));
    assert_eq!(rig.call("PUT", "/v1/policy", "").await.0, 200);
}

#[tokio::test]
async fn a_policy_may_only_name_templates_that_exist_and_they_cannot_be_removed_under_it() {
    let rig = rig().await;
    let detail = rig.refused(422, "PUT", "/v1/policy", JOURNEY).await;
    assert!(detail.contains("\"hello\", step \"one\", needs a template \"own-words\" for email"), "{detail}");
    // A template that only some customers could read is not enough.
    assert_eq!(rig.call("PUT", "/v1/templates/own-words/ru", &mail("Hi")).await.0, 200);
    rig.refused(422, "PUT", "/v1/policy", JOURNEY).await;
    assert_eq!(rig.call("PUT", "/v1/templates/own-words/en", &mail("Hi")).await.0, 200);
    assert_eq!(rig.call("PUT", "/v1/policy", JOURNEY).await.0, 200);
    let detail = rig.refused(409, "DELETE", "/v1/templates/own-words/en", "").await;
    assert!(detail.contains("own-words"), "{detail}");
    assert_eq!(rig.call("DELETE", "/v1/templates/own-words/ru", "").await.0, 200);
    let with_fallback = format!("{JOURNEY}fallback = \"sms\"\n");
    let detail = rig.refused(422, "PUT", "/v1/policy", &with_fallback).await;
    assert!(detail.contains("for sms"), "{detail}");
    let sms = json!({ "channel": "sms", "sms": "{{ brand.name }}: hi. Reply STOP to opt out" }).to_string();
    assert_eq!(rig.call("PUT", "/v1/templates/own-words/en", &sms).await.0, 200);
    assert_eq!(rig.call("PUT", "/v1/policy", &with_fallback).await.0, 200);
}

#[tokio::test]
async fn a_brand_is_checked_before_it_is_stored() {
    let rig = rig().await;
    rig.refused(404, "GET", "/v1/brand", "").await;
    assert_eq!(rig.call("PUT", "/v1/brand", &brand().to_string()).await.0, 200);
    for (field, value, told) in [
        ("name", json!(""), "name must not be empty"),
        ("sender_address", json!("nobody"), "is not an e-mail address"),
        ("sender_address", json!("hello@coffee.example"), "is no sender of this shop; granted are hello@tea.example."),
        ("accent_colour", json!("red"), "accent_colour is not of the form"),
        ("colour", json!("red"), "unknown field `colour`"),
    ] {
        let mut wrong = brand();
        wrong[field] = value;
        let detail = rig.refused(422, "PUT", "/v1/brand", &wrong.to_string()).await;
        assert!(detail.contains(told), "{detail}");
    }
    let (_, stored) = rig.call("GET", "/v1/brand", "").await;
    assert_eq!(serde_json::from_str::<Value>(&stored).expect("JSON")["name"], "Tea");
}

#[tokio::test]
async fn a_shop_from_before_there_were_grants_keeps_its_sender_and_a_new_one_needs_a_grant() {
    let rig = rig().await;
    let vinyl = ShopId::parse("vinyl").expect("an id");
    let key =
        format!("Bearer {}", rig.store.create_key(&vinyl, Role::Admin, Timestamp::UNIX_EPOCH).await.expect("a key"));
    let (status, told) = rig.call_with(&key, "PUT", "/v1/brand", &brand().to_string()).await;
    assert_eq!(status, 422, "{told}");
    assert!(told.contains("none is granted. The operator of the stack grants one"), "{told}");
    // As a version stored it that knew no grants.
    rig.store.put_setting(&vinyl, "brand", &brand()).await.expect("stored");
    let mut renamed = brand();
    renamed["name"] = json!("Tea and Cake");
    assert_eq!(rig.call_with(&key, "PUT", "/v1/brand", &renamed.to_string()).await.0, 200);
    renamed["sender_address"] = json!("hello@coffee.example");
    assert_eq!(rig.call_with(&key, "PUT", "/v1/brand", &renamed.to_string()).await.0, 422);
}

/// A mail whose heading has the colour of the shop's buttons.
fn coloured() -> String {
    let mjml = "<mj-text css-class=\"offer\" container-background-color=\"#f3f2ef\">\n\
                <p style=\"color:{{ brand.accent_colour }} !important;background:#ffffff !important\">Spring</p></mj-text>";
    json!({ "channel": "email", "subject": "Hi", "preheader": "", "mjml": mjml, "text": "Hello" }).to_string()
}

#[tokio::test]
async fn a_template_and_a_brand_whose_colours_cannot_be_read_together_are_refused_whichever_comes_last() {
    let rig = rig().await;
    let with_colour = |colour: &str| {
        let mut brand = brand();
        brand["accent_colour"] = colour.into();
        brand.to_string()
    };
    assert_eq!(rig.call("PUT", "/v1/brand", &with_colour("#ffd700")).await.0, 200);
    let detail = rig.refused(422, "PUT", "/v1/templates/spring/en", &coloured()).await;
    assert!(detail.contains("mjml, line 2: the text \"Spring\" in <p> has a contrast of 1.4"), "{detail}");
    assert!(detail.contains("(#ffd700 on #ffffff)"), "{detail}");
    assert_eq!(rig.call("PUT", "/v1/brand", &with_colour("#1f5f4f")).await.0, 200);
    assert_eq!(rig.call("PUT", "/v1/templates/spring/en", &coloured()).await.0, 200);
    let detail = rig.refused(422, "PUT", "/v1/brand", &with_colour("#ffd700")).await;
    assert!(
        detail.starts_with("accent_colour: with #ffd700 the template \"spring\" (en) cannot be used: mjml"),
        "{detail}"
    );
    // Built-in templates put a text on that colour which can be read on any.
    assert_eq!(rig.call("DELETE", "/v1/templates/spring/en", "").await.0, 200);
    assert_eq!(rig.call("PUT", "/v1/brand", &with_colour("#ffd700")).await.0, 200);
}

#[tokio::test]
async fn a_broken_template_is_refused_with_its_line_and_what_was_there_stays() {
    let rig = rig().await;
    let path = "/v1/templates/welcome-thanks/en-GB";
    assert_eq!(rig.call("PUT", path, &mail("Thanks")).await.0, 200);
    let mjml = "<mj-text>\n  Dear {{ first_nam }}\n</mj-text>";
    let broken = json!({ "channel": "email", "subject": "Hi", "preheader": "", "mjml": mjml, "text": "Hi" });
    let detail = rig.refused(422, "PUT", path, &broken.to_string()).await;
    assert!(detail.starts_with("mjml, line 2: "), "{detail}");
    assert!(rig.refused(400, "PUT", path, "{").await.contains("not JSON"));
    rig.refused(422, "PUT", "/v1/templates/Welcome/en", &mail("Hi")).await;
    rig.refused(400, "PUT", "/v1/templates/welcome-thanks/english", &mail("Hi")).await;

    let (_, stored) = rig.call("GET", path, "").await;
    let stored: Value = serde_json::from_str(&stored).expect("JSON");
    let mut written: Value = serde_json::from_str(&mail("Thanks")).expect("JSON");
    written["name"] = "welcome-thanks".into();
    written["language"] = "en-gb".into();
    assert_eq!(stored["email"], written, "as it was written, and no more");
    let (_, all) = rig.call("GET", "/v1/templates", "").await;
    let all: Value = serde_json::from_str(&all).expect("JSON");
    assert_eq!(all["templates"][0], written);
    assert_eq!(rig.call("DELETE", path, "").await.0, 200);
    rig.refused(404, "GET", path, "").await;
    rig.refused(404, "DELETE", path, "").await;
}

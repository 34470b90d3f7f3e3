//! API keys: a revoked key opens nothing a minute later in any function, and no key may send more than its limits
//! allow.

use crate::stage::{Stage, order};
use rekindle_local_stack::HTTP_FUNCTIONS;
use rekindle_platform::{KeyLimits, Scope, Scopes, Throttle};
use rekindle_store::Store;
use rekindle_store::shop::api_keys::{Role, hash_of};
use serde_json::json;

/// A stack whose functions enforce the limits of keys, as on Lambda.
async fn throttled() -> Stage {
    let change = |stack: &mut rekindle_local_stack::Stack| {
        stack.handlers.ingest.throttle = Throttle::full();
        stack.handlers.admin.throttle = Throttle::full();
        // As in two functions, each with a throttle of its own.
        stack.handlers.settings.throttle = Throttle::full();
    };
    Stage::with(change).await
}

/// The tables as another process sees them: the functions here do not notice its changes.
fn elsewhere(stage: &Stage) -> Store {
    Store::new(stage.stack.dynamodb().clone(), stage.stack.store.tables().clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_revoked_opens_nothing_sixty_seconds_later() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let body = json!({ "batch": [order("anna", "o1", stage.now())] }).to_string();
    let send = async || stage.call("POST", "/v1/batch", &shop.write, body.clone()).await.status;
    let look = async || {
        let statuses = ["/v1/brand", "/v1/tasks"].map(|path| stage.call("GET", path, &shop.admin, ""));
        let [settings, admin] = futures::future::join_all(statuses).await.try_into().expect("two answers");
        assert_eq!(settings.status, admin.status);
        admin.status
    };
    assert_eq!((send().await, look().await), (200, 200), "all functions know their key now");
    for key in [&shop.write, &shop.admin] {
        elsewhere(&stage).revoke_key(&shop.id, &hash_of(key)).await.expect("revoked");
    }
    stage.skip(59);
    let before = stage.items().await;
    assert_eq!((send().await, look().await), (200, 200), "remembered, as it is documented");
    stage.skip(1);
    assert_eq!((send().await, look().await), (401, 401));
    stage.skip(86_400);
    assert_eq!((send().await, look().await), (401, 401));
    assert_eq!(stage.items().await, before, "calls with a revoked key store nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_reaches_the_routes_whose_scope_it_has_and_no_other() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let routes: Vec<_> = HTTP_FUNCTIONS.iter().flat_map(|function| (function.routes)()).collect();
    for scope in Scope::ALL {
        let store = &stage.stack.store;
        let key = store.create_key(&shop.id, Role::Admin, stage.now()).await.expect("a key");
        store.scope_key(&shop.id, &hash_of(&key), Scopes::new(&[scope])).await.expect("scoped");
        for route in routes.iter().filter(|route| route.scope.is_some()) {
            let path = route.path.replace("{version}", "7").replace("{channel}", "sms").replace("{language}", "en");
            let answer = stage.call(route.methods[0], &path.replace(['{', '}', '+'], ""), &key, "").await;
            assert_ne!(answer.status, 401, "{} with {scope:?}: {answer:?}", route.id);
            let is_refused = answer.status == 403;
            assert_eq!(is_refused, route.scope != Some(scope), "{} with {scope:?}: {answer:?}", route.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_reaches_only_what_pages_call_and_leaves_nothing_of_a_person() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let key = stage.stack.store.create_key(&shop.id, Role::Public, stage.now()).await.expect("a key");
    // The console takes no key but that of its session, and no form but its own.
    let routes = HTTP_FUNCTIONS.iter().filter(|function| function.name != "console");
    for route in routes.flat_map(|function| (function.routes)()) {
        let path = route.path.replace("{version}", "7").replace("{channel}", "sms").replace("{language}", "en");
        let answer = stage.call(route.methods[0], &path.replace(['{', '}', '+'], ""), &key, "").await;
        let is_closed = route.scope.is_some_and(|scope| scope != Scope::Visit);
        assert_eq!(answer.status == 403, is_closed, "{}: {answer:?}", route.id);
    }
    let mark = "zerbinetta@example.com";
    let traits = json!({ "email": mark, "name": mark, "phone": "+442071837731", "email_marketing_consent": true });
    let events: Vec<_> = ["identify", "page", "screen", "group", "track", "alias"]
        .iter()
        .flat_map(|kind| {
            ["Product Added", "Signed Up", mark].map(|name| {
                json!({
                    "type": kind, "event": name, "name": mark, "userId": mark, "previousId": mark, "groupId": mark,
                    "anonymousId": "device-1", "messageId": format!("{kind} {name}").replace(mark, "x"), "traits": traits,
                    "properties": { "email": mark, "product_id": "p1", "url": format!("https://x.example/?e={mark}") },
                    "context": { "traits": traits, "page": { "title": mark, "url": format!("https://x.example/#{mark}") } },
                })
            })
        })
        .collect();
    let before = stage.items().await;
    let sent = json!({ "batch": events, "context": { "traits": traits } }).to_string();
    assert_eq!(stage.call("POST", "/v1/b", &key, sent).await.status, 200);
    stage.stack.store.facts_of(&crate::stage::key(&shop.id, "anonymous:device-1")).all().await.expect("facts");
    let items = stage.items().await;
    let stored: Vec<_> =
        items.iter().filter(|(key, _)| !before.contains_key(*key) && !key.contains("!quarantine#")).collect();
    assert!(stored.len() > 10, "{stored:?}");
    for (key, item) in stored {
        assert!(!key.contains("zerbinetta") && !item.contains("zerbinetta") && !item.contains("7731"), "{key}: {item}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_works_at_once_even_if_it_was_guessed_before() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let guess = format!("rk_admin_{}", "0".repeat(64));
    for wrong in [guess.as_str(), "rk_admin_", "rk_write_zz", "Bearer", &shop.write.to_uppercase(), &shop.admin[..72]] {
        assert_eq!(stage.call("GET", "/v1/brand", wrong, "").await.status, 401, "{wrong}");
    }
    assert_eq!(stage.call("GET", "/v1/brand", &shop.write, "").await.status, 403);
    assert_eq!(stage.call("POST", "/v1/track", &shop.admin, "{}").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_over_its_limit_gets_the_time_to_retry_and_other_keys_are_not_affected() {
    let stage = throttled().await;
    let (one, other) = (stage.shop("quartz", "Quartz").await, stage.shop("quartz-b7", "Other").await);
    let limits = KeyLimits { requests_per_second: 0.1, events_per_second: 1.0 };
    stage.stack.store.limit_key(&one.id, &hash_of(&one.write), limits).await.expect("limited");
    let number = std::sync::atomic::AtomicUsize::new(0);
    let batch = |size: usize| {
        let first = number.fetch_add(size, std::sync::atomic::Ordering::Relaxed);
        let events: Vec<_> =
            (first..first + size).map(|n| order(&format!("c{n}"), &format!("o{n}"), stage.now())).collect();
        json!({ "batch": events }).to_string()
    };
    // A minute's events at once, and a minute's again: the second is in debt for a minute.
    assert_eq!(stage.call("POST", "/v1/batch", &one.write, batch(59)).await.status, 200);
    assert_eq!(stage.call("POST", "/v1/batch", &one.write, batch(61)).await.status, 200);
    let before = stage.items().await;
    let refused = stage.call("POST", "/v1/batch", &one.write, batch(1)).await;
    assert_eq!((refused.status, refused.kind.as_str()), (429, "application/problem+json"));
    assert_eq!(refused.retry_after.as_deref(), Some("61"));
    let told = refused.json();
    assert_eq!(told["status"], json!(429));
    assert!(
        told["detail"].as_str().is_some_and(|told| told.contains("events") && told.contains("61 seconds")),
        "{told}"
    );
    assert_eq!(stage.items().await, before, "nothing of it was stored");
    assert_eq!(stage.call("POST", "/v1/batch", &other.write, batch(100)).await.status, 200);
    stage.skip(61);
    assert_eq!(stage.call("POST", "/v1/batch", &one.write, batch(1)).await.status, 200, "a later call succeeds");
    // Calls have a limit of their own, whatever their content.
    let statuses = async |count: usize| {
        let mut last = 0;
        for _ in 0..count {
            last = stage.call("POST", "/v1/track", &one.write, "{").await.status;
        }
        last
    };
    stage.skip(600);
    assert_eq!((statuses(6).await, statuses(1).await), (400, 429));
    // The limits are read again within a minute.
    elsewhere(&stage).limit_key(&one.id, &hash_of(&one.write), KeyLimits::DEFAULT).await.expect("lifted");
    stage.skip(60);
    assert_eq!(statuses(50).await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_key_has_its_limit_too() {
    let stage = throttled().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let limits = KeyLimits { requests_per_second: 0.05, events_per_second: 1.0 };
    stage.stack.store.limit_key(&shop.id, &hash_of(&shop.admin), limits).await.expect("limited");
    // A function each.
    for path in ["/v1/brand", "/v1/tasks"] {
        let look = async || stage.call("GET", path, &shop.admin, "").await;
        for _ in 0..3 {
            assert_eq!(look().await.status, 200, "{path}");
        }
        let refused = look().await;
        let told = refused.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert_eq!(
            (refused.status, refused.retry_after.is_some(), told.contains("requests")),
            (429, true, true),
            "{path}: {refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_by_a_client_library_meets_no_limit() {
    // A hundred thousand events in batches of a hundred, as fast as they can be sent: admitted within the minute's burst.
    let throttle = Throttle::full();
    let now = jiff::Timestamp::UNIX_EPOCH;
    for _ in 0..1_000 {
        throttle.admit("key", KeyLimits::DEFAULT, now).expect("let in");
        throttle.charge("key", 100, KeyLimits::DEFAULT, now);
    }
}
